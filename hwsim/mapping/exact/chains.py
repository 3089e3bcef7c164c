"""Every way to cut a rank, and the numbers with which it enters the costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from hwsim.mapping.exact.cuts import Cut

Column: TypeAlias = npt.NDArray[np.int64]


Prune = Callable[[Column, int], Column]
"""Given chains from cut ``number`` inwards, those worth going on with."""


@dataclass(frozen=True, slots=True)
class Growth:
    """How chains grow from the innermost cut outwards: ``prune`` leaves some out on the way; ``by_number``:
    of tiles that make equally many, the smallest is enough.

    It takes less room, and where tiles are multiples of one another, ceil(size / (m t)) is ceil(q / m) for
    q = ceil(size / t): whatever is built around the smallest makes as many tiles. Not so where arrays cut the
    rank further out, and where others look at the tile itself (a loop in common, a window that slides).
    """

    ends_in_places: bool
    by_number: bool
    prune: Prune


def chains(size: int, cuts: tuple[Cut, ...], growth: Growth) -> tuple[Column, int]:
    """Tiles of all chains, a row each, a column for each cut, and how many were looked at.

    A tile is a multiple of the one inside it, or the whole rank; an array has no more places than its width.
    """
    if not cuts:
        return np.empty((1, 0), dtype=np.int64), 1
    innermost = np.array([1]) if growth.ends_in_places else np.arange(1, size + 1)
    found, seen = innermost.astype(np.int64)[:, None], len(innermost)
    if growth.by_number and not growth.ends_in_places and not any(cut.array for cut in cuts):
        found = found[_fewest(size, found[:, 0], np.ones(len(found), dtype=np.int64))]
    for number in range(len(cuts) - 2, -1, -1):
        inside = cuts[number + 1].array
        found = _widened(found, size, inside.width if inside else size)
        seen += len(found)
        if growth.by_number and not any(cut.array for cut in cuts[: number + 2]):
            found = found[_fewest(size, found[:, 0], found[:, 1])]
        found = growth.prune(found, number) if number else found
    if cuts[0].array:
        found = found[-(-size // found[:, 0]) <= cuts[0].array.width]
    return found, seen


def _widened(found: Column, size: int, most: int) -> Column:
    """Each chain with every tile around its outermost: up to ``most`` of it, and the whole rank."""
    outer = found[:, 0]
    trips = np.minimum(size // outer, most)
    rows = np.repeat(np.arange(len(found)), trips)
    times = np.arange(len(rows)) - np.repeat(np.cumsum(trips) - trips, trips) + 1
    whole = np.flatnonzero((size % outer != 0) & (-(-size // outer) <= most))
    rows = np.concatenate([rows, whole])
    tiles = np.concatenate([times * outer[rows[: len(times)]], np.full(len(whole), size)])
    return np.column_stack([tiles, found[rows]])


def _fewest(size: int, outer: Column, inner: Column) -> Column:
    """The rows whose ``outer`` tile is the smallest multiple of ``inner`` (or the whole) for its number."""
    number, smaller = -(-size // outer), outer - inner
    whole = (outer == size) & (size % inner != 0)
    smallest = np.where(whole, size - size % inner, smaller)
    return np.flatnonzero((smallest < 1) | (-(-size // np.maximum(smallest, 1)) > number))


def tile_after(size: int, chain: Column, number: int) -> Column:
    """The tile that the first ``number`` cuts leave."""
    return chain[:, number - 1] if number else np.full(len(chain), size, dtype=np.int64)


def visits(
    size: int, chain: Column, cuts: tuple[Cut, ...], number: int, together: Callable[[Cut], bool]
) -> Column:
    """How many tiles the first ``number`` cuts make, those of cuts taken ``together`` counted as one.

    Of a rank there are always tiles of one size and at most one that is smaller: the last.
    """
    full, whole, rest = _pieces(size, chain, cuts, number, together)
    del whole
    return full + (rest > 0)


def steps(size: int, chain: Column, cuts: tuple[Cut, ...]) -> Column:
    """Single elements that the first place of every array walks, one after the other."""
    full, whole, rest = _pieces(size, chain, cuts, len(cuts), lambda cut: cut.array is not None)
    return full * whole + rest


def _pieces(
    size: int, chain: Column, cuts: tuple[Cut, ...], number: int, together: Callable[[Cut], bool]
) -> tuple[Column, Column, Column]:
    """How many tiles of one size, that size, and the size of the smaller last one or 0."""
    full = np.ones(len(chain), dtype=np.int64)
    whole, rest = np.full(len(chain), size, dtype=np.int64), np.zeros(len(chain), dtype=np.int64)
    for at, cut in enumerate(cuts[:number]):
        tile = chain[:, at]
        if together(cut):
            rest, whole = np.minimum(rest, tile), np.minimum(whole, tile)
            continue
        left = whole % tile
        full, rest = full * (whole // tile) + rest // tile, np.where(left > 0, left, rest % tile)
        whole = tile
    return full, whole, rest


def places(size: int, chain: Column, cuts: tuple[Cut, ...], number: int) -> Column:
    """Places that work at first, over all arrays among the first ``number`` cuts."""
    found = np.ones(len(chain), dtype=np.int64)
    whole = np.full(len(chain), size, dtype=np.int64)
    for at, cut in enumerate(cuts[:number]):
        if cut.array:
            found = found * -(-whole // chain[:, at])
        whole = chain[:, at]
    return found
