"""The ways to cut each rank of a skeleton, with their factors of every term and every tile."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from math import isfinite
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from hwsim.mapping.exact.chains import Column, chains, places, steps, tile_after, visits
from hwsim.mapping.exact.cuts import Cut, cuts_of, ends_in_places
from hwsim.mapping.exact.forms import Forms, Term
from hwsim.mapping.exact.front import front
from hwsim.mapping.exact.space import Shared, Skeleton, Space
from hwsim.mapping.loopnest.machine import Array
from hwsim.mapping.loopnest.nodes import Storage

Numbers: TypeAlias = npt.NDArray[np.float64]
Key = tuple[str, int, frozenset[int]]
"""A number of a chain: its kind, how many cuts it looks at, and which of them it takes together."""


@dataclass(frozen=True)
class Ways:
    """The ways to cut one rank that are left: tiles, and factors of terms and of bounded storages, by row."""

    rank: str
    cuts: tuple[Cut, ...]
    tiles: Column
    terms: Numbers
    rooms: Numbers
    enumerated: int

    def only(self, rows: Column) -> Ways:
        """Some of the ways."""
        return replace(self, tiles=self.tiles[rows], terms=self.terms[rows], rooms=self.rooms[rows])


def bounded(space: Space, skeleton: Skeleton) -> tuple[int, ...]:
    """The events that are storages in a memory that can be full."""
    return tuple(
        event
        for event, node in enumerate(skeleton)
        if isinstance(node, Storage) and isfinite(space.machine.memory(node.memory).capacity_bits)
    )


def ways_of(space: Space, skeleton: Skeleton, forms: Forms, rank: str) -> Ways:
    """The ways to cut ``rank`` that no other way undercuts in everything it enters the costs with.

    Where the first cut is a loop in common, no other way with the same tile there.
    """
    cuts, size = cuts_of(space.problem, skeleton, rank), space.problem.sizes[rank]
    ends = ends_in_places(skeleton, cuts)
    keys = [_key(term, cuts, rank) for term in forms.terms]
    events = bounded(space, skeleton)
    tiles = [_tile_key(space, skeleton, event, cuts, rank) for event in events]
    wanted = tuple(dict.fromkeys(key for key in (*keys, *tiles) if key is not None))
    widths = tuple(cut.array.width if cut.array else 0 for cut in cuts)
    in_common = bool(cuts) and isinstance(skeleton[cuts[0].event], Shared)
    chosen, numbers, enumerated = _chosen(size, _Shape(widths, ends, in_common), wanted)
    columns = dict(zip(wanted, numbers.T, strict=True))
    return Ways(
        rank,
        cuts,
        chosen,
        _columns(keys, columns, len(chosen)),
        _columns(tiles, columns, len(chosen)),
        enumerated,
    )


def undercut_left_out(ways: Ways, forms: Forms) -> Ways:
    """The ways that no other undercuts, whatever its tile in common."""
    signs = np.array([-1.0 if term.kind == "places" else 1.0 for term in forms.terms])
    return ways.only(front(np.hstack([ways.terms * signs, ways.rooms])))


def _columns(keys: list[Key | None], columns: dict[Key, Column], rows: int) -> Numbers:
    """Factors by row and key; 1 where the rank takes no part."""
    ones = np.ones(rows)
    found = [ones if key is None else columns[key].astype(np.float64) for key in keys]
    return np.column_stack(found) if found else np.empty((rows, 0))


@dataclass(frozen=True, slots=True)
class _Shape:
    """Where a rank is cut: for each cut the width of its array, 0 for a temporal loop."""

    widths: tuple[int, ...]
    ends_in_places: bool
    in_common: bool


@lru_cache(maxsize=512)
def _chosen(size: int, shape: _Shape, wanted: tuple[Key, ...]) -> tuple[Column, Column, int]:
    """The chains of the front, and their numbers; the same for all skeletons that cut and ask alike."""
    cuts = tuple(Cut(0, Array("", width, "") if width else None) for width in shape.widths)
    found, seen = chains(
        size, cuts, shape.ends_in_places, lambda inner, number: _pruned(size, cuts, wanted, inner, number)
    )
    numbers = _numbers(size, found, cuts, wanted)
    kept = front(numbers * _signs(wanted), found[:, 0] if shape.in_common else None)
    return found[kept], numbers[kept], seen


def _pruned(size: int, cuts: tuple[Cut, ...], wanted: tuple[Key, ...], inner: Column, number: int) -> Column:
    """Of chains from cut ``number`` inwards with one outermost tile, those that no other undercuts.

    What stands around them sees nothing of them but that tile. Only where no array stands around them: its
    places would take part in their numbers.
    """
    if any(cut.array for cut in cuts[: number + 1]):
        return inner
    keys = tuple(
        (kind, at - number, frozenset(each - number for each in together))
        for kind, at, together in wanted
        if at > number
    )
    numbers = _numbers(size, inner, cuts[number:], keys)
    return inner[front(numbers * _signs(keys), inner[:, 0])]


def _numbers(size: int, found: Column, cuts: tuple[Cut, ...], keys: tuple[Key, ...]) -> Column:
    """A column for each key."""
    return np.column_stack([_number(size, found, cuts, key) for key in keys]) if keys else found[:, :0]


def _signs(keys: tuple[Key, ...]) -> Column:
    """-1 where more is better."""
    return np.array([-1 if kind == "places" else 1 for kind, _, _ in keys], dtype=np.int64)


def _number(size: int, found: Column, cuts: tuple[Cut, ...], key: Key) -> Column:
    kind, number, together = key
    if kind == "tile":
        return tile_after(size, found, number)
    if kind == "places":
        return places(size, found, cuts, number)
    if kind == "steps":
        return steps(size, found, cuts)
    if kind == "elements":
        return _elements(size, found, cuts, together)
    return visits(size, found, cuts, number, lambda cut: any(cut is cuts[each] for each in together))


def _elements(size: int, found: Column, cuts: tuple[Cut, ...], together: frozenset[int]) -> Column:
    """Single elements walked, those of cuts taken together once."""
    marked = tuple(
        Cut(each.event, each.array if number in together else None) for number, each in enumerate(cuts)
    )
    return steps(size, found, marked)


def _key(term: Term, cuts: tuple[Cut, ...], rank: str) -> Key | None:
    """What a term asks of a chain; None where it asks nothing."""
    if rank in term.but:
        return None
    number = sum(cut.event <= term.event for cut in cuts)
    if term.kind == "steps":
        return "steps", len(cuts), frozenset()
    if term.kind == "tile":
        return "tile", number, frozenset()
    if term.kind == "places":
        arrays = any(cut.array for cut in cuts[:number])
        return ("places", number, frozenset()) if arrays else None
    together = frozenset(
        at for at, cut in enumerate(cuts[:number]) if cut.array and cut.array.name in term.together
    )
    if term.at_end:
        return "elements", number, together
    return ("visits", number, together) if number else None


def _tile_key(space: Space, skeleton: Skeleton, event: int, cuts: tuple[Cut, ...], rank: str) -> Key | None:
    node = skeleton[event]
    assert isinstance(node, Storage)
    if rank not in space.problem.tensor(node.tensor).ranks:
        return None
    return "tile", sum(cut.event <= event for cut in cuts), frozenset()
