"""Addresses for buffers with fixed lifetimes (MiniMalloc's problem): exact, or undecided when time ends.

A first look compares the largest simultaneous load with the capacity, a second tries first fit; what is
harder goes to the canonical search of :mod:`hwsim.schedule.restarts`, which finds a packing or proves that
there is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from hwsim.schedule.buffers import Buffer
from hwsim.schedule.first_fit import first_fit
from hwsim.spec.errors import CheckFailed


class Status(StrEnum):
    """What is known about an answer; ``UNKNOWN`` only when time ended before anything was found."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Allocation:
    """``offsets``: bytes by buffer id, empty unless found. ``reason`` says why there are none."""

    status: Status
    offsets: dict[str, int]
    reason: str = ""

    @property
    def found(self) -> bool:
        """Whether every buffer has an offset."""
        return self.status in (Status.OPTIMAL, Status.FEASIBLE)

    def peak(self, buffers: tuple[Buffer, ...]) -> int:
        """The highest byte used."""
        return max((self.offsets[buffer.id] + buffer.size for buffer in buffers), default=0)

    def insist(self) -> None:
        """Raise where there are no offsets.

        Raises:
            CheckFailed: infeasible, or undecided at the end of the time; with the reason.
        """
        if not self.found:
            raise CheckFailed(f"{self.status}: {self.reason}")


def allocate(buffers: tuple[Buffer, ...], capacity: int, deadline: float) -> Allocation:
    """Offsets so that buffers alive together are disjoint inside ``[0, capacity)`` bytes.

    Status ``feasible`` with offsets, ``infeasible`` (proved), or ``unknown`` at ``deadline``
    (``time.monotonic()``).
    """
    if not buffers:
        return Allocation(Status.FEASIBLE, {})
    peak, moment = largest_load(buffers)
    if peak > capacity:
        reason = f"at time {moment} buffers of {peak} bytes are alive together, the capacity is {capacity}"
        return Allocation(Status.INFEASIBLE, {}, reason)
    offsets = first_fit(buffers, capacity)
    if offsets is not None:
        return Allocation(Status.FEASIBLE, offsets)
    # Compiled code takes a second to load and more to compile, so only where it is needed.
    from hwsim.schedule.restarts import packed

    decided, offsets = packed(buffers, capacity, deadline)
    if offsets is not None:
        return Allocation(Status.FEASIBLE, offsets)
    if decided:
        return Allocation(Status.INFEASIBLE, {}, f"no packing fits {capacity} bytes (exhaustive search)")
    return Allocation(Status.UNKNOWN, {}, "time ended before a packing or a proof was found")


def largest_load(buffers: tuple[Buffer, ...]) -> tuple[int, int]:
    """The most bytes alive together and a time when they are."""
    changes: dict[int, int] = {}
    for buffer in buffers:
        changes[buffer.lower] = changes.get(buffer.lower, 0) + buffer.size
        changes[buffer.upper] = changes.get(buffer.upper, 0) - buffer.size
    load, worst = 0, (0, 0)
    for moment in sorted(changes):
        load += changes[moment]
        worst = max(worst, (load, -moment))
    return worst[0], -worst[1]


def overlap(buffers: tuple[Buffer, ...], offsets: dict[str, int]) -> tuple[Buffer, Buffer] | None:
    """Two buffers alive together at overlapping addresses, or None; knows nothing of the search."""
    moments = sorted({buffer.lower for buffer in buffers})
    for moment in moments:
        alive = [buffer for buffer in buffers if buffer.lower <= moment < buffer.upper]
        alive.sort(key=lambda buffer: offsets[buffer.id])
        for below, above in pairwise(alive):
            if offsets[below.id] + below.size > offsets[above.id]:
                return below, above
    return None


def is_valid(buffers: tuple[Buffer, ...], capacity: int, offsets: dict[str, int]) -> bool:
    """Whether all offsets are aligned and inside the capacity, and none overlap while alive together."""
    if set(offsets) != {buffer.id for buffer in buffers}:
        return False
    inside = all(offsets[b.id] >= 0 and offsets[b.id] + b.size <= capacity for b in buffers)
    aligned = all(offsets[b.id] % b.alignment == 0 for b in buffers)
    return inside and aligned and overlap(buffers, offsets) is None
