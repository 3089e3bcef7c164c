"""Cutting the axes of a matrix product into tiles, with the last tile trimmed, counted exactly.

Everything takes Python ints or int64 arrays (one entry a candidate mapping) and broadcasts.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from hwsim.workload.contraction import Matmul, Window

Axis = Literal["M", "N", "K"]
AXES: tuple[Axis, ...] = ("M", "N", "K")
Count = Any
"""An int, or an int64 array with one entry a candidate."""
Tile = tuple[int, int, int, int]
"""A tile, or a whole product, as (batch, M, N, K)."""


@dataclass(frozen=True, slots=True)
class Cut:
    """An axis of ``size`` walked in ``trips`` steps of ``tile``; the ``last`` step is what is left."""

    size: int
    tile: Count
    trips: Count = field(init=False, compare=False)
    last: Count = field(init=False, compare=False)
    _folds: dict[int, Count] = field(init=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Count the tiles once: they are asked for again and again."""
        trips = -(-self.size // self.tile)
        object.__setattr__(self, "trips", trips)
        object.__setattr__(self, "last", self.size - (trips - 1) * self.tile)

    @property
    def pieces(self) -> tuple[tuple[int, int], ...]:
        """The different sizes of tile, each with how often it comes; for one candidate only."""
        if self.last == self.tile:
            return ((self.trips, self.tile),)
        return ((self.trips - 1, self.tile), (1, self.last)) if self.trips > 1 else ((1, self.last),)

    @property
    def parts(self) -> tuple[tuple[Count, Count], tuple[int, Count]]:
        """All tiles but the last, and the last: how many of them (perhaps none) and their size."""
        return (self.trips - 1, self.tile), (1, self.last)

    def folds(self, lanes: int) -> Count:
        """Folds of at most ``lanes`` that the tiles take, one tile after another."""
        if lanes not in self._folds:
            self._folds[lanes] = self.total(lambda size: -(-size // lanes))
        return self._folds[lanes]

    def total(self, cost: Callable[[Count], Count]) -> Count:
        """``cost`` summed over the tiles."""
        return (self.trips - 1) * cost(self.tile) + cost(self.last)


@dataclass(frozen=True, slots=True)
class Tiling:
    """One level of tiles of a :class:`Matmul`: the cut of each axis and of the batch."""

    batch: Cut
    M: Cut
    N: Cut
    K: Cut

    def cut(self, axis: Axis) -> Cut:
        """The cut of ``axis``."""
        return {"M": self.M, "N": self.N, "K": self.K}[axis]


def whole(problem: Matmul) -> Tile:
    """The product as a single tile."""
    return (problem.batch, problem.M, problem.N, problem.K)


def tiling_of(problem: Matmul, tile: tuple[Count, Count, Count, Count]) -> Tiling:
    """The tiling of ``problem`` by a (batch, M, N, K) tile."""
    batch, M, N, K = tile
    return Tiling(Cut(problem.batch, batch), Cut(problem.M, M), Cut(problem.N, N), Cut(problem.K, K))


def tile_problem(problem: Matmul, tile: Tile) -> Matmul:
    """One tile of a product as a product of its own; a tile of whole output rows keeps its windows."""
    batch, M, N, K = tile
    if not problem.windows or not whole_rows(problem, M):
        return Matmul(batch, M, N, K, images=M)
    first, *others = problem.windows
    row = problem.M // (problem.images * first.out)
    rows = min(first.out, M // row)
    fewer = Window(rows, first.taps, first.stride, first.dilation, first.extent)
    return Matmul(batch, M, N, K, M // (rows * row), (fewer, *others))


def input_elements(problem: Matmul, M: Count, K: Count) -> Count:
    """Elements of the first operand that an M x K tile of one batch entry takes.

    For a convolution whose ``M`` is a number of whole output rows of one image, or of whole images,
    neighbouring windows share elements (halo), and a stride wider than the window skips some; any other cut
    of ``M`` is taken to share nothing, up to the whole input. Elements of the padding count, as far as the
    input is large enough, and so do the channels that the worst place of a cut inside a channel would take.
    """
    if not problem.windows:
        return M * K
    return _minimum(_pixels(problem, M) * _channels(problem, K), M * K)


def all_input_elements(problem: Matmul, M: Cut, K: Cut) -> Count:
    """:func:`input_elements` summed over all tiles of one batch entry."""
    if not problem.windows:
        return problem.M * problem.K
    channels = [(many, depth, _channels(problem, depth)) for many, depth in K.parts]
    total = 0
    for many_rows, rows in M.parts:
        pixels = _pixels(problem, rows)
        for many, depth, reached in channels:
            total = total + many_rows * many * _minimum(pixels * reached, rows * depth)
    return total


def whole_rows(problem: Matmul, M: Count) -> Count:
    """Whether ``M`` output pixels of a convolution are whole output rows of one image, or whole images."""
    first = problem.windows[0]
    rows = _maximum(M // row_granule(problem), 1)
    inside = (rows <= first.out) & ((first.out % rows == 0) | (problem.images == 1))
    return (M % row_granule(problem) == 0) & (inside | (rows % first.out == 0))


def _pixels(problem: Matmul, M: Count) -> Count:
    """Input pixels under ``M`` output pixels, all there are where these are no whole rows."""
    first, *others = problem.windows
    columns = math.prod(_touched(window, window.out) for window in others)
    rows = M // row_granule(problem)
    images = _maximum(rows // first.out, 1)
    shared = images * _touched(first, _minimum(rows, first.out)) * columns
    everything = problem.images * _touched(first, first.out) * columns
    return everything + whole_rows(problem, M) * (shared - everything)


def _channels(problem: Matmul, K: Count) -> Count:
    """Channels that ``K`` positions reach into, wherever they begin if they are not whole channels.

    A product of no whole channels is a tile cut inside one: all its own cuts may be inside, too.
    """
    taps = problem.taps
    inside = 2 * (taps - 1)
    if problem.K % taps:
        return (K + inside) // taps
    return _minimum((K + (K % taps > 0) * inside) // taps, problem.K // taps)


def row_granule(problem: Matmul) -> int:
    """The smallest cut of M that keeps whole output rows."""
    return math.prod(window.out for window in problem.windows[1:])


def _touched(window: Window, outs: Count) -> Count:
    """Elements along one sliding axis that ``outs`` neighbouring windows touch, no more than there are.

    Window o touches stride * o + dilation * t. Two of these (o, t) are the same element where they differ by
    a multiple of (dilation, -stride) over their common divisor: as many elements as pairs, less neighbours.
    """
    common = math.gcd(window.stride, window.dilation)
    later = _maximum(outs - window.dilation // common, 0)
    again = later * max(window.taps - window.stride // common, 0)
    return _minimum(outs * window.taps - again, window.extent)


def _minimum(left: Count, right: Count) -> Count:
    if isinstance(left, int) and isinstance(right, int):
        return min(left, right)
    import numpy as np

    return np.minimum(left, right)


def _maximum(left: Count, right: Count) -> Count:
    if isinstance(left, int) and isinstance(right, int):
        return max(left, right)
    import numpy as np

    return np.maximum(left, right)
