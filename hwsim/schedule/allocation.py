"""Addresses for buffers with fixed lifetimes (MiniMalloc's problem): exact, or undecided when time ends.

A first look compares the largest simultaneous load with the capacity. Then the canonical search of
:mod:`hwsim.schedule.skyline` runs under many priorities with growing budgets: a packing is usually near the
surface for some priority, and a bad early choice cannot be mended by patience. Any run that ends within its
budget decides the question, so a long enough last run proves infeasibility.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import count, pairwise

import numpy as np

from hwsim.schedule.skyline import FEASIBLE, UNDECIDED, Arena, Ints, pack_waiting

_FIRST_BUDGET = 2_000
_RUNS_PER_DOUBLING = 40
_SEED = 20240427


class Status(StrEnum):
    """What is known about an answer; ``UNKNOWN`` only when time ended before anything was found."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Buffer:
    """``size`` bytes alive on the half-open interval ``[lower, upper)``."""

    id: str
    lower: int
    upper: int
    size: int


@dataclass(frozen=True, slots=True)
class Allocation:
    """``offsets``: bytes by buffer id, empty unless found. ``reason`` says why there are none."""

    status: Status
    offsets: dict[str, int]
    reason: str = ""

    def peak(self, buffers: tuple[Buffer, ...]) -> int:
        """The highest byte used."""
        return max((self.offsets[buffer.id] + buffer.size for buffer in buffers), default=0)


def allocate(buffers: tuple[Buffer, ...], capacity: int, deadline: float) -> Allocation:
    """Offsets so that buffers alive together are disjoint inside ``[0, capacity)`` bytes.

    Status ``feasible`` with offsets, ``infeasible`` (proved) or ``unknown`` at ``deadline`` (time.monotonic()).
    """
    if not buffers:
        return Allocation(Status.FEASIBLE, {})
    peak, moment = largest_load(buffers)
    if peak > capacity:
        reason = f"at time {moment} buffers of {peak} bytes are alive together, the capacity is {capacity}"
        return Allocation(Status.INFEASIBLE, {}, reason)
    unit = math.gcd(*(buffer.size for buffer in buffers))
    question = _Question.of(buffers, unit, capacity // unit)
    for priority, budget in _runs(question, deadline):
        outcome, offsets = question.pack(priority, budget)
        if outcome == FEASIBLE:
            ids = (buffer.id for buffer in buffers)
            return Allocation(Status.FEASIBLE, dict(zip(ids, (offsets * unit).tolist(), strict=True)))
        if outcome != UNDECIDED:
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
    """Two buffers alive together at overlapping addresses, or None: the independent check of an allocation."""
    moments = sorted({buffer.lower for buffer in buffers})
    for moment in moments:
        alive = [buffer for buffer in buffers if buffer.lower <= moment < buffer.upper]
        alive.sort(key=lambda buffer: offsets[buffer.id])
        for below, above in pairwise(alive):
            if offsets[below.id] + below.size > offsets[above.id]:
                return below, above
    return None


def is_valid(buffers: tuple[Buffer, ...], capacity: int, offsets: dict[str, int]) -> bool:
    """Whether every buffer has an offset inside the capacity and none overlap while alive together."""
    if set(offsets) != {buffer.id for buffer in buffers}:
        return False
    inside = all(0 <= offsets[b.id] and offsets[b.id] + b.size <= capacity for b in buffers)
    return inside and overlap(buffers, offsets) is None


@dataclass(frozen=True, slots=True)
class _Question:
    """Buffers as arrays: lifetimes as indices of elementary intervals, sizes in units."""

    lower: Ints
    upper: Ints
    size: Ints
    load: Ints
    capacity: int

    @classmethod
    def of(cls, buffers: tuple[Buffer, ...], unit: int, capacity: int) -> _Question:
        ends = np.unique([end for buffer in buffers for end in (buffer.lower, buffer.upper)])
        lower = np.searchsorted(ends, [buffer.lower for buffer in buffers]).astype(np.int64)
        upper = np.searchsorted(ends, [buffer.upper for buffer in buffers]).astype(np.int64)
        size = np.array([buffer.size // unit for buffer in buffers], np.int64)
        load = np.zeros(len(ends) - 1, np.int64)
        for low, high, units in zip(lower, upper, size, strict=True):
            load[low:high] += units
        return cls(lower, upper, size, load, capacity)

    def pack(self, priority: Ints, budget: int) -> tuple[int, Ints]:
        """Search with buffers in this order for at most ``budget`` nodes; offsets come in the original order."""
        n = len(priority)
        arena = Arena(
            self.lower[priority],
            self.upper[priority],
            self.size[priority],
            self.capacity,
            np.zeros_like(self.load),
            self.load.copy(),
            np.zeros(n, np.int64),
            np.zeros_like(self.load),
            np.array([budget], np.int64),
        )
        outcome = pack_waiting(arena, np.arange(n), 0, -1)
        offsets = np.empty(n, np.int64)
        offsets[priority] = arena.offset
        return outcome, offsets

    def features(self) -> np.ndarray:
        """By buffer: logarithms of the lifetime, the size and the largest load it lives through."""
        spans = zip(self.lower, self.upper, strict=True)
        busiest = np.array([self.load[low:high].max() for low, high in spans])
        return np.log(np.stack([self.upper - self.lower, self.size, busiest]).astype(float))


def _runs(question: _Question, deadline: float) -> Iterator[tuple[Ints, int]]:
    """Priorities and budgets: fixed orders first, then random blends of them with noise; budgets grow."""
    life, size, busiest = features = question.features()
    area = life + size
    fixed = [(busiest, life, area), (busiest, area, life), (life, area, busiest), (life, busiest, area)]
    for keys in fixed:
        yield np.lexsort(tuple(-key for key in reversed(keys))), _FIRST_BUDGET
    random = np.random.default_rng(_SEED)
    for number in count():
        if time.monotonic() > deadline:
            return
        weights = random.dirichlet([1, 1, 1]) * random.integers(0, 2, 3) * [1, 1, 3]
        noise = 0.5 * random.random() * random.standard_normal(len(life))
        yield np.argsort(-(weights @ features + noise), kind="stable"), _budget(number)


def _budget(number: int) -> int:
    """Mostly short runs, the longer the rarer: twice as long for every doubling of the run's divisor by two."""
    rarity = (number + 1) & -(number + 1)
    return _FIRST_BUDGET * max(1, rarity // 2) * (1 + number // _RUNS_PER_DOUBLING // 8)
