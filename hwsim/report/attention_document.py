"""Fused attention as a result document has it: one entry for all layers that are alike."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from hwsim.report.parts import Count, Fraction, Number, Part


class Node(Part):
    """A tensor of the cascade: the component that makes it (or holds it), and its Einsum."""

    name: str
    component: str
    text: str


class Edge(Part):
    """An Einsum reads a tensor; ``passes``: how often its elements are walked over, None: not along keys.

    ``carried``: it reads what the iteration before made.
    """

    from_: str = Field(alias="from")
    to: str
    passes: Count | None = None
    carried: bool = False


class CascadeGraph(Part):
    """The cascade: its passes by rank, and the graph of its Einsums; ``rank`` is that of the edges."""

    name: str
    passes: dict[str, Count]
    rank: str
    nodes: Annotated[tuple[Node, ...], Field(strict=False)]
    edges: Annotated[tuple[Edge, ...], Field(strict=False)]


class TileSpan(Part):
    """An Einsum at work on one tile of scores, in cycles from the tile's beginning."""

    einsum: str
    component: str
    stage: int
    start: Number
    cycles: Number


class ArrayUse(Part):
    """How long a part works for the attention."""

    component: str
    busy_cycles: Count
    utilization: Fraction


class Operation(Part):
    """Cycles of one operation on one point, and where that figure comes from."""

    name: str
    cycles: Number
    source: str | None = None


class EinsumWork(Part):
    """An Einsum of all attentions of a layer: its cycles on its component, and what they follow from."""

    name: str
    component: str
    cycles: Count
    points: Count
    units: Count
    operations: Annotated[tuple[Operation, ...], Field(strict=False)]


class BufferNeed(Part):
    """What the attention takes of the buffer, and what each way needs at each length of the sequence."""

    name: str
    capacity_bytes: Count
    taken_bytes: Count
    lengths: Annotated[tuple[int, ...], Field(strict=False)]
    needed_bytes: dict[str, Annotated[tuple[Count, ...], Field(strict=False)]]


class FusedAttention(Part):
    """Attentions that run fused and alike, named by their first operators.

    ``array_cycles``: both arrays with all data there; ``stages``: the Einsums that run side by side.
    """

    operators: Annotated[tuple[str, ...], Field(strict=False)]
    configuration: str
    choice: str
    sizes: dict[str, Count]
    cycles: Count
    why: str
    arrays: Annotated[tuple[ArrayUse, ...], Field(strict=False)]
    array_cycles: Count
    stages: Annotated[tuple[Annotated[tuple[str, ...], Field(strict=False)], ...], Field(strict=False)]
    einsums: Annotated[tuple[EinsumWork, ...], Field(strict=False)]
    cascade: CascadeGraph
    loop_nest: Annotated[tuple[str, ...], Field(strict=False)]
    tile: Annotated[tuple[TileSpan, ...], Field(strict=False)]
    buffer: BufferNeed
