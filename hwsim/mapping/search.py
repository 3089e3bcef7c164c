"""The choice of tiles: every candidate of a declared set is costed, the best one is taken.

The set (``candidates``) is small (a few thousand points, one numpy pass), not the whole space: the answer is
the best of the set. Of the six loop orders three are costed, one for each innermost axis: where the innermost
loop has several trips, the order of the other two changes nothing, and where it has one, the nest is one of
the others.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from hwsim.arch.memory import Role
from hwsim.mapping.boundary import Boundary, Deeper, Stream
from hwsim.mapping.candidates import Column, Mesh, meshes
from hwsim.mapping.cut import Count, Tiling, tiling_of, whole
from hwsim.mapping.nest import IRRELEVANT, Level, Order, fetched_elements, revisits, tile_elements
from hwsim.mapping.protocol import EdgeWords, MatrixEngine
from hwsim.mapping.room import used_bits
from hwsim.workload.contraction import Matmul

SEARCHED: tuple[Order, ...] = (("M", "N", "K"), ("M", "K", "N"), ("N", "K", "M"))
"""One order for each innermost axis."""
SLACK = 0.001
"""How much slower than the fastest a candidate may be to be taken for its traffic or its fewer tiles."""


def best_level(problem: Matmul, engine: MatrixEngine, boundary: Boundary) -> Level | None:
    """The level with the least latency, then traffic, then tiles; None if no candidate fits the rooms.

    Where data must be waited for, latencies within ``SLACK`` of the least count as equal: tiny tiles make the
    first and the last one shorter, which would else outweigh everything that they cost. Below the outermost
    boundary a tile that fits as it is is left whole: cutting it saves nothing.
    """
    everything = whole(problem)
    rooms = boundary.rooms
    if not boundary.outermost and all(
        used_bits(room, problem, engine, everything) <= room.bits for room in rooms
    ):
        return Level(SEARCHED[0], *everything)
    for mesh in meshes(problem, engine):
        fits = fitting(problem, engine, boundary, mesh)
        if fits.any():
            return _best(Costing(problem, engine, boundary, tiling_of(problem, mesh.tile)), mesh, fits)
    return None


def fitting(problem: Matmul, engine: MatrixEngine, boundary: Boundary, mesh: Mesh) -> Column:
    """Which candidates fit all rooms."""
    fits = np.ones((mesh.M.size, mesh.N.size, mesh.K.size), dtype=bool)
    for room in boundary.rooms:
        fits &= used_bits(room, problem, engine, mesh.tile) <= room.bits
    return fits


def _best(costing: Costing, mesh: Mesh, fits: Column) -> Level:
    """The first of the best: orders as in ``SEARCHED``, then larger tiles before smaller ones."""
    latencies = [np.where(fits, costing.latency(order), np.inf) for order in SEARCHED]
    slack = 0.0 if costing.boundary.bits_per_cycle is None else SLACK
    most = (1 + slack) * min(latency.min() for latency in latencies)
    best: tuple[int, int, Order, int] | None = None
    for order, latency in zip(SEARCHED, latencies, strict=True):
        places = np.flatnonzero(latency <= most)
        if not len(places):
            continue
        places, traffic = _least(places, costing.traffic(order), fits.shape)
        places, tiles = _least(places, costing.tiles(), fits.shape)
        if best is None or (traffic, tiles) < best[:2]:
            best = traffic, tiles, order, int(places[0])
    assert best is not None
    m, n, k = np.unravel_index(best[3], fits.shape)
    return Level(best[2], mesh.batch, int(mesh.M.flat[m]), int(mesh.N.flat[n]), int(mesh.K.flat[k]))


def _least(places: Column, cost: Count, shape: tuple[int, ...]) -> tuple[Column, int]:
    """Those of ``places`` with the least cost, and that cost."""
    costs = np.broadcast_to(cost, shape).ravel()[places]
    least = int(costs.min())
    return places[costs == least], least


@dataclass(slots=True)
class Costing:
    """The costs of candidates, order by order; what does not depend on the whole order is worked out once."""

    problem: Matmul
    engine: MatrixEngine
    boundary: Boundary
    tiling: Tiling
    moved: dict[Role, Count] = field(default_factory=dict)
    visits: dict[tuple[Role, Order], Count] = field(default_factory=dict)
    cycles: dict[bool, Count] = field(default_factory=dict)
    words: dict[bool, dict[Role, EdgeWords]] = field(default_factory=dict)

    def latency(self, order: Order) -> Count:
        """Cycles, an estimate: the busiest resource, plus the first and last tile exposed; infinite where
        sums would have to cross unfinished and must not.
        """
        latency = self._cycles(order)
        for feeder in self.boundary.feeders:
            above = [stream for stream in self.boundary.streams if stream.role in feeder.roles]
            passed = (
                sum(self._bits(stream, order) for stream in above)
                + sum(self._deeper_bits(deeper, order) for deeper in feeder.deeper)
                + self._edge_bits(feeder.edge, order)
            )
            latency = np.maximum(latency, passed / feeder.bits_per_cycle)
        rate = self.boundary.bits_per_cycle
        if rate is not None:
            latency = np.maximum(latency, self.traffic(order) / rate)
            latency = latency + self._exposed_bits() / rate if self.boundary.outermost else latency
        if self.boundary.whole_sums:
            latency = np.where(self._visits("output", order) > 1, np.inf, latency)
        return np.floor(latency)

    def traffic(self, order: Order) -> Count:
        """Bits that cross the boundary."""
        streamed = sum(self._bits(stream, order) for stream in self.boundary.streams)
        return streamed + self._edge_bits(self.boundary.direct, order)

    def tiles(self) -> Count:
        """How many tiles there are."""
        cut = self.tiling
        return cut.batch.trips * cut.M.trips * cut.N.trips * cut.K.trips

    def _visits(self, role: Role, order: Order) -> Count:
        if (role, order) not in self.visits:
            self.visits[role, order] = revisits(role, order, self.tiling)
        return self.visits[role, order]

    def _bits(self, stream: Stream, order: Order) -> Count:
        return self._passing(stream, self._visits(stream.role, order))

    def _passing(self, stream: Stream, visits: Count) -> Count:
        """Bits of one stream that passes ``visits`` times, both ways; partial sums at their own width."""
        if stream.role not in self.moved:
            self.moved[stream.role] = fetched_elements(self.problem, stream.role, self.tiling)
        elements = self.moved[stream.role]
        if stream.role != "output":
            return elements * visits * stream.bits
        if stream.unfinished:
            return elements * 2 * visits * stream.partial_bits
        return elements * (stream.bits + 2 * (visits - 1) * stream.partial_bits)

    def _cycles(self, order: Order) -> Count:
        continuing = order[2] == self.engine.temporal_axis
        if continuing not in self.cycles:
            self.cycles[continuing] = self.engine.cycles(self.problem, self.tiling, order[2])
        return self.cycles[continuing]

    def _exposed_bits(self) -> Count:
        """Bits of the first tile in and the last tile out, which nothing hides."""
        return sum(stream.bits * self._size(stream.role) for stream in self.boundary.streams)

    def _size(self, role: Role) -> Count:
        """Elements of one tile."""
        cut = self.tiling
        return tile_elements(self.problem, role, cut.batch.tile, cut.M.tile, cut.N.tile, cut.K.tile)

    def _deeper_bits(self, deeper: Deeper, order: Order) -> Count:
        role = deeper.stream.role
        fits = self._size(role) * deeper.element_bits <= deeper.room_bits
        again = self.tiling.cut(IRRELEVANT[role]).trips
        return self._passing(deeper.stream, np.where(fits, self._visits(role, order), again))

    def _edge_bits(self, edge: tuple[Stream, ...], order: Order) -> Count:
        """Bits between a memory and the engine beside it; sums count at the partial width."""
        if not edge:
            return 0
        continuing = order[2] == self.engine.temporal_axis
        if continuing not in self.words:
            self.words[continuing] = dict(self.engine.edge_words(self.problem, self.tiling, order[2]))
        words = self.words[continuing]
        return sum(
            (words[stream.role].reads + words[stream.role].writes) * (stream.partial_bits or stream.bits)
            for stream in edge
        )
