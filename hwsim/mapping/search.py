"""The choice of tiles: every candidate of a declared set is costed, the best one is taken.

The set holds, for each axis, the whole axis and its division into 2, 3, 4, 6, 8, 12 ... pieces rounded up to the
engine's granule, with all six loop orders. It is small (a few thousand points, one numpy pass), not the whole
space: the answer is the best of the set.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from hwsim.arch.memory import Role
from hwsim.mapping.cut import Tiling, row_granule, tiling_of
from hwsim.mapping.nest import ORDERS, Level, Order, fetched_elements, revisits, tile_elements
from hwsim.mapping.protocol import MatrixEngine
from hwsim.workload.contraction import Matmul

DIVISORS = (2, 3, 4, 6, 8, 12, 16, 24, 32, 64, 128, 256, 1024, 4096)
Candidates = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Room:
    """Space for tiles in one memory: ``bits`` free, and for each role held the bits one tile element takes."""

    memory: str
    bits: int
    shares: tuple[tuple[Role, int], ...]


@dataclass(frozen=True, slots=True)
class Stream:
    """A role that travels from the memory above in tiles.

    ``bits`` is the width of one element, ``partial_bits`` that of an unfinished sum (outputs only).
    """

    role: Role
    bits: int
    partial_bits: int = 0


@dataclass(frozen=True, slots=True)
class Boundary:
    """What crosses from one depth of memory to the next: the streams, the rooms, bits per engine cycle."""

    streams: tuple[Stream, ...]
    rooms: tuple[Room, ...]
    bits_per_cycle: float | None


def best_level(problem: Matmul, engine: MatrixEngine, boundary: Boundary) -> Level | None:
    """The level with the least latency, then traffic, then tiles; None if no candidate fits the rooms."""
    batch, M, N, K = _fitting(problem, engine, boundary)
    if not len(M):
        return None
    tiling = tiling_of(problem, (batch, M, N, K))
    costs = [_costs(problem, engine, boundary, tiling, order) for order in ORDERS]
    keys = [np.concatenate([cost[part] for cost in costs]) for part in range(3)]
    best = int(np.lexsort(keys[::-1])[0])
    order, index = ORDERS[best // len(M)], best % len(M)
    return Level(order, int(batch), int(M[index]), int(N[index]), int(K[index]))


def stream_bits(problem: Matmul, stream: Stream, tiling: Tiling, order: Order) -> Candidates | int:
    """Bits of one stream over the boundary, both ways; partial sums travel at their own width."""
    elements = fetched_elements(problem, stream.role, tiling)
    visits = revisits(stream.role, order, tiling)
    if stream.role != "output":
        return elements * visits * stream.bits
    return elements * (stream.bits + 2 * (visits - 1) * stream.partial_bits)


def _costs(
    problem: Matmul, engine: MatrixEngine, boundary: Boundary, tiling: Tiling, order: Order
) -> tuple[Candidates, Candidates, Candidates]:
    traffic = np.zeros_like(tiling.M.tile)
    for stream in boundary.streams:
        traffic = traffic + stream_bits(problem, stream, tiling, order)
    tiles = tiling.batch.trips * tiling.M.trips * tiling.N.trips * tiling.K.trips
    if boundary.bits_per_cycle is None:
        return engine.cycles(problem, tiling, order[2]), traffic, tiles
    compute = engine.cycles(problem, tiling, order[2])
    exposed = np.zeros_like(traffic)
    for stream in boundary.streams:
        exposed = exposed + stream.bits * tile_elements(
            problem, stream.role, tiling.batch.tile, tiling.M.tile, tiling.N.tile, tiling.K.tile
        )
    latency = np.maximum(compute, traffic / boundary.bits_per_cycle) + exposed / boundary.bits_per_cycle
    return latency.astype(np.int64), traffic, tiles


def _fitting(
    problem: Matmul, engine: MatrixEngine, boundary: Boundary
) -> tuple[int, Candidates, Candidates, Candidates]:
    batch = min(problem.batch, engine.component.instances)
    M, N, K = _mesh(problem, (engine.granule("M"), engine.granule("N"), engine.granule("K")))
    fits = np.ones(M.shape, dtype=bool)
    for room in boundary.rooms:
        used = np.zeros_like(M)
        for role, bits in room.shares:
            used = used + bits * tile_elements(problem, role, batch, M, N, K)
        fits &= used <= room.bits
    return batch, M[fits], N[fits], K[fits]


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
    return sorted({*whole_images, *(part * row for part in parts)}, reverse=True)


def _k_tiles(problem: Matmul, granule: int) -> list[int]:
    taps = problem.K // problem.channels
    return [taps * channels for channels in _tiles(problem.channels, max(1, granule // taps))]
