"""Compiled walks of a demand stream through SCALE-Sim's buffer (see ``refill``).

An operand matrix is addressed by ``start[lane] + step[t]`` with coordinates that must stay inside the tensor;
outside there is nothing to read. ``memory`` holds for each word the last filling of the buffer that had it.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Axis = NDArray[np.int64]

# What a walk carries from pass to pass.
FILLING, WORDS, MISSES, POSITION, LAST_FLUSH = range(5)


@njit(cache=True)
def _ask(word: int, capacity: int, memory: Axis, state: Axis) -> None:
    """One demand: a word the buffer lacks is read; a full buffer forgets everything."""
    state[POSITION] += 1
    if memory[word] == state[FILLING]:
        return
    memory[word] = state[FILLING]
    state[MISSES] += 1
    state[WORDS] += 1
    if state[WORDS] == capacity:
        state[WORDS] = 0
        state[FILLING] += 1
        state[LAST_FLUSH] = state[POSITION]


@njit(cache=True)
def walk_streamed(
    lanes: Axis, times: Axis, limits: Axis, array_lanes: int, capacity: int, memory: Axis, state: Axis
) -> None:
    """One pass of a streamed operand: folds of ``array_lanes`` lanes, each a cycle behind the one before.

    ``lanes`` and ``times`` are (3, n): the address and the two coordinates that add up; ``limits`` the size
    of the tensor along both.
    """
    state[POSITION] = 0
    for first in range(0, lanes.shape[1], array_lanes):
        used = min(array_lanes, lanes.shape[1] - first)
        for cycle in range(times.shape[1] + used - 1):
            for lane in range(max(0, cycle - times.shape[1] + 1), min(used, cycle + 1)):
                at, t = first + lane, cycle - lane
                if lanes[1, at] + times[1, t] < limits[0] and lanes[2, at] + times[2, t] < limits[1]:
                    _ask(lanes[0, at] + times[0, t], capacity, memory, state)


@njit(cache=True)
def walk_stationary(
    lanes: Axis, columns: Axis, limits: Axis, rows: int, cols: int, capacity: int, memory: Axis, state: Axis
) -> None:
    """The one pass of a stationary operand: folds of rows x cols, each loaded from its last row up."""
    for left in range(0, columns.shape[1], cols):
        for top in range(0, lanes.shape[1], rows):
            for row in range(min(top + rows, lanes.shape[1]) - 1, top - 1, -1):
                for column in range(left, min(left + cols, columns.shape[1])):
                    y = lanes[1, row] + columns[1, column]
                    x = lanes[2, row] + columns[2, column]
                    if y < limits[0] and x < limits[1]:
                        _ask(lanes[0, row] + columns[0, column], capacity, memory, state)
