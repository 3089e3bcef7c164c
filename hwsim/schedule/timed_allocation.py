"""Allocation with a clock and a referee."""

from __future__ import annotations

import time
from dataclasses import dataclass

from hwsim.schedule.allocation import Allocation, Status, allocate, is_valid, largest_load
from hwsim.schedule.buffers import Buffer
from hwsim.schedule.peak import Descent


@dataclass(frozen=True, slots=True)
class Allocated:
    """What was found, checked independently where there are offsets.

    ``lower_bound_bytes``: no capacity below it is possible. ``interrupted``: the user ended the search.
    """

    allocation: Allocation
    lower_bound_bytes: int
    solve_s: float
    interrupted: bool


def allocate_verified(buffers: tuple[Buffer, ...], capacity: int, time_limit_s: float) -> Allocated:
    """Offsets inside ``capacity`` bytes; an interrupt leaves the question open."""
    started = time.monotonic()
    interrupted = False
    try:
        found = allocate(buffers, capacity, started + time_limit_s)
    except KeyboardInterrupt:
        interrupted = True
        found = Allocation(Status.UNKNOWN, {}, "interrupted before a packing or a proof was found")
    return _refereed(buffers, found, capacity, largest_load(buffers)[0], started, interrupted)


def smallest_verified(buffers: tuple[Buffer, ...], time_limit_s: float) -> Allocated:
    """Offsets with the lowest peak that can be found; after an interrupt the best so far."""
    started = time.monotonic()
    interrupted = False
    descent = Descent(buffers)
    try:
        descent.work(started + time_limit_s)
    except KeyboardInterrupt:
        interrupted = True
    return _refereed(buffers, descent.allocation, descent.peak, descent.bound, started, interrupted)


def _refereed(
    buffers: tuple[Buffer, ...],
    found: Allocation,
    capacity: int,
    bound: int,
    started: float,
    interrupted: bool,
) -> Allocated:
    if found.offsets and not is_valid(buffers, capacity, found.offsets):
        raise AssertionError("unsound allocation")
    return Allocated(found, bound, time.monotonic() - started, interrupted)
