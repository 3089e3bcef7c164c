"""The choice of tiles: every candidate of a declared set is costed, the best one is taken.

The set (``candidates``) is small (a few thousand points, one numpy pass), not the whole space: the answer is
the best of the set. Of the six loop orders three are costed, one for each innermost axis: where the innermost
loop has several trips, the order of the other two changes nothing, and where it has one, the nest is one of
the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np

from hwsim.arch.memory import Role
from hwsim.mapping.boundary import Boundary, Deeper, Feeder, Stream
from hwsim.mapping.candidates import Column
from hwsim.mapping.cut import Count, whole
from hwsim.mapping.mesh_costs import SEARCHED, MeshCosts
from hwsim.mapping.nest import IRRELEVANT, Level
from hwsim.mapping.room import used_bits

Places = tuple[Column, ...]
"""Indices along each dimension, one entry a candidate."""
SLACK = 0.001
"""How much slower than the fastest a candidate may be to be taken for its traffic or its fewer tiles."""


def best_level(boundary: Boundary, meshes: tuple[MeshCosts, ...]) -> Level | None:
    """Of the first mesh in which any candidate fits, the level with the least latency, then traffic,
    then tiles; None if none fits the rooms.

    Where data must be waited for, latencies within ``SLACK`` of the least count as equal: tiny tiles make the
    first and the last one shorter, which would else outweigh everything that they cost. Below the outermost
    boundary a tile that fits as it is is left whole: cutting it saves nothing.
    """
    return chosen_level(boundary, meshes, _best)


def chosen_level(
    boundary: Boundary, meshes: tuple[MeshCosts, ...], choose: Callable[[Costing, Column], Level | None]
) -> Level | None:
    """What ``choose`` takes, told which candidates fit, of the first mesh in which any does; None if none.

    Below the outermost boundary a tile that fits as it is is left whole: cutting it saves nothing.
    """
    problem, engine, rooms = meshes[0].problem, meshes[0].engine, boundary.rooms
    everything = whole(problem)
    if not boundary.outermost and all(
        used_bits(room, problem, engine, everything) <= room.bits for room in rooms
    ):
        return Level(SEARCHED[0], *everything)
    for costs in meshes:
        fits = fitting(costs, boundary)
        if fits.any():
            return choose(Costing(costs, boundary), fits)
    return None


def fitting(costs: MeshCosts, boundary: Boundary) -> Column:
    """Which candidates fit all rooms."""
    mesh = costs.mesh
    fits = np.ones((mesh.M.size, mesh.N.size, mesh.K.size), dtype=bool)
    for room in boundary.rooms:
        fits &= used_bits(room, costs.problem, costs.engine, mesh.tile) <= room.bits
    return fits


def _best(costing: Costing, fits: Column) -> Level:
    """The first of the best: orders as in ``SEARCHED``, then larger tiles before smaller ones."""
    mesh = costing.costs.mesh
    latency = np.where(fits, costing.latency(), np.inf)
    slack = 0.0 if costing.boundary.bits_per_cycle is None else SLACK
    places = np.nonzero(latency <= (1 + slack) * latency.min())
    places = _least(places, costing.traffic())
    places = _least(places, costing.costs.tiles)
    order, m, n, k = (int(index[0]) for index in places)
    return Level(SEARCHED[order], mesh.batch, int(mesh.M.flat[m]), int(mesh.N.flat[n]), int(mesh.K.flat[k]))


def _least(places: Places, cost: Column) -> Places:
    """Those of ``places`` with the least cost, which broadcasts over (order, M, N, K)."""
    if len(places[0]) == 1 or not np.ndim(cost):
        return places
    along = zip(places[-cost.ndim :], cost.shape, strict=True)
    costs = cost[tuple(index if size > 1 else 0 for index, size in along)]
    if not np.ndim(costs):
        return places
    kept = costs == costs.min()
    return tuple(index[kept] for index in places)


@dataclass(frozen=True, slots=True)
class Costing:
    """The costs of a mesh at one boundary: arrays over (order, M, N, K), the orders as in ``SEARCHED``."""

    costs: MeshCosts
    boundary: Boundary

    def latency(self) -> Count:
        """Cycles, an estimate: the busiest resource, plus the first and last tile exposed; infinite where
        sums would have to cross unfinished and must not.
        """
        latency, rate = self.busiest(), self.boundary.bits_per_cycle
        if rate is not None and self.boundary.outermost:
            latency = latency + self._exposed_bits() / rate
        return np.floor(np.where(self.refused(), np.inf, latency) if self.boundary.whole_sums else latency)

    def busiest(self) -> Count:
        """Cycles of the busiest resource: no mapping is faster."""
        latency = self.costs.cycles
        for feeder in self.boundary.feeders:
            latency = np.maximum(latency, self._passed(feeder) / feeder.bits_per_cycle)
        rate = self.boundary.bits_per_cycle
        return latency if rate is None else np.maximum(latency, self.traffic() / rate)

    def filling(self) -> Count:
        """Cycles until the first tile is there, before the engine begins."""
        rate = self.boundary.bits_per_cycle
        first = [each for each in self.boundary.streams if each.role != "output"]
        bits = _added([each.bits * self.costs.elements(each.role) for each in first])
        return bits / rate if rate else 0

    def refused(self) -> Column:
        """Where sums would have to cross unfinished and must not."""
        crossing: Column = (self.costs.visits("output") > 1) & self.boundary.whole_sums
        return crossing

    def passing_bits(self) -> dict[Role, Count]:
        """Bits of each role that goes in tiles over the boundary, both ways."""
        return {
            stream.role: self._passing(stream, self.costs.visits(stream.role))
            for stream in self.boundary.streams
        }

    def traffic(self) -> Count:
        """Bits that cross the boundary."""
        boundary = self.boundary
        return _added([self._crossing_bits(boundary.streams), self._edge_bits(boundary.direct)])

    def _crossing_bits(self, streams: Iterable[Stream]) -> Count:
        return _added([self._passing(stream, self.costs.visits(stream.role)) for stream in streams])

    def _passing(self, stream: Stream, visits: Count) -> Count:
        """Bits of one stream that passes ``visits`` times, both ways; partial sums at their own width."""
        elements = self.costs.fetched(stream.role)
        if stream.role != "output":
            return elements * stream.bits * visits
        if stream.unfinished:
            return elements * (2 * stream.partial_bits) * visits
        return elements * (stream.bits + (visits - 1) * (2 * stream.partial_bits))

    def _passed(self, feeder: Feeder) -> Count:
        """Bits that a memory below the boundary takes in and passes on."""
        above = self._crossing_bits(each for each in self.boundary.streams if each.role in feeder.roles)
        deeper = [self._deeper_bits(deeper) for deeper in feeder.deeper]
        return _added([above, *deeper, self._edge_bits(feeder.edge)])

    def _exposed_bits(self) -> Count:
        """Bits of the first tile in and the last tile out, which nothing hides."""
        return _added([each.bits * self.costs.elements(each.role) for each in self.boundary.streams])

    def _deeper_bits(self, deeper: Deeper) -> Count:
        role = deeper.stream.role
        fits = self.costs.elements(role) * deeper.element_bits <= deeper.room_bits
        visits = np.where(fits, self.costs.visits(role), self.costs.trips[IRRELEVANT[role]])
        return self._passing(deeper.stream, visits)

    def _edge_bits(self, edge: tuple[Stream, ...]) -> Count:
        """Bits between a memory and the engine beside it; sums count at the partial width."""
        return _added(
            [self.costs.edge_words[stream.role] * (stream.partial_bits or stream.bits) for stream in edge]
        )


def _added(counts: list[Count]) -> Count:
    """The sum, without adding the first to nothing: of small arrays, each addition counts."""
    return reduce(add, counts) if counts else 0
