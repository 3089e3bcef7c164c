"""Cutting the axes of a matrix product into tiles, with the last tile trimmed, counted exactly.

Everything takes Python ints or int64 arrays (one entry a candidate mapping) and broadcasts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from hwsim.workload.contraction import Matmul, Window

Axis = Literal["M", "N", "K"]
AXES: tuple[Axis, ...] = ("M", "N", "K")
Count = Any
"""An int, or an int64 array with one entry a candidate."""


@dataclass(frozen=True, slots=True)
class Cut:
    """An axis of ``size`` walked in steps of ``tile``; the last step is what is left."""

    size: int
    tile: Count

    @property
    def trips(self) -> Count:
        """How many tiles."""
        return -(-self.size // self.tile)

    @property
    def last(self) -> Count:
        """Size of the last tile."""
        return self.size - (self.trips - 1) * self.tile

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


def tiling_of(problem: Matmul, tile: tuple[Count, Count, Count, Count]) -> Tiling:
    """The tiling of ``problem`` by a (batch, M, N, K) tile."""
    batch, M, N, K = tile
    return Tiling(Cut(problem.batch, batch), Cut(problem.M, M), Cut(problem.N, N), Cut(problem.K, K))


def input_elements(problem: Matmul, M: Count, K: Count) -> Count:
    """Elements of the first operand that an M x K tile of one batch entry takes.

    For a convolution ``M`` is a number of whole output rows of one image, or of whole images: neighbouring windows
    share elements (halo), and a stride wider than the window skips some.
    """
    return _pixels(problem, M) * _channels(problem, K) if problem.windows else M * K


def all_input_elements(problem: Matmul, M: Cut, K: Cut) -> Count:
    """:func:`input_elements` summed over all tiles of one batch entry."""
    if not problem.windows:
        return problem.M * problem.K
    pixels = M.total(lambda size: _pixels(problem, size))
    return pixels * K.total(lambda size: _channels(problem, size))


def _pixels(problem: Matmul, M: Count) -> Count:
    """Input pixels under ``M`` output pixels."""
    first, *others = problem.windows
    rows = M // _product(window.out for window in others)
    per_image = _minimum(rows, first.out)
    images = _maximum(rows // first.out, 1)
    columns = _product(_touched(window, window.out) for window in others)
    return images * _touched(first, per_image) * columns


def _channels(problem: Matmul, K: Count) -> Count:
    """Channels that ``K`` positions reach into; one more where the cut is not between channels."""
    whole = -(-problem.K // problem.taps)
    return _minimum(-(-K // problem.taps) + (K % problem.taps > 0) * (K < problem.K), whole)


def row_granule(problem: Matmul) -> int:
    """The smallest cut of M that keeps whole output rows."""
    return _product(window.out for window in problem.windows[1:])


def _touched(window: Window, outs: Count) -> Count:
    """Elements along one sliding axis that ``outs`` neighbouring windows touch."""
    reach = (window.taps - 1) * window.dilation + 1
    distinct = (outs - 1) * window.stride + reach if window.stride <= reach else outs * window.taps
    return _minimum(distinct, window.extent)


def _product(factors: Any) -> int:
    result = 1
    for factor in factors:
        result *= factor
    return result


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
