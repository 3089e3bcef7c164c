"""The ways to cut each rank of a skeleton, with their factors of every term and every tile."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isfinite
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from hwsim.mapping.exact.chains import Column
from hwsim.mapping.exact.chosen import Key, Question, Shape, chosen, paired
from hwsim.mapping.exact.cuts import Cut, cuts_of, ends_in_places
from hwsim.mapping.exact.forms import Forms, Term, tile_term
from hwsim.mapping.exact.front import front
from hwsim.mapping.exact.skeleton import Shared, Skeleton
from hwsim.mapping.exact.space import Space
from hwsim.mapping.loopnest.nodes import Storage

Numbers: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Ways:
    """The ways to cut a rank, or the two of a window, that are left, by row: tiles (a column for each of
    ``cuts``, one rank after the other), and factors of terms and of bounded storages.
    """

    ranks: tuple[str, ...]
    cuts: tuple[tuple[Cut, ...], ...]
    tiles: Column
    terms: Numbers
    rooms: Numbers
    enumerated: int

    def only(self, rows: Column) -> Ways:
        """Some of the ways."""
        return replace(self, tiles=self.tiles[rows], terms=self.terms[rows], rooms=self.rooms[rows])

    def by_rank(self, row: int) -> dict[str, tuple[int, ...]]:
        """The tiles of one way by rank, from the outside in."""
        tiles = iter(self.tiles[row].tolist())
        return {
            rank: tuple(next(tiles) for _ in cuts) for rank, cuts in zip(self.ranks, self.cuts, strict=True)
        }


def bounded(space: Space, skeleton: Skeleton) -> tuple[int, ...]:
    """The events that are storages in a memory that can be full."""
    return tuple(
        event
        for event, node in enumerate(skeleton)
        if isinstance(node, Storage) and isfinite(space.machine.memory(node.memory).capacity_bits)
    )


def ways_of(space: Space, skeleton: Skeleton, forms: Forms, group: tuple[str, ...]) -> Ways:
    """The ways to cut the ranks of ``group`` that no other way undercuts in everything they enter the costs
    with.

    Where the first cut is a loop in common, no other way with the same tile there.
    """
    asked = [_asked(space, skeleton, forms, rank) for rank in group]
    cuts = tuple(each.cuts for each in asked)
    if len(group) == 1:
        (one,) = asked
        found = chosen(one.size, one.shape, one.wanted)
        tiles, factors, enumerated = found.tiles, found.factors(one.keys), found.enumerated
    else:
        window = next(each for each in space.windows if each.ranks == group)
        joint = tuple(window in term.windows for term in _terms(space, skeleton, forms))
        tiles, factors, enumerated = paired(window, asked[0].question, asked[1].question, joint)
    terms = len(forms.terms)
    return Ways(group, cuts, tiles, factors[:, :terms], factors[:, terms:], enumerated)


def _terms(space: Space, skeleton: Skeleton, forms: Forms) -> tuple[Term, ...]:
    """All that ranks enter the costs with: the terms, and the tile of every bounded storage."""
    tiles: list[Term] = []
    for event in bounded(space, skeleton):
        node = skeleton[event]
        assert isinstance(node, Storage)
        tiles.append(tile_term(space, event, node.tensor))
    return (*forms.terms, *tiles)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a skeleton asks of the chains of one rank: a number for each term and tile."""

    size: int
    cuts: tuple[Cut, ...]
    shape: Shape
    keys: tuple[Key | None, ...]

    @property
    def wanted(self) -> tuple[Key, ...]:
        """The different numbers."""
        return tuple(dict.fromkeys(key for key in self.keys if key is not None))

    @property
    def question(self) -> Question:
        """The same without where the cuts are."""
        return Question(self.size, self.shape, self.keys, self.wanted)


def _asked(space: Space, skeleton: Skeleton, forms: Forms, rank: str) -> _Asked:
    cuts, size = cuts_of(space.problem, skeleton, rank), space.problem.sizes[rank]
    widths = tuple(cut.array.width if cut.array else 0 for cut in cuts)
    in_common = bool(cuts) and isinstance(skeleton[cuts[0].event], Shared)
    shape = Shape(widths, ends_in_places(skeleton, cuts), in_common)
    keys = tuple(_key(term, cuts, rank) for term in _terms(space, skeleton, forms))
    return _Asked(size, cuts, shape, keys)


def undercut_left_out(ways: Ways, forms: Forms) -> Ways:
    """The ways that no other undercuts, whatever its tile in common."""
    signs = np.array([-1.0 if term.kind == "places" else 1.0 for term in forms.terms])
    return ways.only(front(np.hstack([ways.terms * signs, ways.rooms])))


def _key(term: Term, cuts: tuple[Cut, ...], rank: str) -> Key | None:
    """What a term asks of a chain; None where it asks nothing."""
    number = sum(cut.event <= term.event for cut in cuts)
    window = next((each for each in term.windows if rank in each.ranks), None)
    if window and term.kind == "visits":
        return Key("slid" if term.slide == rank else "neighbours", number, delay=window.delay(rank))
    if rank in term.but:
        return None
    match term.kind:
        case "tile":
            return Key("tile", number)
        case "steps":
            return Key("steps", len(cuts))
        case "places":
            return Key("places", number) if any(cut.array for cut in cuts[:number]) else None
        case "visits":
            return _visits(term, cuts, number)


def _visits(term: Term, cuts: tuple[Cut, ...], number: int) -> Key | None:
    together = frozenset(at for at, cut in enumerate(cuts[:number]) if _is_together(cut, term))
    if term.at_end:
        return Key("elements", number, together)
    while number - 1 in together:
        number, together = number - 1, together - {number - 1}
    return Key("visits", number, together) if number else None


def _is_together(cut: Cut, term: Term) -> bool:
    """Whether a cut makes no visits of its own."""
    if cut.array:
        return cut.array.name in term.together
    return term.held_from is not None and cut.event > term.held_from
