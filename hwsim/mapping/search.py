"""The choice of tiles: every candidate of a declared set is costed, the best one is taken.

The set holds, for each axis, the whole axis and its division into 2, 3, 4, 6, 8, 12 ... pieces rounded up to
the engine's granule, with all six loop orders. It is small (a few thousand points, one numpy pass), not the
whole space: the answer is the best of the set.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwsim.arch.memory import ROLES, Role
from hwsim.mapping.cut import AXES, Axis, Tiling, row_granule, tiling_of
from hwsim.mapping.nest import IRRELEVANT, ORDERS, Level, fetched_elements, tile_elements
from hwsim.mapping.protocol import MatrixEngine
from hwsim.mapping.room import Room, used_bits
from hwsim.workload.contraction import Matmul

DIVISORS = (2, 3, 4, 6, 8, 12, 16, 24, 32, 64, 128, 256, 1024, 4096)
SLACK = 0.001
"""How much slower than the fastest a candidate may be to be taken for its traffic or its fewer tiles."""
Candidates = NDArray[Any]
"""One entry a candidate (or a row an order): whole numbers, and floats on the way to them."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A role that travels from the memory above in tiles.

    ``bits`` is the width of one element, ``partial_bits`` that of an unfinished sum (outputs only);
    ``unfinished`` says that the sums arrive and leave unfinished, since K is cut further out.
    """

    role: Role
    bits: int
    partial_bits: int = 0
    unfinished: bool = False


@dataclass(frozen=True, slots=True)
class Feeder:
    """A memory below the boundary whose bandwidth may set the pace: bits per engine cycle, and what it passes
    on.

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
    beside: tuple[Stream, ...]
    """Roles that go from the memories above straight into the engine, beside the streams."""
    outermost: bool


