"""Sequences of tiles, run-length encoded: what a pipeline loads, computes and stores, in order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, repeat
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class Segment:
    """``repeat`` equal tiles: cycles to load one, to compute it and to store its result.

    Raises:
        ValueError: a negative number of cycles, or no tile at all.
    """

    load_cycles: int
    compute_cycles: int
    store_cycles: int
    repeat: int = 1

    def __post_init__(self) -> None:
        if min(self.load_cycles, self.compute_cycles, self.store_cycles) < 0 or self.repeat < 1:
            raise ValueError(f"a segment needs cycles >= 0 and repeat >= 1: {self}")


@dataclass(frozen=True, slots=True)
class Loop:
    """A pattern of tiles that comes ``repeat`` times, such as one store after every few loads.

    Raises:
        ValueError: an empty pattern, or no repetition at all.
    """

    body: tuple[Tiles, ...]
    repeat: int

    def __post_init__(self) -> None:
        if not self.body or self.repeat < 1:
            raise ValueError(f"a loop needs a body and repeat >= 1: {self}")


Tiles: TypeAlias = Segment | Loop


@dataclass(frozen=True, slots=True)
class Buffers:
    """How many tiles the buffers hold, and whether loads and stores compete for one memory port.

    Raises:
        ValueError: a side without a slot.
    """

    load_slots: int = 2
    store_slots: int = 2
    ports: Literal["shared", "separate"] = "shared"

    def __post_init__(self) -> None:
        if min(self.load_slots, self.store_slots) < 1:
            raise ValueError(f"a pipeline needs at least one slot on each side: {self}")


@dataclass(frozen=True, slots=True)
class Sums:
    """Cycles added up over all tiles of a sequence, and how many tiles there are."""

    load_cycles: int
    compute_cycles: int
    store_cycles: int
    tiles: int


def sums(sequence: Sequence[Tiles]) -> Sums:
    """What a sequence asks of the load port, the compute unit and the store port in all."""
    load = compute = store = tiles = 0
    for node in sequence:
        inner = sums(node.body) if isinstance(node, Loop) else _one(node)
        load += node.repeat * inner.load_cycles
        compute += node.repeat * inner.compute_cycles
        store += node.repeat * inner.store_cycles
        tiles += node.repeat * inner.tiles
    return Sums(load, compute, store, tiles)


def _one(segment: Segment) -> Sums:
    return Sums(segment.load_cycles, segment.compute_cycles, segment.store_cycles, 1)


def first_load(sequence: Sequence[Tiles]) -> int:
    """The load cycles of the first tile."""
    first = sequence[0]
    return first.load_cycles if isinstance(first, Segment) else first_load(first.body)


def each_load(sequence: Sequence[Tiles]) -> Iterator[int]:
    """The load cycles of the tiles that load anything, in order, made as they are asked for."""
    for node in sequence:
        if isinstance(node, Loop):
            loading = node.repeat if any(True for _ in each_load(node.body)) else 0
            yield from chain.from_iterable(each_load(node.body) for _ in range(loading))
        elif node.load_cycles:
            yield from repeat(node.load_cycles, node.repeat)


def last_segment(sequence: Sequence[Tiles]) -> Segment:
    """The segment that the last tile belongs to."""
    last = sequence[-1]
    return last if isinstance(last, Segment) else last_segment(last.body)


def without_stores(sequence: Sequence[Tiles]) -> tuple[Tiles, ...]:
    """The same tiles with results that cost nothing to store."""
    return tuple(
        replace(node, store_cycles=0)
        if isinstance(node, Segment)
        else Loop(without_stores(node.body), node.repeat)
        for node in sequence
    )
