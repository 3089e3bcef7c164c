"""The choice of tiles: every candidate of a declared set is costed, the best one is taken.

The set holds, for each axis, the whole axis and its division into 2, 3, 4, 6, 8, 12 ... pieces rounded up to the
engine's granule, with all six loop orders. It is small (a few thousand points, one numpy pass), not the whole
space: the answer is the best of the set.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from hwsim.arch.memory import Role
from hwsim.mapping.cut import Axis, Tiling, row_granule, tiling_of
from hwsim.mapping.nest import IRRELEVANT, ORDERS, Level, Order, fetched_elements, tile_elements
from hwsim.mapping.protocol import MatrixEngine
from hwsim.mapping.room import Room, used_bits
from hwsim.workload.contraction import Matmul

DIVISORS = (2, 3, 4, 6, 8, 12, 16, 24, 32, 64, 128, 256, 1024, 4096)
Candidates = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Stream:
    """A role that travels from the memory above in tiles.

    ``bits`` is the width of one element, ``partial_bits`` that of an unfinished sum (outputs only).
    """

    role: Role
    bits: int
    partial_bits: int = 0


@dataclass(frozen=True, slots=True)
class Feeder:
    """A memory below the boundary whose bandwidth may set the pace: bits per engine cycle, and what it passes on.

    ``edge`` roles go from it straight into the engine, ``deeper`` ones into another memory.
    """

    bits_per_cycle: float
    edge: tuple[Stream, ...]
    deeper: tuple[Deeper, ...]

    @property
    def roles(self) -> tuple[Role, ...]:
        """All roles that pass through."""
        return tuple(stream.role for stream in (*self.edge, *(deeper.stream for deeper in self.deeper)))


@dataclass(frozen=True, slots=True)
class Deeper:
    """A role that goes on into a further memory with ``room_bits`` for tiles of ``element_bits`` an element.

    Where a tile fits, it moves as it is; where it does not, it is cut again and each trip of the role's
    irrelevant loop moves it anew.
    """

    stream: Stream
    element_bits: int
    room_bits: int


@dataclass(frozen=True, slots=True)
class Boundary:
    """What crosses from one depth of memory to the next: the streams, the rooms, bits per engine cycle above."""

    streams: tuple[Stream, ...]
    rooms: tuple[Room, ...]
    bits_per_cycle: float | None
    feeders: tuple[Feeder, ...]
    outermost: bool


def best_level(problem: Matmul, engine: MatrixEngine, boundary: Boundary) -> Level | None:
    """The level with the least latency, then traffic, then tiles; None if no candidate fits the rooms."""
    batch, M, N, K = _fitting(problem, engine, boundary)
    if not len(M):
        return None
    costing = _Costing(problem, engine, boundary, tiling_of(problem, (batch, M, N, K)))
    costs = [costing.of(order) for order in ORDERS]
    keys = [np.concatenate([cost[part] for cost in costs]) for part in range(3)]
    best = int(np.lexsort(keys[::-1])[0])
    order, index = ORDERS[best // len(M)], best % len(M)
    return Level(order, int(batch), int(M[index]), int(N[index]), int(K[index]))


@dataclass(slots=True)
class _Costing:
    """The costs of all candidates, order by order; what does not depend on the whole order is worked out once."""

    problem: Matmul
    engine: MatrixEngine
    boundary: Boundary
    tiling: Tiling
    moved: dict[Role, Candidates | int] = field(default_factory=dict)
    sizes: dict[Role, Candidates | int] = field(default_factory=dict)
    trips: dict[Axis, Candidates] = field(default_factory=dict)
    cycles: dict[bool, Candidates] = field(default_factory=dict)
    edges: dict[tuple[int, bool], Candidates | int] = field(default_factory=dict)

    def of(self, order: Order) -> tuple[Candidates, Candidates, Candidates]:
        """Latency (an estimate: the busiest resource, plus the first and last tile exposed), traffic, tiles."""
        bits = {
            stream.role: self._bits(stream, self._visits(stream.role, order))
            for stream in self.boundary.streams
        }
        traffic = np.zeros_like(self.tiling.M.tile) + sum(bits.values())
        tiles = self.tiling.batch.trips * self._trips("M") * self._trips("N") * self._trips("K")
        continuing = order[2] == self.engine.temporal_axis
        latency = self._cycles(order[2], continuing)
        for number, feeder in enumerate(self.boundary.feeders):
            passed = sum(bits.get(role, 0) for role in feeder.roles)
            passed += sum(self._deeper_bits(deeper, order) for deeper in feeder.deeper)
            passed += self._edge_bits(number, order[2], continuing)
            latency = np.maximum(latency, passed / feeder.bits_per_cycle)
        rate = self.boundary.bits_per_cycle
        if rate is not None:
            latency = np.maximum(latency, traffic / rate)
            if self.boundary.outermost:
                latency = latency + self._exposed_bits() / rate
        return latency.astype(np.int64), traffic, tiles

    def _trips(self, axis: Axis) -> Candidates:
        if axis not in self.trips:
            self.trips[axis] = self.tiling.cut(axis).trips
        return self.trips[axis]

    def _visits(self, role: Role, order: Order) -> Candidates:
        """:func:`hwsim.mapping.nest.revisits` of every candidate."""
        irrelevant = IRRELEVANT[role]
        moving = np.zeros(self.tiling.M.tile.shape, dtype=bool)
        for axis in order[order.index(irrelevant) + 1 :]:
            moving = moving | (self._trips(axis) > 1)
        return np.where(moving, self._trips(irrelevant), 1)

    def _bits(self, stream: Stream, visits: Candidates) -> Candidates:
        """Bits of one stream that passes ``visits`` times, both ways; partial sums travel at their own width."""
        if stream.role not in self.moved:
            self.moved[stream.role] = fetched_elements(self.problem, stream.role, self.tiling)
        elements = self.moved[stream.role]
        if stream.role != "output":
            return elements * visits * stream.bits
        return elements * (stream.bits + 2 * (visits - 1) * stream.partial_bits)

    def _size(self, role: Role) -> Candidates | int:
        """Elements of one tile."""
        if role not in self.sizes:
            cut = self.tiling
            tile = (cut.batch.tile, cut.M.tile, cut.N.tile, cut.K.tile)
            self.sizes[role] = tile_elements(self.problem, role, *tile)
        return self.sizes[role]

    def _cycles(self, innermost: Axis, continuing: bool) -> Candidates:
        if continuing not in self.cycles:
            self.cycles[continuing] = self.engine.cycles(self.problem, self.tiling, innermost)
        return self.cycles[continuing]

    def _exposed_bits(self) -> Candidates | int:
        """Bits of the first tile in and the last tile out, which nothing hides."""
        return sum(stream.bits * self._size(stream.role) for stream in self.boundary.streams)

    def _deeper_bits(self, deeper: Deeper, order: Order) -> Candidates:
        role = deeper.stream.role
        fits = self._size(role) * deeper.element_bits <= deeper.room_bits
        visits = np.where(fits, self._visits(role, order), self._trips(IRRELEVANT[role]))
        return self._bits(deeper.stream, visits)

    def _edge_bits(self, number: int, innermost: Axis, continuing: bool) -> Candidates | int:
        """Bits between a memory and the engine beside it; sums count at the partial width."""
        edge = self.boundary.feeders[number].edge
        if (number, continuing) not in self.edges:
            words = self.engine.edge_words(self.problem, self.tiling, innermost) if edge else {}
            self.edges[number, continuing] = sum(
                (words[stream.role].reads + words[stream.role].writes) * (stream.partial_bits or stream.bits)
                for stream in edge
            )
        return self.edges[number, continuing]


def smallest_excess(problem: Matmul, engine: MatrixEngine, boundary: Boundary) -> tuple[Room, int]:
    """Where no candidate fits: the room that lacks most for the most modest candidate, and the bits that one takes."""
    tile = _candidates(problem, engine)
    used = np.array([used_bits(room, problem, engine, tile) for room in boundary.rooms])
    lacking = used / np.array([[max(room.bits, 1)] for room in boundary.rooms])
    modest = int(lacking.max(axis=0).argmin())
    room = int(lacking[:, modest].argmax())
    return boundary.rooms[room], int(used[room, modest])


def _fitting(
    problem: Matmul, engine: MatrixEngine, boundary: Boundary
) -> tuple[int, Candidates, Candidates, Candidates]:
    batch, M, N, K = _candidates(problem, engine)
    fits = np.ones(M.shape, dtype=bool)
    for room in boundary.rooms:
        fits &= used_bits(room, problem, engine, (batch, M, N, K)) <= room.bits
    return batch, M[fits], N[fits], K[fits]


def _candidates(problem: Matmul, engine: MatrixEngine) -> tuple[int, Candidates, Candidates, Candidates]:
    batch = min(problem.batch, engine.component.instances)
    return batch, *_mesh(problem, (engine.granule("M"), engine.granule("N"), engine.granule("K")))


@lru_cache(maxsize=4096)
def _mesh(problem: Matmul, granules: tuple[int, int, int]) -> tuple[Candidates, Candidates, Candidates]:
    axes = (_m_tiles(problem, granules[0]), _tiles(problem.N, granules[1]), _k_tiles(problem, granules[2]))
    M, N, K = np.meshgrid(*(np.array(tiles, dtype=np.int64) for tiles in axes), indexing="ij")
    return M.ravel(), N.ravel(), K.ravel()


def _tiles(size: int, granule: int) -> list[int]:
    pieces = {-(-size // divisor) for divisor in DIVISORS if divisor <= size}
    rounded = {min(size, -(-piece // granule) * granule) for piece in pieces}
    return sorted({size, min(size, granule)} | rounded, reverse=True)


def _m_tiles(problem: Matmul, granule: int) -> list[int]:
    if not problem.windows:
        return _tiles(problem.M, granule)
    row = row_granule(problem)
    rows = problem.windows[0].out
    whole_images = [images * rows * row for images in _tiles(problem.images, 1)]
    parts = [part for part in _tiles(rows, 1) if problem.images == 1 or rows % part == 0]
    return sorted({*whole_images, *(part * row for part in parts), *_folds(problem.M, granule)}, reverse=True)


def _folds(size: int, granule: int) -> list[int]:
    """A few multiples of the engine's granule: cuts that waste no lanes wherever they fall."""
    return [many * granule for many in (1, 4, 16) if many * granule < size]


def _k_tiles(problem: Matmul, granule: int) -> list[int]:
    """Cuts between channels, which fetch none twice, and cuts at the engine's granule, which waste no lanes."""
    channels, partial = divmod(problem.K, problem.taps)
    between = (
        [] if partial else [problem.taps * part for part in _tiles(channels, max(1, granule // problem.taps))]
    )
    return sorted({*between, *_tiles(problem.K, granule)}, reverse=True)