def best_level(problem: Matmul, engine: MatrixEngine, boundary: Boundary) -> Level | None:
    """The level with the least latency, then traffic, then tiles; None if no candidate fits the rooms.

    Where data must be waited for, latencies within ``SLACK`` of the least count as equal: tiny tiles make the
    first and the last one shorter, which would else outweigh everything that they cost. Below the outermost
    boundary a tile that fits as it is is left whole: cutting it saves neither.
    """
    whole = (problem.batch, problem.M, problem.N, problem.K)
    if not boundary.outermost and all(
        used_bits(room, problem, engine, whole) <= room.bits for room in boundary.rooms
    ):
        return Level(ORDERS[0], *whole)
    batch, M, N, K = _fitting(problem, engine, boundary)
    if not len(M):
        return None
    tiling = tiling_of(problem, (batch, M, N, K))
    latency, *others = _Costing.of(problem, engine, tiling).costs(boundary)
    slack = 0.0 if boundary.bits_per_cycle is None else SLACK
    best = _first_least((latency > latency.min() * (1 + slack), *others))
    order, index = ORDERS[best // len(M)], best % len(M)
    return Level(order, int(batch), int(M[index]), int(N[index]), int(K[index]))


def _first_least(keys: tuple[Candidates, ...]) -> int:
    """The first place with the least of the first key, among those of the second, and so on."""
    places = np.arange(len(keys[0]))
    for key in keys:
        values = key[places]
        places = places[values == values.min()]
    return int(places[0])


@dataclass(frozen=True, slots=True)
class _Costing:
    """All candidates in all six orders at once: arrays of (orders, tiles), or of one row where orders are
    alike.
    """

    problem: Matmul
    engine: MatrixEngine
    tiling: Tiling
    trips: dict[Axis, Candidates]
    visits: dict[Role, Candidates]

    @classmethod
    def of(cls, problem: Matmul, engine: MatrixEngine, tiling: Tiling) -> _Costing:
        """The candidates with their trips, and how often each role passes (``nest.revisits``)."""
        trips = {axis: tiling.cut(axis).trips for axis in AXES}
        moves = np.array([trips[axis] > 1 for axis in AXES], dtype=np.int8)
        visits = {
            role: np.where(inside @ moves > 0, trips[IRRELEVANT[role]], 1) for role, inside in _INSIDE.items()
        }
        return cls(problem, engine, tiling, trips, visits)

    def costs(self, boundary: Boundary) -> tuple[Candidates, Candidates, Candidates]:
        """Latency (an estimate: the busiest resource, plus the first and last tile exposed), traffic, tiles."""
        bits = {stream.role: self._bits(stream, self.visits[stream.role]) for stream in boundary.streams}
        tiles = self.tiling.batch.trips * self.trips["M"] * self.trips["N"] * self.trips["K"]
        shape = (len(ORDERS), len(tiles))
        traffic = np.broadcast_to(sum(bits.values()), shape)
        latency = self._by_order(lambda innermost: self.engine.cycles(self.problem, self.tiling, innermost))
        for feeder in boundary.feeders:
            passed = sum(bits.get(role, 0) for role in feeder.roles)
            passed = passed + sum(self._deeper_bits(deeper) for deeper in feeder.deeper)
            latency = np.maximum(latency, (passed + self._edge_bits(feeder.edge)) / feeder.bits_per_cycle)
        rate = boundary.bits_per_cycle
        if rate is not None:
            latency = np.maximum(latency, (traffic + self._edge_bits(boundary.beside)) / rate)
            if boundary.outermost:
                latency = latency + self._exposed_bits(boundary) / rate
        whole = np.broadcast_to(latency, shape).astype(np.int64)
        return whole.ravel(), traffic.ravel(), np.broadcast_to(tiles, shape).ravel()

    def _by_order(self, cost: Callable[[Axis], Candidates | int]) -> Candidates:
        """``cost`` of the innermost axis for every order; only the temporal axis makes a difference."""
        streaming = self.engine.temporal_axis
        other = next(axis for axis in AXES if axis != streaming)
        return np.where(_innermost(streaming), cost(streaming), cost(other))

    def _bits(self, stream: Stream, visits: Candidates) -> Candidates:
        """Bits of one stream that passes ``visits`` times, both ways; partial sums at their own width."""
        elements = fetched_elements(self.problem, stream.role, self.tiling)
        if stream.role != "output":
            return np.asarray(elements * visits * stream.bits)
        if stream.unfinished:
            return np.asarray(elements * 2 * visits * stream.partial_bits)
        return np.asarray(elements * (stream.bits + 2 * (visits - 1) * stream.partial_bits))

    def _size(self, role: Role) -> Candidates | int:
        """Elements of one tile."""
        cut = self.tiling
        size: Candidates | int = tile_elements(
            self.problem, role, cut.batch.tile, cut.M.tile, cut.N.tile, cut.K.tile
        )
        return size

    def _exposed_bits(self, boundary: Boundary) -> Candidates | int:
        """Bits of the first tile in and the last tile out, which nothing hides."""
        return sum(stream.bits * self._size(stream.role) for stream in boundary.streams)

    def _deeper_bits(self, deeper: Deeper) -> Candidates:
        role = deeper.stream.role
        fits = self._size(role) * deeper.element_bits <= deeper.room_bits
        visits = np.where(fits, self.visits[role], self.trips[IRRELEVANT[role]])
        return self._bits(deeper.stream, visits)

    def _edge_bits(self, edge: tuple[Stream, ...]) -> Candidates | int:
        """Bits between a memory and the engine beside it; sums count at the partial width."""
        if not edge:
            return 0
        return self._by_order(lambda innermost: self._words_bits(edge, innermost))

    def _words_bits(self, edge: tuple[Stream, ...], innermost: Axis) -> Candidates | int:
        words = self.engine.edge_words(self.problem, self.tiling, innermost)
        bits: Candidates | int = sum(
            (words[stream.role].reads + words[stream.role].writes) * (stream.partial_bits or stream.bits)
            for stream in edge
        )
        return bits


def _inside(role: Role) -> Candidates:
    """For each order, which axes have their loop inside the role's irrelevant one."""
    behind = [order[order.index(IRRELEVANT[role]) + 1 :] for order in ORDERS]
    return np.array([[axis in axes for axis in AXES] for axes in behind], dtype=np.int8)


_INSIDE: dict[Role, Candidates] = {role: _inside(role) for role in ROLES}


@cache
def _innermost(axis: Axis) -> NDArray[np.bool_]:
    """For each order, whether ``axis`` is its innermost loop; one column."""
    return np.array([[order[2] == axis] for order in ORDERS])


def smallest_excess(problem: Matmul, engine: MatrixEngine, boundary: Boundary) -> tuple[Room, int]:
    """Where no candidate fits: the room that lacks most for the most modest candidate, and the bits that one
    takes.
    """
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
    """Cuts between channels, which fetch none twice, and at the engine's granule, which waste no lanes."""
    channels, partial = divmod(problem.K, problem.taps)
    between = (
        [] if partial else [problem.taps * part for part in _tiles(channels, max(1, granule // problem.taps))]
    )
    return sorted({*between, *_tiles(problem.K, granule)}, reverse=True)
