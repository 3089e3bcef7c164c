"""The smallest memory that holds buffers with fixed lifetimes, with a proof or a gap.

No memory smaller than the largest load can do, and first fit says what certainly does. Between the two, the
smallest capacity is tried first, since it is nearly always possible; what is proved impossible raises the
bound, and what stays open is searched for the smallest peak that can be had in the time.
"""

from __future__ import annotations

import math
import time

from hwsim.schedule.allocation import Allocation, Status, allocate, largest_load
from hwsim.schedule.buffers import Buffer
from hwsim.schedule.first_fit import lowest_first_fit

# Of the time left: the smallest capacity gets the first share, each one between it and the peak the second.
_SMALLEST_SHARE = 0.5
_BETWEEN_SHARE = 0.25


class Descent:
    """The best packing so far and the proved bound, in bytes, improved by :meth:`work`."""

    def __init__(self, buffers: tuple[Buffer, ...]) -> None:
        self.buffers = buffers
        self.unit = math.gcd(*(b.size for b in buffers), *(b.alignment for b in buffers)) if buffers else 1
        self.bound = largest_load(buffers)[0]
        self.offsets = lowest_first_fit(buffers)

    @property
    def peak(self) -> int:
        """The highest byte used so far."""
        return Allocation(Status.FEASIBLE, self.offsets).peak(self.buffers)

    @property
    def allocation(self) -> Allocation:
        """The best so far: optimal where the peak meets the bound."""
        status = Status.OPTIMAL if self.peak == self.bound else Status.FEASIBLE
        return Allocation(status, self.offsets)

    def work(self, deadline: float) -> None:
        """Until the peak is proved smallest or time ends."""
        undecided = self.bound - self.unit
        while undecided + self.unit < self.peak and time.monotonic() < deadline:
            smallest = undecided < self.bound
            target = self.bound if smallest else self._between(undecided, self.peak)
            share = _SMALLEST_SHARE if smallest else _BETWEEN_SHARE
            left = deadline - time.monotonic()
            found = allocate(self.buffers, target, time.monotonic() + share * left)
            if found.status is Status.FEASIBLE:
                self.offsets = found.offsets
            elif found.status is Status.INFEASIBLE:
                self.bound = target + self.unit
                undecided = max(undecided, target)
            else:
                undecided = target

    def _between(self, low: int, high: int) -> int:
        """A capacity half way, in whole units."""
        return low + max(1, (high - low) // self.unit // 2) * self.unit
