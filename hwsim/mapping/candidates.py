"""The declared set of tiles among which the search chooses.

For each axis the whole axis and its division into 2, 3, 4, 6, 8, 12 ... pieces rounded up to the engine's
granule. Where none of these fits the memories, the granule is given up.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwsim.mapping.cut import row_granule
from hwsim.mapping.nest import Level
from hwsim.mapping.protocol import MatrixEngine
from hwsim.workload.contraction import Matmul

DIVISORS = (2, 3, 4, 6, 8, 12, 16, 24, 32, 64, 128, 256, 1024, 4096)
Column = NDArray[Any]
"""An array that broadcasts over the mesh of candidates."""


@dataclass(frozen=True, slots=True)
class Mesh:
    """All combinations of tile sizes; each axis is an array along a dimension of its own."""

    batch: int
    M: Column
    N: Column
    K: Column

    @property
    def tile(self) -> tuple[int, Column, Column, Column]:
        """The tiles as (batch, M, N, K)."""
        return (self.batch, self.M, self.N, self.K)

    @property
    def smallest(self) -> Level:
        """The smallest tile of all."""
        return Level(("M", "N", "K"), self.batch, int(self.M.min()), int(self.N.min()), int(self.K.min()))


@dataclass(frozen=True, slots=True)
class Cutting:
    """How a set of candidates is cut: items of the batch in a tile, and the granules of M, N and K."""

    batch: int
    granules: tuple[int, int, int]

    def mesh(self, problem: Matmul) -> Mesh:
        """The candidates for ``problem``."""
        return _mesh(problem, self.batch, self.granules)


def cuttings(problem: Matmul, engine: MatrixEngine) -> tuple[Cutting, Cutting]:
    """The one that suits the engine, and the one to fall back upon."""
    granules = (engine.granule("M"), engine.granule("N"), engine.granule("K"))
    batch = min(problem.batch, engine.component.instances)
    return Cutting(batch, granules), Cutting(1, (1, 1, 1))


@lru_cache(maxsize=4096)
def _mesh(problem: Matmul, batch: int, granules: tuple[int, int, int]) -> Mesh:
    axes = (_m_tiles(problem, granules[0]), _tiles(problem.N, granules[1]), _k_tiles(problem, granules[2]))
    return Mesh(batch, *np.ix_(*(np.array(tiles, dtype=np.int64) for tiles in axes)))


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
    """Cuts between channels, which fetch none twice, and cuts at the granule, which waste no lanes."""
    channels, partial = divmod(problem.K, problem.taps)
    parts = [] if partial else _tiles(channels, max(1, granule // problem.taps))
    return sorted({*(problem.taps * part for part in parts), *_tiles(problem.K, granule)}, reverse=True)
