"""Sliding windows: a coordinate of a tensor that is a sum of steps along two ranks.

Two pairs of steps (p, r) meet in one coordinate where they differ by a multiple of (delay of p, -delay of r).
So a tile of p by r elements has as many coordinates as pairs, less those that were met one delay before:
p r - max(p - delay_p, 0) max(r - delay_r, 0). Summed over tiles, that is the whole less a product of one
number for each rank (``neighbours``, or ``slid`` where the rank's loop steps right above a storage that keeps
what the step before left).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd

import numpy as np

from hwsim.mapping.exact.chains import Column, tile_after
from hwsim.mapping.loopnest.problem import Dimension, Problem


@dataclass(frozen=True, slots=True)
class Window:
    """Two ranks that move one coordinate, and how far each steps until the other makes up for it."""

    ranks: tuple[str, str]
    delays: tuple[int, int]

    def delay(self, rank: str) -> int:
        """That of one of its ranks."""
        return self.delays[self.ranks.index(rank)]

    def elements(self, tiles: tuple[Column, Column]) -> Column:
        """Coordinates of tiles of its ranks."""
        one, other = (np.maximum(tile - delay, 0) for tile, delay in zip(tiles, self.delays, strict=True))
        found: Column = tiles[0] * tiles[1] - one * other
        return found


def windows_of(problem: Problem) -> tuple[Window, ...]:
    """Every window of a problem.

    Raises:
        ValueError: a coordinate has more than two ranks, or a rank is in two different windows.
    """
    sums = {each for tensor in problem.tensors for each in tensor.dimensions if len(each) > 1}
    if any(len(each) > 2 for each in sums):
        raise ValueError("a sliding window of more than two ranks is evaluated, not searched")
    found = {_window(each) for each in sorted(sums)}
    ranks = [rank for window in found for rank in window.ranks]
    if len(ranks) != len(set(ranks)):
        raise ValueError("ranks in several sliding windows are evaluated, not searched")
    return tuple(sorted(found, key=lambda window: window.ranks))


def _window(dimension: Dimension) -> Window:
    (first, step), (second, other) = dimension
    common = gcd(step, other)
    return Window((first, second), (other // common, step // common))


def neighbours(size: int, chain: Column, number: int, delay: int) -> Column:
    """Elements of all tiles after ``number`` cuts that are at least ``delay`` from their tile's first."""
    tile = tile_after(size, chain, number)
    found: Column = size // tile * np.maximum(tile - delay, 0) + np.maximum(size % tile - delay, 0)
    return found


def slid(size: int, chain: Column, number: int, delay: int) -> Column:
    """As :func:`neighbours`, where a step of the last cut still has the tile of the step before."""
    outer, tile = tile_after(size, chain, number - 1), tile_after(size, chain, number)
    rest = size % outer
    found: Column = size // outer * _run(outer, tile, delay) + _run(rest, tile, delay)
    return found


def _run(extent: Column, tile: Column, delay: int) -> Column:
    """The steps through ``extent`` by ``tile``: each after the first counts with the one before."""
    full, last = extent // tile, extent % tile
    first = np.maximum(np.minimum(tile, extent) - delay, 0)
    again = np.maximum(2 * tile - delay, 0) - first
    ragged = np.where(last > 0, np.maximum(tile + last - delay, 0) - first, 0)
    found: Column = first + np.where(full > 0, (full - 1) * again + ragged, 0)
    return found
