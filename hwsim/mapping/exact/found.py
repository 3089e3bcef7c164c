"""What a search found: nests, their cost as the reuse analysis counts it, and why they are best."""

from __future__ import annotations

import time
from collections import abc
from dataclasses import dataclass
from math import inf, prod

import numpy as np

from hwsim.mapping.exact.cuts import Cut, cuts_of
from hwsim.mapping.exact.objective import Objective, Point, best_for
from hwsim.mapping.exact.search import Case, Search, Tally, cases_of
from hwsim.mapping.exact.skeleton import Skeleton, Sliding, stays_from
from hwsim.mapping.exact.space import Space
from hwsim.mapping.loopnest.cost import Bits, Cost, cost, occupancy_bits
from hwsim.mapping.loopnest.nodes import Nest, Node, Refill, Spatial, Storage, Temporal

TilesByRank = abc.Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class Mapping:
    """A nest with the cost that ``loopnest`` counts for it."""

    nest: Nest
    cost: Cost


@dataclass(frozen=True)
class Found:
    """The best mappings (one, or a frontier by rising energy), and what was looked at.

    ``lower_bound`` is of the objective's value: equal to it where the search went to its end, which proves
    it. None of both where nothing fits.
    """

    objective: Objective
    mappings: tuple[Mapping, ...]
    value: float | None
    lower_bound: float | None
    tally: Tally
    seconds: float

    @property
    def proved(self) -> bool:
        """Whether nothing better is left."""
        return self.tally.open_bound == inf

    @property
    def best(self) -> Mapping:
        """The mapping, or that of least energy."""
        return self.mappings[0]


def find(space: Space, objective: Objective = "energy", time_limit_s: float = inf) -> Found:
    """The best nests of ``space``; within a time limit the best so far, and a bound for the rest."""
    started = time.monotonic()
    search = Search(best_for(objective), started + time_limit_s)
    cases, complete = _in_time(space, started + time_limit_s)
    search.run(cases)
    if not complete:
        search.tally.open_bound = min(search.tally.open_bound, _least(space, search))
    points, skeletons = search.best.points(), tuple(space.skeletons())
    nests = [nest_of(space, skeletons[each.case], each.tiles) for each in points]
    mappings = tuple(Mapping(nest, _cost(space, nest)) for nest in nests)
    value = min((_value(objective, each) for each in points), default=None)
    bound = None if value is None else min(value, search.tally.open_bound)
    return Found(objective, mappings, value, bound, search.tally, time.monotonic() - started)


def _in_time(space: Space, deadline: float) -> tuple[tuple[Case, ...], bool]:
    """The cases that can be made before ``deadline``, at least one, and whether these are all."""
    found: list[Case] = []
    for case in cases_of(space):
        if found and time.monotonic() > deadline:
            return tuple(found), False
        found.append(case)
    return tuple(found), True


def _least(space: Space, search: Search) -> float:
    """What nothing is below: all multiplications, on all units."""
    compute, units = space.machine.compute, prod(array.width for array in space.machine.arrays)
    energy, latency = (
        space.problem.macs * compute.energy,
        space.problem.macs / units / compute.macs_per_second,
    )
    return float(search.best.value(np.array([energy]), np.array([latency]))[0])


def _value(objective: Objective, point: Point) -> float:
    if objective in ("edp", "pareto"):
        return point.energy * point.latency
    return point.energy if objective == "energy" else point.latency


def _cost(space: Space, nest: Nest) -> Cost:
    bits = Bits(space.bits, min(space.bits.values()))
    return cost(space.problem, nest, space.machine, bits)


def occupied(space: Space, nest: Nest) -> dict[str, int]:
    """Bits that the tiles of a nest take of every memory, a sum as wide as its tensor."""
    bits = Bits(space.bits, min(space.bits.values()))
    return occupancy_bits(space.problem, nest, bits, space.machine)


def nest_of(space: Space, skeleton: Skeleton, tiles_of: TilesByRank) -> Nest:
    """The nest of a skeleton and its ranks' tiles: loops that take one step are left out."""
    left = dict(space.problem.sizes)
    stored = [tensor.name for tensor in space.problem.tensors if tensor.name not in space.on_chip]
    nodes: list[Node] = [Storage(space.root, name) for name in stored]
    begins: dict[int, int] = {}
    for event, node in enumerate(skeleton):
        nodes += _loops(space, skeleton, event, tiles_of, left)
        begins[event] = len(nodes)
        if isinstance(node, Storage):
            since = stays_from(skeleton, event)
            passed = nodes[len(nodes) if since is None else begins[since] :]
            held = sum(isinstance(each, Temporal) for each in passed)
            refill: Refill = "on_slide" if isinstance(node, Sliding) else "each_visit"
            nodes.append(Storage(node.memory, node.tensor, refill, held))
    return (*nodes, *(Temporal(rank, 1) for rank, extent in left.items() if extent > 1))


def _loops(
    space: Space, skeleton: Skeleton, event: int, tiles_of: TilesByRank, left: dict[str, int]
) -> list[Node]:
    """The loops right above an event: temporal ones, of these the one that slides last, then arrays."""
    found: list[Node] = []
    for rank, tiles in tiles_of.items():
        for cut, tile in zip(cuts_of(space.problem, skeleton, rank), tiles, strict=True):
            if cut.event == event:
                found += [_loop(rank, tile, cut)] if tile < left[rank] else []
                left[rank] = tile
    stored = next((node for node in skeleton[event:] if isinstance(node, Storage)), None)
    last = stored.along if isinstance(stored, Sliding) else ""
    return sorted(found, key=lambda node: _place(node, last))


def _place(node: Node, last: str) -> int:
    return 2 if isinstance(node, Spatial) else int(isinstance(node, Temporal) and node.rank == last)


def _loop(rank: str, tile: int, cut: Cut) -> Node:
    if cut.array is None:
        return Temporal(rank, tile)
    return Spatial(rank, tile, cut.array.width, cut.array.name, cut.array.shared)
