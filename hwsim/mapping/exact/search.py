"""The search: skeletons by their bounds, in each the ranks one by one."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import inf, isfinite

import numpy as np

from hwsim.mapping.exact.chains import Column
from hwsim.mapping.exact.forms import Forms, forms_of
from hwsim.mapping.exact.objective import Best, Mask, Point
from hwsim.mapping.exact.skeleton import Skeleton
from hwsim.mapping.exact.space import Space
from hwsim.mapping.exact.ways import Numbers, Ways, bounded, undercut_left_out, ways_of
from hwsim.mapping.loopnest.nodes import Storage

CHUNK = 1 << 17
"""Rows that are joined at once: few enough for their numbers to stay in a processor's cache."""
THIN = 12
"""Ways of each rank that are tried first, to have something good to compare with."""


@dataclass
class Tally:
    """How many mappings were costed, in whole or in part, and why the others were not."""

    skeletons: int = 0
    ways: int = 0
    ways_left: int = 0
    costed: int = 0
    without_room: int = 0
    beaten: int = 0
    open_bound: float = inf


@dataclass(frozen=True)
class Case:
    """A skeleton by its number: its forms and the ways to cut every rank, few ways first.

    ``loads``: bits of an element by bounded storage and by capacity that it counts against.
    """

    number: int
    forms: Forms
    ways: tuple[Ways, ...]
    loads: Numbers
    capacities: Numbers

    @cached_property
    def used(self) -> list[list[tuple[Numbers, Column]]]:
        """Weights that are not zero, and where: of energy alone, then of the ports of each Einsum."""
        stages = [
            [np.array(weights) for weights in stage] for stage in ((self.forms.energy,), *self.forms.times)
        ]
        return [[(each[each != 0], np.flatnonzero(each)) for each in stage] for stage in stages]

    @cached_property
    def rests(self) -> tuple[tuple[Numbers, Numbers], ...]:
        """For every number of ranks joined, the least factors that the others bring to terms and rooms."""
        ranks = range(len(self.ways))
        return tuple(self.least_of(ranks[joined:]) for joined in range(len(self.ways) + 1))

    def least_of(self, ranks: Iterable[int]) -> tuple[Numbers, Numbers]:
        """The least factors that the ranks of these numbers can bring to terms and rooms."""
        terms, rooms = np.ones(len(self.forms.terms)), np.ones(self.loads.shape[0])
        for rank in ranks:
            least, room = self._least[rank]
            terms, rooms = terms * least, rooms * room
        return terms, rooms

    @cached_property
    def _least(self) -> list[tuple[Numbers, Numbers]]:
        """Of each rank the least factors; of what is subtracted, the most."""
        falling = np.array([term.kind == "places" for term in self.forms.terms])
        return [
            (
                np.where(falling, ways.terms.max(axis=0), ways.terms.min(axis=0)),
                ways.rooms.min(axis=0),
            )
            for ways in self.ways
        ]

    def figures(self, terms: Numbers) -> tuple[Numbers, Numbers]:
        """Energy and latency for rows of terms."""
        energy, latency = self.figures_together(terms, np.ones((1, terms.shape[1])))
        return energy[:, 0], latency[:, 0]

    def figures_together(self, terms: Numbers, others: Numbers) -> tuple[Numbers, Numbers]:
        """Energy and latency of every row of ``terms`` with every row of ``others``."""
        stages = [
            np.maximum.reduce([(terms[:, used] * weights) @ others[:, used].T for weights, used in stage])
            for stage in self.used
        ]
        return stages[0] + self.forms.constant, np.add.reduce(stages[1:])

    def fit_together(self, rooms: Numbers, others: Numbers) -> Mask:
        """Which rows of tiles fit every memory with which others."""
        fitting = np.ones((len(rooms), len(others)), dtype=np.bool_)
        for load, capacity in zip(self.loads.T, self.capacities, strict=True):
            fitting &= (rooms * load) @ others.T <= capacity
        return fitting


@dataclass
class _Joined:
    """Some ranks together: their rows of ways, and the product of their factors."""

    rows: Column
    terms: Numbers
    rooms: Numbers


