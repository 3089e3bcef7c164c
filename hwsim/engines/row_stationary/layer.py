"""The convolution that a row-stationary array sees in a matrix product; letters as in Chen 2017 (JSSC)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from hwsim.mapping.cut import Count
from hwsim.workload.contraction import Matmul, Window

POINT = Window(out=1, taps=1, stride=1, dilation=1, extent=1)
"""An axis along which nothing slides."""


@dataclass(frozen=True, slots=True)
class Layer:
    """What all tiles of a product share.

    ``down`` slides over the rows of an image (E outputs, R filter rows), ``along`` within a row (F outputs,
    S filter columns); the ``depth`` taps of any further axis count as channels of their own. A plain product
    is a 1 x 1 convolution whose M inputs are a column of pixels; a convolution along one axis slides down.
    """

    down: Window
    along: Window
    depth: int

    @property
    def taps(self) -> int:
        """Weights of one filter and channel."""
        return self.depth * self.down.taps * self.along.taps

    def images(self, M: Count) -> Count:
        """Images that ``M`` output pixels reach into; a cut inside a row takes the whole row."""
        return -(-self._all_rows(M) // self.down.out)

    def rows(self, M: Count) -> Count:
        """Output rows that ``M`` output pixels take of each image."""
        return np.minimum(self._all_rows(M), self.down.out)

    def channels(self, K: Count) -> Count:
        """Channels that ``K`` positions reach into; a cut inside a channel takes the whole channel."""
        return -(-K // self.taps) * self.depth

    def _all_rows(self, M: Count) -> Count:
        return -(-M // self.along.out)


@lru_cache(maxsize=1024)
def layer_of(problem: Matmul) -> Layer:
    """The convolution that ``problem`` is, or is a plain case of."""
    if not problem.windows:
        return Layer(Window(problem.M, 1, 1, 1, problem.M), POINT, 1)
    if len(problem.windows) == 1:
        return Layer(problem.windows[0], POINT, 1)
    *further, down, along = problem.windows
    return Layer(down, along, math.prod(window.taps for window in further))


def spanned(window: Window, outs: Count, taps: int) -> Count:
    """Elements along an axis, padding included, that ``outs`` neighbouring windows of ``taps`` taps cover."""
    reach = (outs - 1) * window.stride + (taps - 1) * window.dilation + 1
    return np.minimum(reach, outs * taps)
