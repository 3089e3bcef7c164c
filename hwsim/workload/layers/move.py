"""Data movement: elements gathered, joined, cut, permuted or kept, none of them changed."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hwsim.workload.graph import Graph, Shape
from hwsim.workload.layers.vector import apply_work
from hwsim.workload.layers.work import INTERPOLATE, MOVE
from hwsim.workload.operator import Access, Operator
from hwsim.workload.tensor import Tensor


def move(
    graph: Graph,
    name: str,
    kind: str,
    inputs: Sequence[Tensor],
    shape: Shape,
    touched: tuple[tuple[Tensor, float], ...] = (),
) -> Tensor:
    """Transport every element of an output of ``shape`` once."""
    functions = MOVE.total(math.prod(shape))
    return apply_work(graph, name, kind, inputs, shape, functions, touched=touched)


def cut(graph: Graph, name: str, kind: str, x: Tensor, shape: Shape) -> Tensor:
    """A part of ``x`` (slice, split): only the part is read."""
    fraction = min(1.0, math.prod(shape) / x.elements)
    return move(graph, name, kind, (x,), shape, touched=((x, fraction),))


def gather(graph: Graph, name: str, table: Tensor, indices: Tensor, axis: int = 0) -> Tensor:
    """The slices of ``table`` along ``axis`` that ``indices`` name: only these are read, each once."""
    shape = (*table.shape[:axis], *indices.shape, *table.shape[axis + 1 :])
    fraction = min(1.0, indices.elements / table.shape[axis])
    return move(graph, name, "gather", (table, indices), shape, touched=((table, fraction),))


def resize(graph: Graph, name: str, x: Tensor, shape: Shape, mode: str) -> Tensor:
    """``x`` stretched to ``shape``: by the nearest neighbour or bilinearly."""
    work = MOVE if mode == "nearest" else INTERPOLATE
    return apply_work(graph, name, "resize", (x,), shape, work.total(math.prod(shape)))


def append_to_cache(graph: Graph, name: str, cache: Tensor, *rows: Tensor) -> None:
    """Write new ``rows`` into the state ``cache``; ``touched`` tells the fraction written."""
    elements = sum(part.elements for part in rows)
    written = ((cache.name, min(1.0, elements / cache.elements)),)
    reads = tuple(graph.whole(part) for part in rows)
    functions = MOVE.total(elements)
    graph.add(
        Operator(name, "cache_append", reads, (Access(cache.name),), functions=functions, touched=written)
    )
