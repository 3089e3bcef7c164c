"""Allocation with a clock and a referee."""

from __future__ import annotations

import time

from hwsim.schedule.allocation import Allocation, allocate, is_valid
from hwsim.schedule.buffers import Buffer


def allocate_verified(
    buffers: tuple[Buffer, ...], capacity: int, time_limit_s: float
) -> tuple[Allocation, float]:
    """An allocation whose offsets, if any, were checked independently; and the seconds it took."""
    started = time.monotonic()
    found = allocate(buffers, capacity, started + time_limit_s)
    if found.offsets and not is_valid(buffers, capacity, found.offsets):
        raise AssertionError("unsound allocation")
    return found, time.monotonic() - started
