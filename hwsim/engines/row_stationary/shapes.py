"""The shapes a processing pass can have on an array: the declared set from which tiles choose."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from hwsim.engines.row_stationary.layer import Layer

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PeArray:
    """``instances`` of rows x columns of PEs; words in each pad of a PE, words a cycle through each port."""

    rows: int
    columns: int
    ifmap_pad: int
    filter_pad: int
    psum_pad: int
    ifmap_port: int
    filter_port: int
    psum_port: int
    instances: int = 1

    def sets(self, filter_rows: int, e: int) -> int:
        """PE sets of ``filter_rows`` x ``e`` that fit at once; one that is too wide is cut and stacked."""
        stacked = self.rows // filter_rows
        return stacked * (self.columns // e) if e <= self.columns else stacked // -(-e // self.columns)


@dataclass(frozen=True, slots=True)
class Piece:
    """The ``rows`` x ``columns`` of a filter that are on the array at once; ``count`` make up the filter."""

    rows: int
    columns: int
    count: int


@dataclass(frozen=True, slots=True, eq=False)
class Shapes:
    """Passes as large as the array allows, one entry a shape.

    ``e`` output rows a PE set, ``r`` sets for channels, ``t`` for filters, ``q`` channels and ``p`` filters
    interleaved in a PE; ``split`` instances take different filters, the others different rows. Shapes of one
    ``e`` and ``split`` lie together: group g is ``[starts[g], starts[g + 1])``.
    """

    e: Counts
    split: Counts
    r: Counts
    t: Counts
    q: Counts
    p: Counts
    starts: tuple[int, ...]

    @property
    def first(self) -> list[int]:
        """The first shape of every group."""
        return list(self.starts[:-1])


@lru_cache(maxsize=256)
def piece_of(array: PeArray, layer: Layer) -> Piece:
    """A filter in as few pieces as possible, none taller than the array nor wider than a pad."""
    tall, wide = layer.down.taps, layer.along.taps
    down = -(-tall // array.rows)
    along = -(-wide // min(array.ifmap_pad, array.filter_pad))
    return Piece(-(-tall // down), -(-wide // along), down * along)


@lru_cache(maxsize=256)
def shapes_of(array: PeArray, piece: Piece) -> Shapes:
    """Every shape that no other one of the set contains."""
    entries: list[tuple[int, ...]] = []
    starts = [0]
    for e in _widths(array, piece.rows):
        for split in _divisors(array.instances):
            inside = [
                (e, split, r, t, q, p)
                for r, t in _shares(array.sets(piece.rows, e))
                for q, p in _interleavings(array, piece.columns)
            ]
            entries += inside
            starts.append(len(entries))
    e, split, r, t, q, p = np.array(entries, dtype=np.int64).T
    return Shapes(e, split, r, t, q, p, tuple(starts))


def _widths(array: PeArray, filter_rows: int) -> list[int]:
    """The widest PE set for every number of sets that fit at once, widest first."""
    abreast = {array.columns // count for count in range(1, array.columns + 1)}
    stacked = array.rows // filter_rows
    segments = {stacked // count for count in range(1, stacked + 1)}
    return sorted(abreast | {many * array.columns for many in segments}, reverse=True)


def _shares(sets: int) -> Iterator[tuple[int, int]]:
    """Ways to give sets to (channels, filters), with as many for each as the other leaves."""
    for r in sorted({sets // count for count in range(1, sets + 1)}):
        yield r, sets // r


def _interleavings(array: PeArray, filter_columns: int) -> Iterator[tuple[int, int]]:
    """Channels and filters that one PE can interleave, with as many of each as the other leaves."""
    widest: dict[int, int] = {}
    for q in range(1, array.ifmap_pad // filter_columns + 1):
        p = min(array.psum_pad, array.filter_pad // (q * filter_columns))
        if p:
            widest[p] = q
    for p, q in widest.items():
        yield q, p


def _divisors(number: int) -> list[int]:
    return [each for each in range(1, number + 1) if number % each == 0]
