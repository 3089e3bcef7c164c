"""One clock cycle of the array, PE by PE: the compiled heart of ``register_transfer``.

State of an array of R x C PEs: ``values`` and ``marks`` of shape (3, R, C), one plane a register: RIGHT holds
what moves to the right neighbour, DOWN what moves down or (operand stationary) stays, SUM the partial sum. A
mark tells what its register holds: nothing, an empty token, or a token with a value, maybe the last one.
PEs are visited from the bottom right to the top left, so a PE that reads a neighbour's register sees what it
held when the cycle began. ``left`` is (used rows x T); ``top`` is (T x used columns) where sums stay and
(used rows x used columns) where an operand stays.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

RIGHT, DOWN, SUM = 0, 1, 2

PRESENT, VALUE, LAST = 1, 2, 4

# Rows of the event table: a register plane, or what happens elsewhere.
EDGE, PE = 3, 4
# Columns of the event table. Edge and PE rows use them as named after the slash.
READS, WRITES, HOPS = 0, 1, 2
LEFT_EDGE, TOP_EDGE, OUTPUTS, MACS = 0, 1, 2, 0

Floats = NDArray[np.float64]
Marks = NDArray[np.int8]
Events = NDArray[np.int64]


def no_events() -> Events:
    """An empty event table."""
    return np.zeros((5, 3), dtype=np.int64)


@njit(cache=True)
def _token_from_left(
    step: int, r: int, c: int, left: Floats, values: Floats, marks: Marks, events: Events
) -> Any:
    """What PE (r, c) takes from its left: (mark, value). Lane r of the edge is skewed by r cycles."""
    if c > 0:
        mark = marks[RIGHT, r, c - 1]
        if mark & VALUE:
            events[RIGHT, READS] += 1
            events[RIGHT, HOPS] += 1
        return mark, values[RIGHT, r, c - 1]
    t = step - r
    if t < 0 or t >= left.shape[1]:
        return 0, 0.0
    mark = PRESENT | (LAST if t == left.shape[1] - 1 else 0)
    if r >= left.shape[0]:
        return mark, 0.0
    events[EDGE, LEFT_EDGE] += 1
    return mark | VALUE, left[r, t]


@njit(cache=True)
def _token_from_top(
    step: int, r: int, c: int, top: Floats, values: Floats, marks: Marks, events: Events
) -> Any:
    """What PE (r, c) takes from above where both operands move. Lane c of the edge is skewed by c cycles."""
    if r > 0:
        mark = marks[DOWN, r - 1, c]
        if mark & VALUE:
            events[DOWN, READS] += 1
            events[DOWN, HOPS] += 1
        return mark, values[DOWN, r - 1, c]
    t = step - c
    if t < 0 or t >= top.shape[0]:
        return 0, 0.0
    mark = PRESENT | (LAST if t == top.shape[0] - 1 else 0)
    if c >= top.shape[1]:
        return mark, 0.0
    events[EDGE, TOP_EDGE] += 1
    return mark | VALUE, top[t, c]


@njit(cache=True)
def _pass_on(
    plane: int,
    r: int,
    c: int,
    mark: int,
    value: float,
    wanted: bool,
    values: Floats,
    marks: Marks,
    events: Events,
) -> None:
    """Latch a token for the neighbour; its value only if the neighbour is in use."""
    if mark & VALUE and wanted:
        values[plane, r, c] = value
        events[plane, WRITES] += 1
        marks[plane, r, c] = mark
    else:
        marks[plane, r, c] = mark & ~VALUE


@njit(cache=True)
def output_stationary_cycle(
    cycle: int,
    left: Floats,
    top: Floats,
    results: Floats,
    bus: Events,
    values: Floats,
    marks: Marks,
    events: Events,
) -> bool:
    """Both operands move, sums stay; a complete sum leaves on the bus of its column. True when all is done.

    ``bus[c]`` is the last cycle, counted from 1, in which the bus of column c was driven.
    """
    rows, cols = values.shape[1], values.shape[2]
    done = False
    for r in range(rows - 1, -1, -1):
        for c in range(cols - 1, -1, -1):
            a_mark, a = _token_from_left(cycle, r, c, left, values, marks, events)
            b_mark, b = _token_from_top(cycle, r, c, top, values, marks, events)
            if (a_mark & (PRESENT | LAST)) != (b_mark & (PRESENT | LAST)):
                raise RuntimeError("operands out of step")
            if a_mark & b_mark & VALUE:
                total = a * b
                events[PE, MACS] += 1
                if marks[SUM, r, c]:
                    total += values[SUM, r, c]
                    events[SUM, READS] += 1
                if a_mark & LAST:
                    if bus[c] == cycle + 1:
                        raise RuntimeError("two results on one bus")
                    bus[c] = cycle + 1
                    results[r, c] = total
                    events[EDGE, OUTPUTS] += 1
                else:
                    _pass_on(SUM, r, c, PRESENT | VALUE, total, True, values, marks, events)
            _pass_on(RIGHT, r, c, a_mark, a, c + 1 < top.shape[1], values, marks, events)
            _pass_on(DOWN, r, c, b_mark, b, r + 1 < left.shape[0], values, marks, events)
            done |= r == rows - 1 and c == cols - 1 and (a_mark & LAST) != 0
    return done


@njit(cache=True)
def _shift_down(cycle: int, top: Floats, values: Floats, marks: Marks, events: Events) -> None:
    """The stationary block enters one row a cycle, its last row first."""
    rows, cols = values.shape[1], values.shape[2]
    entering = rows - 1 - cycle
    for r in range(rows - 1, -1, -1):
        for c in range(cols):
            mark, value = 0, 0.0
            if r > 0:
                mark, value = marks[DOWN, r - 1, c], values[DOWN, r - 1, c]
                if mark & VALUE:
                    events[DOWN, READS] += 1
                    events[DOWN, HOPS] += 1
            elif entering < top.shape[0] and c < top.shape[1]:
                mark, value = PRESENT | VALUE, top[entering, c]
                events[EDGE, TOP_EDGE] += 1
            _pass_on(DOWN, r, c, mark, value, True, values, marks, events)


@njit(cache=True)
def _sum_from_above(r: int, c: int, values: Floats, marks: Marks, events: Events) -> Any:
    """The partial sum that reaches PE (r, c): (mark, value)."""
    if r == 0 or not marks[SUM, r - 1, c] & VALUE:
        return 0, 0.0
    events[SUM, READS] += 1
    events[SUM, HOPS] += 1
    return marks[SUM, r - 1, c], values[SUM, r - 1, c]


@njit(cache=True)
def operand_stationary_cycle(
    cycle: int,
    left: Floats,
    top: Floats,
    results: Floats,
    arrived: Events,
    values: Floats,
    marks: Marks,
    events: Events,
) -> bool:
    """One operand is shifted in and stays, the other streams, sums run down. True when all is done.

    ``arrived[c]`` counts the sums that have left column c: the row of ``results`` that the next one fills.
    """
    rows, cols = values.shape[1], values.shape[2]
    if cycle < rows:
        _shift_down(cycle, top, values, marks, events)
        return False
    done = False
    for r in range(rows - 1, -1, -1):
        for c in range(cols - 1, -1, -1):
            mark, x = _token_from_left(cycle - rows, r, c, left, values, marks, events)
            sum_mark, total = _sum_from_above(r, c, values, marks, events)
            if sum_mark & VALUE and not mark & PRESENT:
                raise RuntimeError("partial sum out of step")
            if mark & marks[DOWN, r, c] & VALUE:
                total += x * values[DOWN, r, c]
                sum_mark = PRESENT | VALUE
                events[PE, MACS] += 1
                events[DOWN, READS] += 1
            if r < rows - 1:
                _pass_on(SUM, r, c, sum_mark, total, True, values, marks, events)
            elif sum_mark & VALUE:
                results[arrived[c], c] = total
                arrived[c] += 1
                events[EDGE, OUTPUTS] += 1
            _pass_on(RIGHT, r, c, mark, x, c + 1 < top.shape[1], values, marks, events)
            done |= r == rows - 1 and c == cols - 1 and (mark & LAST) != 0
    return done
