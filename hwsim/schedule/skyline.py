"""The compiled heart of allocation: depth-first search over canonical bottom-justified packings.

Buffers are placed in nondecreasing order of (offset, priority), each resting on the skyline of those below
it, as in MiniMalloc (ASPLOS 2024). At every node:

- a buffer whose resting place lies below the last placed one has missed its turn, and one that would waste
  more than some moment can spare must not take it: either must wait until another buffer overlapping it in
  time is placed under it, which raises its lowest possible offset to that one's top;
- at every time the lowest possible offset there plus all that is still to come must fit the capacity;
- a buffer is not placed so high that another one would still fit wholly underneath it;
- of two buffers of one lifetime that lie on each other, the one of higher priority lies below;
- the rest is split where no unplaced buffer is alive across a moment, and the parts are solved one by one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

FEASIBLE, INFEASIBLE, UNDECIDED = 1, 0, -1
_NEVER = 1 << 60


class Arena(NamedTuple):
    """Buffers in order of priority, and the search's working arrays.

    ``lower``, ``upper``: moments of life, half open, counted from 0. ``floor``, ``load``: by moment, the
    skyline and the total size still to be placed; ``crown``: the buffer on top, -1 for none. ``offset``: by
    buffer. ``budget``: one number, the nodes
    left.
    """

    lower: Ints
    upper: Ints
    size: Ints
    capacity: int
    floor: Ints
    crown: Ints
    load: Ints
    offset: Ints
    budget: Ints


@njit(cache=True)
def _lowest_offsets(arena: Arena, waiting: Ints, low: int, last: int) -> tuple[Ints, Flags, int]:
    """By waiting buffer its resting offset and whether its turn may still come; and the dominance limit."""
    offsets = np.empty(len(waiting), np.int64)
    timely = np.empty(len(waiting), np.bool_)
    below = _NEVER
    for index, buffer in enumerate(waiting):
        rest = heaviest = 0
        for moment in range(arena.lower[buffer], arena.upper[buffer]):
            rest = max(rest, arena.floor[moment])
            heaviest = max(heaviest, arena.load[moment])
        below = min(below, rest + arena.size[buffer])
        in_turn = rest > low or (rest == low and buffer > last)
        timely[index] = in_turn and rest + heaviest <= arena.capacity
        offsets[index] = max(rest, low)
    return offsets, timely, below


@njit(cache=True)
def _two_lowest_tops(
    arena: Arena, waiting: Ints, offsets: Ints, first: int, span: int
) -> tuple[Ints, Ints, Ints]:
    """By moment, the lowest and second lowest top of a waiting buffer, and whose the lowest is."""
    lowest = np.full(span, _NEVER, np.int64)
    second = np.full(span, _NEVER, np.int64)
    owner = np.full(span, -1, np.int64)
    for index, buffer in enumerate(waiting):
        top = offsets[index] + arena.size[buffer]
        for moment in range(arena.lower[buffer] - first, arena.upper[buffer] - first):
            if top < lowest[moment]:
                second[moment] = lowest[moment]
                lowest[moment] = top
                owner[moment] = buffer
            elif top < second[moment]:
                second[moment] = top
    return lowest, second, owner


@njit(cache=True)
def _raise_untimely(arena: Arena, waiting: Ints, offsets: Ints, timely: Flags, first: int, span: int) -> bool:
    """Raise the offsets of buffers that must wait for another one below them; False if one cannot fit."""
    lowest, second, owner = _two_lowest_tops(arena, waiting, offsets, first, span)
    for index, buffer in enumerate(waiting):
        if timely[index]:
            continue
        support = _NEVER
        for moment in range(arena.lower[buffer] - first, arena.upper[buffer] - first):
            other = second[moment] if owner[moment] == buffer else lowest[moment]
            support = min(support, other)
        offsets[index] = max(offsets[index], support)
        if offsets[index] + arena.size[buffer] > arena.capacity:
            return False
    return True


@njit(cache=True)
def _all_fits(arena: Arena, waiting: Ints, offsets: Ints, first: int, span: int) -> bool:
    """Whether at every moment the waiting buffers fit above the lowest of their offsets."""
    base = np.full(span, _NEVER, np.int64)
    for index, buffer in enumerate(waiting):
        for moment in range(arena.lower[buffer] - first, arena.upper[buffer] - first):
            base[moment] = min(base[moment], offsets[index])
    for moment in range(span):
        if base[moment] < _NEVER and base[moment] + arena.load[moment + first] > arena.capacity:
            return False
    return True


@njit(cache=True)
def _parts(arena: Arena, waiting: Ints, first: int, span: int) -> Ints:
    """By moment, the number of its part: parts share no waiting buffer."""
    crossing = np.zeros(span + 1, np.int64)
    for buffer in waiting:
        crossing[arena.lower[buffer] + 1 - first] += 1
        crossing[arena.upper[buffer] - first] -= 1
    part = np.zeros(span, np.int64)
    alive = 0
    for moment in range(1, span):
        alive += crossing[moment]
        part[moment] = part[moment - 1] + (alive == 0)
    return part


@njit(cache=True)
def _tightest_first(arena: Arena, part: Ints, first: int) -> Ints:
    """The part numbers, those first that come nearest to the capacity: where failing shows soonest."""
    height = np.zeros(part[-1] + 1, np.int64)
    for moment in range(len(part)):
        at = first + moment
        height[part[moment]] = max(height[part[moment]], arena.floor[at] + arena.load[at])
    order = np.empty(len(height), np.int64)
    for number in range(len(height)):
        place = number
        while place > 0 and height[order[place - 1]] < height[number]:
            order[place] = order[place - 1]
            place -= 1
        order[place] = number
    return order


@njit(cache=True)
def _misplaced_twin(arena: Arena, buffer: int) -> bool:
    """Whether the buffer would lie on one of the same lifetime and lower priority."""
    under = arena.crown[arena.lower[buffer]]
    if under < buffer:
        return False
    same: bool = arena.lower[under] == arena.lower[buffer] and arena.upper[under] == arena.upper[buffer]
    return same


@njit(cache=True)
def _choices(arena: Arena, waiting: Ints, offsets: Ints, timely: Flags, below: int) -> Ints:
    """Indices of the waiting buffers worth placing next, lowest offset first, then by priority."""
    chosen = np.empty(len(offsets), np.int64)
    count = 0
    for index in range(len(offsets)):
        if not timely[index] or offsets[index] >= below or _misplaced_twin(arena, waiting[index]):
            continue
        place = count
        while place > 0 and offsets[chosen[place - 1]] > offsets[index]:
            chosen[place] = chosen[place - 1]
            place -= 1
        chosen[place] = index
        count += 1
    return chosen[:count]


@njit(cache=True)
def _without(waiting: Ints, index: int) -> Ints:
    rest = np.empty(len(waiting) - 1, np.int64)
    for place in range(len(rest)):
        rest[place] = waiting[place + (place >= index)]
    return rest


@njit(cache=True)
def _members(arena: Arena, waiting: Ints, part: Ints, first: int, number: int) -> Ints:
    """The waiting buffers of one part."""
    found = np.empty(len(waiting), np.int64)
    count = 0
    for buffer in waiting:
        if part[arena.lower[buffer] - first] == number:
            found[count] = buffer
            count += 1
    return found[:count]


@njit(cache=True)
def _place(arena: Arena, buffer: int, offset: int) -> Ints:
    """Put a buffer on the skyline; returns the heights and crowns that were there."""
    lower = arena.lower[buffer]
    covered = np.empty((2, arena.upper[buffer] - lower), np.int64)
    for moment in range(covered.shape[1]):
        covered[0, moment] = arena.floor[lower + moment]
        covered[1, moment] = arena.crown[lower + moment]
        arena.crown[lower + moment] = buffer
        arena.floor[lower + moment] = offset + arena.size[buffer]
        arena.load[lower + moment] -= arena.size[buffer]
    arena.offset[buffer] = offset
    return covered


@njit(cache=True)
def _remove(arena: Arena, buffer: int, covered: Ints) -> None:
    lower = arena.lower[buffer]
    for moment in range(covered.shape[1]):
        arena.floor[lower + moment] = covered[0, moment]
        arena.crown[lower + moment] = covered[1, moment]
        arena.load[lower + moment] += arena.size[buffer]


@njit(cache=True)
def _reach(arena: Arena, waiting: Ints) -> tuple[int, int]:
    """The first moment of any waiting buffer, and the number of moments from it to the last."""
    first, last = _NEVER, 0
    for buffer in waiting:
        first = min(first, arena.lower[buffer])
        last = max(last, arena.upper[buffer])
    return first, last - first


@njit(cache=True)
def pack_waiting(arena: Arena, waiting: Ints, low: int, last: int) -> int:
    """Place all ``waiting`` buffers (ascending priority numbers) after ``last``, which lies at ``low``.

    Returns FEASIBLE with ``arena.offset`` filled, INFEASIBLE (proved), or UNDECIDED when the budget is spent.
    """
    if len(waiting) == 0:
        return FEASIBLE
    arena.budget[0] -= 1
    if arena.budget[0] < 0:
        return UNDECIDED
    first, span = _reach(arena, waiting)
    offsets, timely, below = _lowest_offsets(arena, waiting, low, last)
    fits = _raise_untimely(arena, waiting, offsets, timely, first, span)
    outcome = INFEASIBLE
    if not fits or not _all_fits(arena, waiting, offsets, first, span):
        return outcome
    part = _parts(arena, waiting, first, span)
    if part[-1] > 0:
        for number in _tightest_first(arena, part, first):
            outcome = pack_waiting(arena, _members(arena, waiting, part, first, number), low, last)
            if outcome != FEASIBLE:
                break
        return outcome
    for index in _choices(arena, waiting, offsets, timely, below):
        buffer = waiting[index]
        covered = _place(arena, buffer, offsets[index])
        outcome = pack_waiting(arena, _without(waiting, index), offsets[index], buffer)
        _remove(arena, buffer, covered)
        if outcome != INFEASIBLE:
            break
    return outcome
