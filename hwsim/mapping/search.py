"""The choice of tiles: every candidate of a declared set is costed, the best one is taken.

The set (``candidates``) is small (a few thousand points, one numpy pass), not the whole space: the answer is
the best of the set. Of the six loop orders three are costed, one for each innermost axis: where the innermost
loop has several trips, the order of the other two changes nothing, and where it has one, the nest is one of
the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from hwsim.arch.memory import ROLES, Role
from hwsim.mapping.boundary import Boundary, Deeper, Feeder, Stream
from hwsim.mapping.candidates import Column, Mesh, meshes
from hwsim.mapping.cut import AXES, Axis, Count, Tiling, tiling_of, whole
from hwsim.mapping.nest import IRRELEVANT, RELEVANT, Level, Order, fetched_elements, tile_elements
from hwsim.mapping.protocol import EdgeWords, MatrixEngine
from hwsim.mapping.room import used_bits
from hwsim.workload.contraction import Matmul

SEARCHED: tuple[Order, ...] = (("M", "N", "K"), ("M", "K", "N"), ("N", "K", "M"))
"""One order for each innermost axis."""
INSIDE: dict[Role, dict[Axis, Column]] = {
    role: {
        axis: np.array([order.index(axis) > order.index(IRRELEVANT[role]) for order in SEARCHED]).reshape(
            -1, 1, 1, 1
        )
        for axis in RELEVANT[role]
    }
    for role in ROLES
}
"""Whether a relevant axis is inside the irrelevant one, for each of ``SEARCHED``."""
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
    shape = (len(SEARCHED), *fits.shape)
    latency = np.where(fits, costing.latency(), np.inf)
    slack = 0.0 if costing.boundary.bits_per_cycle is None else SLACK
    places = np.flatnonzero(latency <= (1 + slack) * latency.min())
    places = _least(places, costing.traffic(), shape)
    places = _least(places, costing.tiles(), shape)
    order, m, n, k = (int(index) for index in np.unravel_index(places[0], shape))
    return Level(SEARCHED[order], mesh.batch, int(mesh.M.flat[m]), int(mesh.N.flat[n]), int(mesh.K.flat[k]))


def _least(places: Column, cost: Count, shape: tuple[int, ...]) -> Column:
    """Those of ``places`` with the least cost."""
    if len(places) == 1:
        return places
    costs = np.broadcast_to(cost, shape)[np.unravel_index(places, shape)]
    return places[costs == costs.min()]


@dataclass(slots=True)
class Costing:
    """The costs of candidates: arrays over (order, M, N, K), the orders as in ``SEARCHED``."""

    problem: Matmul
    engine: MatrixEngine
    boundary: Boundary
    tiling: Tiling
    trips: dict[Axis, Count] = field(init=False)
    moved: dict[Role, Count] = field(init=False)
    crossing: dict[Role, Count] = field(init=False)
    direct: Count = field(init=False)
    words: dict[Axis, Mapping[Role, EdgeWords]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Work out what several costs share."""
        self.trips = {axis: self.tiling.cut(axis).trips for axis in AXES}
        roles = {stream.role for stream in self.boundary.streams}
        roles.update(deeper.stream.role for feeder in self.boundary.feeders for deeper in feeder.deeper)
        self.moved = {role: fetched_elements(self.problem, role, self.tiling) for role in roles}
        self.crossing = {
            stream.role: self._passing(stream, self._visits(stream.role)) for stream in self.boundary.streams
        }
        self.direct = self._edge_bits(self.boundary.direct)

    def latency(self) -> Count:
        """Cycles, an estimate: the busiest resource, plus the first and last tile exposed; infinite where
        sums would have to cross unfinished and must not.
        """
        latency = self._by_continuing(partial(self.engine.cycles, self.problem, self.tiling))
        for feeder in self.boundary.feeders:
            latency = np.maximum(latency, self._passed(feeder) / feeder.bits_per_cycle)
        rate = self.boundary.bits_per_cycle
        if rate is not None:
            latency = np.maximum(latency, self.traffic() / rate)
            latency = latency + self._exposed_bits() / rate if self.boundary.outermost else latency
        if self.boundary.whole_sums:
            latency = np.where(self._visits("output") > 1, np.inf, latency)
        return np.floor(latency)

    def traffic(self) -> Count:
        """Bits that cross the boundary."""
        return sum(self.crossing.values()) + self.direct

    def tiles(self) -> Count:
        """How many tiles there are."""
        return self.tiling.batch.trips * self.trips["M"] * self.trips["N"] * self.trips["K"]

    def _visits(self, role: Role) -> Count:
        """How often the whole of ``role`` passes, as in :func:`hwsim.mapping.nest.revisits`."""
        one, other = RELEVANT[role]
        inside = INSIDE[role]
        moving = (inside[one] & (self.trips[one] > 1)) | (inside[other] & (self.trips[other] > 1))
        return 1 + moving * (self.trips[IRRELEVANT[role]] - 1)

    def _passing(self, stream: Stream, visits: Count) -> Count:
        """Bits of one stream that passes ``visits`` times, both ways; partial sums at their own width."""
        elements = self.moved[stream.role]
        if stream.role != "output":
            return elements * stream.bits * visits
        if stream.unfinished:
            return elements * (2 * stream.partial_bits) * visits
        return elements * (stream.bits + (visits - 1) * (2 * stream.partial_bits))

    def _passed(self, feeder: Feeder) -> Count:
        """Bits that a memory below the boundary takes in and passes on."""
        roles = feeder.roles
        above = sum(bits for role, bits in self.crossing.items() if role in roles)
        deeper = sum(self._deeper_bits(deeper) for deeper in feeder.deeper)
        return above + deeper + self._edge_bits(feeder.edge)

    def _exposed_bits(self) -> Count:
        """Bits of the first tile in and the last tile out, which nothing hides."""
        return sum(stream.bits * self._size(stream.role) for stream in self.boundary.streams)

    def _size(self, role: Role) -> Count:
        """Elements of one tile."""
        cut = self.tiling
        return tile_elements(self.problem, role, cut.batch.tile, cut.M.tile, cut.N.tile, cut.K.tile)

    def _deeper_bits(self, deeper: Deeper) -> Count:
        role = deeper.stream.role
        fits = self._size(role) * deeper.element_bits <= deeper.room_bits
        return self._passing(deeper.stream, np.where(fits, self._visits(role), self.trips[IRRELEVANT[role]]))

    def _edge_bits(self, edge: tuple[Stream, ...]) -> Count:
        """Bits between a memory and the engine beside it; sums count at the partial width."""
        if not edge:
            return 0
        return self._by_continuing(partial(self._edge_bits_of, edge))

    def _edge_bits_of(self, edge: tuple[Stream, ...], innermost: Axis) -> Count:
        if innermost not in self.words:
            self.words[innermost] = self.engine.edge_words(self.problem, self.tiling, innermost)
        words = self.words[innermost]
        return sum(
            (words[stream.role].reads + words[stream.role].writes) * (stream.partial_bits or stream.bits)
            for stream in edge
        )

    def _by_continuing(self, cost: Callable[[Axis], Count]) -> Count:
        """``cost`` by the innermost axis, of which an engine only sees whether it is its temporal one."""
        along = self.engine.temporal_axis
        across = next(axis for axis in AXES if axis != along)
        continuing = np.array([order[2] == along for order in SEARCHED]).reshape(-1, 1, 1, 1)
        return np.where(continuing, cost(along), cost(across))