@dataclass
class Search:
    """A search for what is ``best``; ``deadline`` (of ``time.monotonic``) ends it with the best so far, but
    not before there is one.
    """

    best: Best
    deadline: float = inf
    tally: Tally = field(default_factory=Tally)

    def run(self, cases: Sequence[Case]) -> None:
        """Search all cases, those with the lowest bounds first; at first only a few ways of each rank."""
        ordered = sorted(cases, key=self.bound)
        for case in cases:
            self._count(case)
        for case in ordered:
            self._search(_thinned(case))
        for case in ordered:
            left = self._trimmed(case)
            if left:
                self._search(left)

    def search(self, case: Case) -> None:
        """Search one case, among whose ways some may undercut others."""
        self._count(case)
        left = self._trimmed(case)
        if left:
            left = replace(left, ways=by_size(undercut_left_out(each, case.forms) for each in left.ways))
            self._search(_thinned(left))
            self._search(left)

    def _trimmed(self, case: Case) -> Case | None:
        """The case without the ways that do not fit or are beaten even with the least of all other ranks."""
        left: list[Ways] = []
        for at, ways in enumerate(case.ways):
            terms, rooms = case.least_of(other for other in range(len(case.ways)) if other != at)
            good = case.fit_together(ways.rooms * rooms, np.ones((1, rooms.shape[0])))[:, 0]
            good &= ~self.best.beaten(*case.figures(ways.terms * terms))
            if not good.any():
                return None
            left.append(ways.only(np.flatnonzero(good)))
        return replace(case, ways=by_size(left))

    def _count(self, case: Case) -> None:
        self.tally.skeletons += 1
        self.tally.ways += sum(each.enumerated for each in case.ways)
        self.tally.ways_left += sum(len(each.tiles) for each in case.ways)

    def bound(self, case: Case) -> float:
        """What no mapping of the case is below."""
        energy, latency = case.figures(case.rests[0][0][None, :])
        return float(self.best.value(energy, latency)[0])

    def _search(self, case: Case) -> None:
        nothing = _Joined(
            np.empty((1, 0), dtype=np.int64),
            np.ones((1, len(case.forms.terms))),
            np.ones((1, case.loads.shape[0])),
        )
        self._join(case, nothing, 0)

    def _join(self, case: Case, joined: _Joined, depth: int) -> None:
        """Join the next rank to all rows of ``joined``, best first, and go on with what is left."""
        ways = case.ways[depth]
        step = max(1, CHUNK // len(ways.tiles))
        for start in range(0, len(joined.rows), step):
            part = self._unbeaten(case, _slice(joined, slice(start, start + step)), depth)
            if len(part.rows):
                self._expand(case, part, depth)

    def _unbeaten(self, case: Case, joined: _Joined, depth: int) -> _Joined:
        """The rows that may still be better than what has been found meanwhile."""
        energy, latency = case.figures(joined.terms * case.rests[depth][0])
        if time.monotonic() > self.deadline and self.best.points():
            self.tally.open_bound = min(self.tally.open_bound, float(self.best.value(energy, latency).min()))
            return _slice(joined, slice(0))
        return _slice(joined, ~self.best.beaten(energy, latency))

    def _expand(self, case: Case, joined: _Joined, depth: int) -> None:
        """Every row with every way of the next rank: those that fit, and then those not beaten, go on."""
        ways, (terms, rooms) = case.ways[depth], case.rests[depth + 1]
        rows, taken = np.nonzero(case.fit_together(joined.rooms * rooms, ways.rooms))
        self.tally.costed += len(joined.rows) * len(ways.tiles)
        self.tally.without_room += len(joined.rows) * len(ways.tiles) - len(rows)
        energies, latencies = case.figures_together(joined.terms * terms, ways.terms)
        energy, latency = energies[rows, taken], latencies[rows, taken]
        good = np.flatnonzero(~self.best.beaten(energy, latency))
        self.tally.beaten += len(rows) - len(good)
        good = good[np.argsort(self.best.value(energy[good], latency[good]), kind="stable")]
        if not len(good):
            return
        found = _product(joined, ways, rows[good], taken[good])
        if depth + 1 < len(case.ways):
            self._join(case, found, depth + 1)
            return
        energy, latency = energy[good], latency[good]
        self.best.offer(energy, latency, lambda at: _point(case, found, energy, latency, at))


def _point(case: Case, found: _Joined, energy: Numbers, latency: Numbers, at: int) -> Point:
    tiles: dict[str, tuple[int, ...]] = {}
    for ways, row in zip(case.ways, found.rows[at], strict=True):
        tiles |= ways.by_rank(int(row))
    return Point(float(energy[at]), float(latency[at]), case.number, tiles)


def _slice(joined: _Joined, which: slice | Column | Mask) -> _Joined:
    return _Joined(joined.rows[which], joined.terms[which], joined.rooms[which])


def _product(joined: _Joined, ways: Ways, rows: Column, taken: Column) -> _Joined:
    """Chosen rows with chosen ways of another rank."""
    return _Joined(
        np.column_stack([joined.rows[rows], taken]),
        joined.terms[rows] * ways.terms[taken],
        joined.rooms[rows] * ways.rooms[taken],
    )


def cases_of(space: Space) -> Iterator[Case]:
    """The cases of a space, numbered as its skeletons."""
    for number, skeleton in enumerate(space.skeletons()):
        forms = forms_of(space, skeleton)
        ways = [ways_of(space, skeleton, forms, group) for group in space.groups]
        yield Case(number, forms, by_size(ways), *loads_of(space, skeleton))


def by_size(ways: Iterable[Ways]) -> tuple[Ways, ...]:
    """Few ways first."""
    return tuple(sorted(ways, key=lambda each: (len(each.tiles), each.ranks)))


def loads_of(space: Space, skeleton: Skeleton) -> tuple[Numbers, Numbers]:
    """Bits of an element by bounded storage and memory, and the memories' capacities."""
    memories = [each for each in space.machine.memories if isfinite(each.capacity_bits)]
    loads = np.zeros((len(bounded(space, skeleton)), len(memories)))
    for row, event in enumerate(bounded(space, skeleton)):
        node = skeleton[event]
        assert isinstance(node, Storage)
        column = next(at for at, memory in enumerate(memories) if memory.name == node.memory)
        loads[row, column] = space.element_bits(node.memory, node.tensor)
    return loads, np.array([memory.capacity_bits for memory in memories])


def _thinned(case: Case) -> Case:
    """The case with a few ways of each rank, spread evenly over all."""
    few = [np.unique(np.linspace(0, len(each.tiles) - 1, THIN).astype(np.int64)) for each in case.ways]
    return replace(case, ways=tuple(each.only(rows) for each, rows in zip(case.ways, few, strict=True)))
