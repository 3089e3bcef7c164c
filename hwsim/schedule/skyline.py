"""The compiled heart of allocation: depth-first search over canonical bottom-justified packings.

Buffers are placed in nondecreasing order of (offset, priority), each resting on the skyline of those below
it, as in MiniMalloc (ASPLOS 2024). At every node:

- a buffer whose resting place lies below the last placed one has missed its turn, and one that would waste
  more than some moment can spare must not take it: either must wait until another buffer overlapping it in
  time is placed under it, which raises its lowest possible offset to that one's top;
- at every time the lowest possible offset there plus all that is still to come must fit the capacity;
- a buffer is not placed so high that another one would still fit wholly underneath it;
- of two buffers of one lifetime that lie on each other (and need no alignment), the one of higher priority
  lies below;
- the rest is split where no unplaced buffer is alive across a moment, and the parts are solved one by one.

A failure is explained by the moments whose skyline caused it. A *jumping* search leaves the alternatives
of a buffer that is alive at none of them: it finds packings far sooner, but since an alternative may matter
through the order of placement alone, its exhaustion proves nothing. Every failure also counts as trouble
for the buffers that found no room, for the next priorities to heed.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

FEASIBLE, INFEASIBLE, UNDECIDED = 1, 0, -1
_NEVER = 1 << 60


class Arena(NamedTuple):
    """Buffers in order of priority, and the search's working arrays.

    ``lower``, ``upper``: moments of life, half open, counted from 0. ``floor``, ``load``: by moment, the
    skyline and the total size still to be placed; ``crown``: the buffer on top, -1 for none. ``offset`` and
    ``trouble`` (shares of failures): by buffer. ``budget``: one number, the nodes left.
    """

    lower: Ints
    upper: Ints
    size: Ints
    alignment: Ints
    capacity: int
    jumping: bool
    floor: Ints
    crown: Ints
    load: Ints
    offset: Ints
    trouble: Floats
    budget: Ints


class Waiting(NamedTuple):
    """Unplaced buffers, ascending, with where each would rest now and the largest load it lives through."""

    buffer: Ints
    rest: Ints
    heaviest: Ints


@njit(cache=True, nogil=True)
def _filled(count: int, value: int) -> Ints:
    values = np.empty(count, np.int64)
    for index in range(count):
        values[index] = value
    return values


@njit(cache=True, nogil=True)
def _lowest_offsets(arena: Arena, waiting: Waiting, low: int, last: int) -> tuple[Ints, Flags, int]:
    """By waiting buffer its lowest offset and whether its turn may still come; and the dominance limit."""
    count = len(waiting.buffer)
    offsets = np.empty(count, np.int64)
    timely = np.empty(count, np.bool_)
    below = _NEVER
    for index in range(count):
        buffer, rest = waiting.buffer[index], waiting.rest[index]
        below = min(below, rest + arena.size[buffer])
        in_turn = rest > low or (rest == low and buffer > last)
        timely[index] = in_turn and rest + waiting.heaviest[index] <= arena.capacity
        offsets[index] = max(rest, low)
    return offsets, timely, below


@njit(cache=True, nogil=True)
def _two_lowest_tops(
    arena: Arena, waiting: Waiting, offsets: Ints, first: int, span: int
) -> tuple[Ints, Ints, Ints]:
    """By moment, the lowest and second lowest top of a waiting buffer, and the index of the lowest."""
    lowest = _filled(span, _NEVER)
    second = _filled(span, _NEVER)
    owner = _filled(span, -1)
    for index, buffer in enumerate(waiting.buffer):
        top = offsets[index] + arena.size[buffer]
        for moment in range(arena.lower[buffer] - first, arena.upper[buffer] - first):
            if top < lowest[moment]:
                second[moment] = lowest[moment]
                lowest[moment] = top
                owner[moment] = index
            elif top < second[moment]:
                second[moment] = top
    return lowest, second, owner


@njit(cache=True, nogil=True)
def _raise_untimely(
    arena: Arena, waiting: Waiting, offsets: Ints, timely: Flags, first: int, span: int
) -> int:
    """Raise the offsets of buffers that must wait for another one below them; one that cannot fit, or -1."""
    lowest, second, owner = _two_lowest_tops(arena, waiting, offsets, first, span)
    for index, buffer in enumerate(waiting.buffer):
        if timely[index]:
            continue
        support = _NEVER
        for moment in range(arena.lower[buffer] - first, arena.upper[buffer] - first):
            other = second[moment] if owner[moment] == index else lowest[moment]
            support = min(support, other)
        offsets[index] = max(offsets[index], support)
        if offsets[index] + arena.size[buffer] > arena.capacity:
            return int(buffer)
    return -1


@njit(cache=True, nogil=True)
def _overfull_moment(arena: Arena, waiting: Waiting, offsets: Ints, first: int, span: int) -> int:
    """A moment at which the waiting buffers do not fit above the lowest of their offsets, or -1."""
    base = _filled(span, _NEVER)
    for index, buffer in enumerate(waiting.buffer):
        for moment in range(arena.lower[buffer] - first, arena.upper[buffer] - first):
            base[moment] = min(base[moment], offsets[index])
    for moment in range(span):
        if base[moment] < _NEVER and base[moment] + arena.load[moment + first] > arena.capacity:
            return moment + first
    return -1


@njit(cache=True, nogil=True)
def _blame_for_buffer(arena: Arena, buffer: int, guilty: Flags) -> None:
    """The buffer fits nowhere any more: its whole life explains the failure."""
    arena.trouble[buffer] += 1.0
    for moment in range(arena.lower[buffer], arena.upper[buffer]):
        guilty[moment] = True


@njit(cache=True, nogil=True)
def _blame_for_moment(arena: Arena, waiting: Waiting, full: int, guilty: Flags) -> None:
    """Too much is to come at a moment: what holds each of those buffers up explains the failure."""
    guilty[full] = True
    needed = arena.capacity - arena.load[full] + 1
    for buffer in waiting.buffer:
        lower, upper = arena.lower[buffer], arena.upper[buffer]
        if not lower <= full < upper:
            continue
        arena.trouble[buffer] += arena.size[buffer] / arena.load[full]
        cause, explained = -1, arena.floor[full] >= needed
        for moment in range(lower, upper):
            if arena.floor[moment] >= needed:
                cause = moment
                explained |= guilty[moment]
        if not explained and cause >= 0:
            guilty[cause] = True
        elif not explained:
            for moment in range(lower, upper):
                guilty[moment] = True


@njit(cache=True, nogil=True)
def _parts(arena: Arena, waiting: Waiting, first: int, span: int) -> Ints:
    """By moment, the number of its part: parts share no waiting buffer."""
    crossing = np.zeros(span + 1, np.int64)
    for buffer in waiting.buffer:
        crossing[arena.lower[buffer] + 1 - first] += 1
        crossing[arena.upper[buffer] - first] -= 1
    part = np.zeros(span, np.int64)
    alive = 0
    for moment in range(1, span):
        alive += crossing[moment]
        part[moment] = part[moment - 1] + (alive == 0)
    return part


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def _selected(waiting: Waiting, selected: Flags) -> Waiting:
    """Some of the waiting buffers, copied."""
    buffer = np.empty(len(selected), np.int64)
    rest = np.empty(len(selected), np.int64)
    heaviest = np.empty(len(selected), np.int64)
    count = 0
    for index in range(len(selected)):
        if selected[index]:
            buffer[count] = waiting.buffer[index]
            rest[count] = waiting.rest[index]
            heaviest[count] = waiting.heaviest[index]
            count += 1
    return Waiting(buffer[:count], rest[:count], heaviest[:count])


@njit(cache=True, nogil=True)
def _members(arena: Arena, waiting: Waiting, part: Ints, first: int, number: int) -> Waiting:
    """The waiting buffers of one part."""
    inside = np.empty(len(waiting.buffer), np.bool_)
    for index, buffer in enumerate(waiting.buffer):
        inside[index] = part[arena.lower[buffer] - first] == number
    return _selected(waiting, inside)


@njit(cache=True, nogil=True)
def _choices(arena: Arena, waiting: Waiting, offsets: Ints, timely: Flags, below: int) -> Ints:
    """Indices of the waiting buffers worth placing next, lowest offset first, then by priority.

    Not one that would lie on a buffer of the same lifetime and lower priority.
    """
    lower, upper, crown = arena.lower, arena.upper, arena.crown
    chosen = np.empty(len(offsets), np.int64)
    count = 0
    for index, buffer in enumerate(waiting.buffer):
        if not timely[index] or offsets[index] >= below:
            continue
        under = crown[lower[buffer]]
        same_life = under > buffer and lower[under] == lower[buffer] and upper[under] == upper[buffer]
        if same_life and arena.alignment[under] == arena.alignment[buffer] == 1:
            continue
        place = count
        while place > 0 and offsets[chosen[place - 1]] > offsets[index]:
            chosen[place] = chosen[place - 1]
            place -= 1
        chosen[place] = index
        count += 1
    return chosen[:count]


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def _remove(arena: Arena, buffer: int, covered: Ints) -> None:
    lower = arena.lower[buffer]
    for moment in range(covered.shape[1]):
        arena.floor[lower + moment] = covered[0, moment]
        arena.crown[lower + moment] = covered[1, moment]
        arena.load[lower + moment] += arena.size[buffer]


@njit(cache=True, nogil=True)
def _still_waiting(arena: Arena, waiting: Waiting, index: int) -> Waiting:
    """What waits after the buffer at ``index`` was placed: those it overlaps rest on it or higher."""
    placed = waiting.buffer[index]
    lower, upper = arena.lower[placed], arena.upper[placed]
    top = arena.offset[placed] + arena.size[placed]
    keep = np.ones(len(waiting.buffer), np.bool_)
    keep[index] = False
    rest = _selected(waiting, keep)
    for place, buffer in enumerate(rest.buffer):
        if arena.lower[buffer] < upper and lower < arena.upper[buffer]:
            aligned = -(-top // arena.alignment[buffer]) * arena.alignment[buffer]
            rest.rest[place] = max(rest.rest[place], aligned)
            heaviest = 0
            for moment in range(arena.lower[buffer], arena.upper[buffer]):
                heaviest = max(heaviest, arena.load[moment])
            rest.heaviest[place] = heaviest
    return rest


@njit(cache=True, nogil=True)
def _reach(arena: Arena, waiting: Waiting) -> tuple[int, int]:
    """The first moment of any waiting buffer, and the number of moments from it to the last."""
    first, last = _NEVER, 0
    for buffer in waiting.buffer:
        first = min(first, arena.lower[buffer])
        last = max(last, arena.upper[buffer])
    return first, last - first


@njit(cache=True, nogil=True)
def _support(arena: Arena, buffer: int) -> int:
    """A moment at which the buffer would rest on what is below it."""
    found = arena.lower[buffer]
    for moment in range(arena.lower[buffer], arena.upper[buffer]):
        if arena.floor[moment] > arena.floor[found]:
            found = moment
    return int(found)


@njit(cache=True, nogil=True)
def _concerns(cause: Flags, lower: int, upper: int, guilty: Flags) -> bool:
    """Whether a failure has a cause in ``[lower, upper)``; its causes are added to ``guilty``."""
    found = False
    for moment in range(len(cause)):
        if cause[moment]:
            guilty[moment] = True
            found = found or lower <= moment < upper
    return found


@njit(cache=True, nogil=True)
def pack_waiting(arena: Arena, waiting: Waiting, low: int, last: int, guilty: Flags) -> int:
    """Place all ``waiting`` buffers after ``last``, which lies at ``low``; what prevents it is ``guilty``.

    Returns FEASIBLE with ``arena.offset`` filled, INFEASIBLE (proved, unless jumping), or UNDECIDED when the
    budget is spent.
    """
    if len(waiting.buffer) == 0:
        return FEASIBLE
    arena.budget[0] -= 1
    if arena.budget[0] < 0:
        return UNDECIDED
    first, span = _reach(arena, waiting)
    offsets, timely, below = _lowest_offsets(arena, waiting, low, last)
    unfit = _raise_untimely(arena, waiting, offsets, timely, first, span)
    if unfit >= 0:
        _blame_for_buffer(arena, unfit, guilty)
        return INFEASIBLE
    full = _overfull_moment(arena, waiting, offsets, first, span)
    if full >= 0:
        _blame_for_moment(arena, waiting, full, guilty)
        return INFEASIBLE
    outcome = INFEASIBLE
    part = _parts(arena, waiting, first, span)
    if part[-1] > 0:
        for number in _tightest_first(arena, part, first):
            outcome = pack_waiting(arena, _members(arena, waiting, part, first, number), low, last, guilty)
            if outcome != FEASIBLE:
                break
        return outcome
    for index in _choices(arena, waiting, offsets, timely, below):
        buffer = waiting.buffer[index]
        lower, upper = arena.lower[buffer], arena.upper[buffer]
        support = _support(arena, buffer)
        covered = _place(arena, buffer, offsets[index])
        cause = np.zeros(len(guilty), np.bool_)
        outcome = pack_waiting(arena, _still_waiting(arena, waiting, index), offsets[index], buffer, cause)
        _remove(arena, buffer, covered)
        if outcome != INFEASIBLE:
            break
        if not _concerns(cause, lower, upper, guilty) and arena.jumping:
            break
        guilty[support] = True
    return outcome
