"""Pieces that transformers of every kind share: norms, residuals, embeddings, heads."""

from __future__ import annotations

from typing import Literal

from hwsim.workload.graph import INDEX_DATATYPE, Graph
from hwsim.workload.layers.contract import contract
from hwsim.workload.layers.move import cut, gather
from hwsim.workload.layers.vector import elementwise, normalize
from hwsim.workload.tensor import Tensor

Norm = Literal["layernorm", "rmsnorm"]


def norm(graph: Graph, name: str, kind: Norm, x: Tensor) -> Tensor:
    """Normalise the last axis of ``x``, with gain and (layernorm) bias of its own."""
    names = ("weight", "bias") if kind == "layernorm" else ("weight",)
    parameters = [graph.weight(f"{name}.{part}", x.shape[-1:]) for part in names]
    return normalize(graph, name, kind, x, x.shape[-1], parameters)


def add(graph: Graph, name: str, *parts: Tensor) -> Tensor:
    """The sum of tensors."""
    return elementwise(graph, name, "add", *parts)


def token_input(graph: Graph, name: str, batch: int, tokens: int) -> Tensor:
    """Token numbers [B, P] from outside."""
    return graph.declare(name, (batch, tokens), "input", INDEX_DATATYPE)


def embed(graph: Graph, name: str, tokens: Tensor, rows: int, width: int) -> Tensor:
    """The rows of a new table [rows, width] that ``tokens`` name."""
    return gather(graph, name, graph.weight(f"{name}.weight", (rows, width)), tokens)


def position_rows(graph: Graph, name: str, rows: int, width: int, count: int) -> Tensor:
    """``count`` neighbouring rows of a new table of learned positions [rows, width].

    A table that is too short is read all the same, as a longer one would be; ``note_positions`` says so.
    """
    return cut(graph, name, "slice", graph.weight(f"{name}.weight", (rows, width)), (count, width))


def note_positions(graph: Graph, rows: int, asked: int) -> None:
    """Note where more positions are ``asked`` than the model was made for."""
    if asked > rows:
        graph.note(f"the model has {rows} positions; {asked} are asked for")


def vocabulary_scores(
    graph: Graph, name: str, x: Tensor, vocab: int, tied: Tensor | None, bias: bool = False
) -> Tensor:
    """``x`` [B, P, D] times the embedding table ``tied`` [V, D] or a new weight of that shape."""
    table = tied or graph.weight(f"{name}.weight", (vocab, x.shape[-1]))
    operands = [(x, "B P D"), (table, "V D")]
    if bias:
        operands.append((graph.weight(f"{name}.bias", (vocab,)), "V"))
    return contract(graph, name, operands, "B P V")


def last_token(graph: Graph, name: str, x: Tensor) -> Tensor:
    """The last of the tokens of ``x`` [B, P, D], as [B, 1, D]."""
    return x if x.shape[1] == 1 else cut(graph, name, "slice", x, (x.shape[0], 1, x.shape[2]))
