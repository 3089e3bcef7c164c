"""The shapes a processing pass can have on an array: the declared set from which tiles choose."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from hwsim.engines.row_stationary.layer import Layer

Counts = NDArray[np.int64]
Choice = TypeVar("Choice")
MOST_SHARES, MOST_PADS = 32, 8
"""Ways to share PEs, and pads or instances, that are tried: all there are on an array like Eyeriss."""


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
class Fit:
    """A layer on an array: ``rows`` x ``columns`` of a filter are on it at once, ``pieces`` make it up."""

    array: PeArray
    layer: Layer
    rows: int
    columns: int
    pieces: int


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


@lru_cache(maxsize=1024)
def fit_of(array: PeArray, layer: Layer) -> Fit:
    """Filters in as few pieces as possible, none taller than the array nor wider than a pad."""
    tall, wide = layer.down.taps, layer.along.taps
    down = -(-tall // array.rows)
    along = -(-wide // min(array.ifmap_pad, array.filter_pad))
    return Fit(array, layer, -(-tall // down), -(-wide // along), down * along)


@lru_cache(maxsize=256)
def shapes_of(array: PeArray, filter_rows: int, filter_columns: int) -> Shapes:
    """Every shape of passes with so much of a filter that no other one of the set contains."""
    entries: list[tuple[int, ...]] = []
    starts = [0]
    for e in _widths(array, filter_rows):
        for split in _splits(array.instances):
            inside = [
                (e, split, r, t, q, p)
                for r, t in _shares(array.sets(filter_rows, e))
                for q, p in _interleavings(array, filter_columns)
            ]
            entries += inside
            starts.append(len(entries))
    e, split, r, t, q, p = np.array(entries, dtype=np.int64).T
    return Shapes(e, split, r, t, q, p, tuple(starts))


def _widths(array: PeArray, filter_rows: int) -> list[int]:
    """The widest PE set for every number of sets that fit at once, widest first."""
    segments = {many * array.columns for many in _quotients(array.rows // filter_rows)}
    return _thinned(sorted({*_quotients(array.columns), *segments}, reverse=True), MOST_SHARES)


def _shares(sets: int) -> Iterator[tuple[int, int]]:
    """Ways to give sets to (channels, filters), with as many for each as the other leaves."""
    for r in _thinned(sorted(_quotients(sets)), MOST_SHARES):
        yield r, sets // r


def _interleavings(array: PeArray, filter_columns: int) -> list[tuple[int, int]]:
    """Channels and filters that one PE can interleave, with as many of each as the other leaves."""
    rows_held = array.filter_pad // filter_columns
    filters: dict[int, int] = {}
    for p in sorted({min(array.psum_pad, quotient) for quotient in _quotients(rows_held)}):
        filters[min(array.ifmap_pad // filter_columns, rows_held // p)] = p
    return _thinned(sorted(filters.items()), MOST_PADS)


def _splits(instances: int) -> list[int]:
    """Divisors of a number of instances."""
    return _thinned(sorted(each for each in _quotients(instances) if instances % each == 0), MOST_PADS)


def _quotients(number: int) -> Iterator[int]:
    """Every different whole quotient of ``number``, largest first: itself down to 1."""
    divisor = 1
    while divisor <= number:
        yield number // divisor
        divisor = number // (number // divisor) + 1


def _thinned(choices: list[Choice], most: int) -> list[Choice]:
    """At most ``most`` of them, evenly spread, the first and the last included."""
    steps = len(choices) - 1
    return choices if steps < most else [choices[number * steps // (most - 1)] for number in range(most)]
