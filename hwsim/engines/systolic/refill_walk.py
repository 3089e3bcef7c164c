"""The ifmap demands of a convolution, walked one by one through SCALE-Sim's buffer (see ``refill``)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hwsim.engines.systolic import refill_kernels as kernels
from hwsim.engines.systolic.folds import Dataflow
from hwsim.engines.systolic.lowering import Conv


def reads(rows: int, cols: int, dataflow: Dataflow, conv: Conv, passes: int, capacity: int) -> int:
    """Reads of one group of one image, in ``passes`` passes through a buffer of ``capacity`` words.

    The image has at least ``capacity`` distinct words: one that fits is read once.
    """
    pixels, window = _pixel_axis(conv), _window_axis(conv)
    limits = np.array([conv.ifmap_h, conv.ifmap_w])
    memory = np.full(conv.ifmap_h * conv.ifmap_w * conv.channels_per_group, -1)
    state = np.zeros(5, dtype=np.int64)
    if dataflow == "input_stationary":
        kernels.walk_stationary(window, pixels, limits, rows, cols, capacity, memory, state)
        return int(state[kernels.MISSES])
    lanes, times = (pixels, window) if dataflow == "output_stationary" else (window, pixels)
    emptied: list[int] = []
    misses: list[int] = []
    while len(misses) < passes:
        kernels.walk_streamed(lanes, times, limits, rows, capacity, memory, state)
        misses.append(int(state[kernels.MISSES]))
        place = int(state[kernels.LAST_FLUSH])
        if place in emptied:
            return _continued(misses, emptied.index(place), passes)
        emptied.append(place)
    return misses[-1]


def _continued(misses: list[int], alike: int, passes: int) -> int:
    """Reads after all passes, the last one having left the buffer as pass ``alike`` did.

    What the buffer holds is what was asked for since it was last emptied, and as many words as it can hold
    are asked for in each pass: the place where it was emptied says it all.
    """
    period = len(misses) - 1 - alike
    periods, rest = divmod(passes - len(misses), period)
    each = misses[-1] - misses[alike]
    return misses[alike + rest] + (periods + 1) * each


def _pixel_axis(conv: Conv) -> NDArray[np.int64]:
    """For each output pixel where its window starts: word, row and column of the input."""
    y, x = (axis.ravel() for axis in np.mgrid[: conv.out_h, : conv.out_w])
    y, x = y * conv.stride_h, x * conv.stride_w
    return np.stack([(y * conv.ifmap_w + x) * conv.channels_per_group, y, x])


def _window_axis(conv: Conv) -> NDArray[np.int64]:
    """For each element of a window, channels innermost, how far from its start: words, rows and columns."""
    y, x, channel = (
        axis.ravel() for axis in np.mgrid[: conv.filter_h, : conv.filter_w, : conv.channels_per_group]
    )
    return np.stack([(y * conv.ifmap_w + x) * conv.channels_per_group + channel, y, x])
