"""Spikes: neurons between layers, and spiking attention as contractions with a rank for the time steps.

Ranks: T time steps x inputs, C channels in, F channels out, N and M places, E heads, D channels of a head.
"""

from __future__ import annotations

from math import prod

from hwsim.workload.graph import Graph, Shape
from hwsim.workload.layers.contract import contract
from hwsim.workload.operator import Access, Operator
from hwsim.workload.tensor import Tensor

FIRE = "fire"
"""The kind of operator that a layer of neurons is."""
NEURON = (("multiply", 1), ("add", 1), ("compare", 1))
"""Of one neuron in one step: leak, add the input, compare with the threshold."""


def fire(graph: Graph, name: str, x: Tensor, rate: float, shape: Shape | None = None) -> Tensor:
    """Spikes of neurons that ``x`` is the input of: a share ``rate`` of them fires in a step.

    The output has ``shape``, by default that of ``x``; its density is the rate.
    """
    size = x.shape if shape is None else shape
    assert prod(size) == x.elements, (name, size, x.shape)
    graph.declare(name, size, density=rate)
    functions = tuple((function, many * x.elements) for function, many in NEURON)
    graph.add(Operator(name, FIRE, (graph.whole(x),), (Access(name),), functions=functions))
    return graph.find(name)


def projected(graph: Graph, name: str, x: Tensor, channels: int) -> Tensor:
    """``x`` [T, C, N] times a new weight [channels, C]."""
    weight = graph.weight(f"{name}.weight", (channels, x.shape[1]))
    return contract(graph, name, [(x, "T C N"), (weight, "F C")], "T F N")


def spiking_scores(graph: Graph, name: str, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """(Q K^T) V of spikes [T, E, D, N]: quadratic in the places."""
    scores = contract(graph, f"{name}.scores", [(query, "T E D N"), (key, "T E D M")], "T E N M")
    return contract(graph, f"{name}.mixed", [(value, "T E D M"), (scores, "T E N M")], "T E D N")


def spiking_linear(graph: Graph, name: str, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Q (K^T V) of spikes [T, E, D, N]: linear in the places."""
    state = contract(graph, f"{name}.state", [(key, "T E D N"), (value, "T E F N")], "T E D F")
    return contract(graph, f"{name}.mixed", [(query, "T E D N"), (state, "T E D F")], "T E F N")


def spiking_mask(graph: Graph, name: str, query: Tensor, summed: tuple[Tensor, ...], rate: float) -> Tensor:
    """Q where the sum over places of the product of ``summed`` fires [T, C, N]: masks and additions only."""
    x = summed[0]
    whole = [graph.whole(tensor) for tensor in summed]
    column = graph.declare(f"{name}.column", (*x.shape[:2], 1))
    functions = [("add", x.elements)]
    if len(summed) > 1:
        functions.insert(0, ("multiply", x.elements))
    reduced = Operator(
        column.name,
        "column_sum",
        tuple(whole),
        (Access(column.name),),
        functions=tuple(functions),
        fiber=x.shape[2],
    )
    graph.add(reduced)
    gate = fire(graph, f"{name}.gate", column, rate)
    masked = graph.declare(f"{name}.masked", query.shape, density=query.density * rate)
    reads = (graph.whole(query), graph.whole(gate))
    graph.add(
        Operator(
            masked.name, "mask", reads, (Access(masked.name),), functions=(("multiply", query.elements),)
        )
    )
    return masked
