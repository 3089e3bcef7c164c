"""The deep learning recommendation model (Naumov et al. 2019, arXiv:1906.00091)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, PositiveInt

from hwsim.spec.model import Spec
from hwsim.workload.families.registry import Family
from hwsim.workload.graph import INDEX_DATATYPE, Graph
from hwsim.workload.layers.contract import contract
from hwsim.workload.layers.linear import linear
from hwsim.workload.layers.move import cut, gather, move
from hwsim.workload.layers.vector import elementwise, reduce
from hwsim.workload.tensor import Tensor

Widths = Annotated[tuple[PositiveInt, ...], Field(min_length=1)]


class DlrmConfig(Spec):
    """The shape of a recommendation model."""

    dense_features: PositiveInt
    """Numbers given for each sample."""
    bottom: Widths
    """Widths of the layers over the dense features; the last is that of the embeddings."""
    tables: Widths
    """Rows of each embedding table."""
    top: Widths
    """Widths of the layers over the interactions."""


class DlrmParameters(Spec):
    """What a recommendation model is run on."""

    batch: PositiveInt = 2048
    """Samples at once."""
    lookups: PositiveInt = 1
    """Rows that a sample takes from each table, added up."""


def build(config: DlrmConfig, parameters: DlrmParameters) -> Graph:
    """The graph of a recommendation model."""
    graph = Graph()
    x = graph.declare("dense_features", (parameters.batch, config.dense_features), "input")
    dense = _layers(graph, "bottom", x, config.bottom, "relu")
    width = config.bottom[-1]
    rows = [
        _embedding(graph, f"table{number}", size, width, parameters)
        for number, size in enumerate(config.tables)
    ]
    mixed = _interactions(graph, dense, rows)
    _layers(graph, "top", mixed, config.top, "sigmoid")
    return graph


def _layers(graph: Graph, name: str, x: Tensor, widths: Widths, last: str) -> Tensor:
    """Fully connected layers with relu between them and ``last`` behind them."""
    for number, width in enumerate(widths):
        x = linear(graph, f"{name}{number}", x, width, bias=True)
        kind = last if number == len(widths) - 1 else "relu"
        x = elementwise(graph, f"{name}{number}.{kind}", kind, x)
    return x


def _embedding(graph: Graph, name: str, rows: int, width: int, parameters: DlrmParameters) -> Tensor:
    """The sum of the rows that each sample takes from one table."""
    shape = (parameters.batch, parameters.lookups)
    indices = graph.declare(f"{name}.indices", shape, "input", INDEX_DATATYPE)
    found = gather(graph, name, graph.weight(f"{name}.weight", (rows, width)), indices)
    if parameters.lookups == 1:
        return found
    return reduce(graph, f"{name}.sum", "reduce_sum", found, (parameters.batch, width))


def _interactions(graph: Graph, dense: Tensor, rows: list[Tensor]) -> Tensor:
    """The dense vector, and the product of every pair of vectors (it and the rows)."""
    batch, width = dense.shape
    count = len(rows) + 1
    pairs = count * (count - 1) // 2
    vectors = move(graph, "vectors", "concat", (dense, *rows), (batch, count, width))
    products = contract(
        graph,
        "interaction",
        [(vectors, "B M K"), (vectors, "B N K")],
        "B M N",
        macs=batch * pairs * width,
    )
    lower = cut(graph, "interaction.pairs", "slice", products, (batch, pairs))
    return move(graph, "features", "concat", (dense, lower), (batch, width + pairs))


FAMILY = Family("dlrm", DlrmConfig, DlrmParameters, build)
