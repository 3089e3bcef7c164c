"""Canonical packing under many priorities with growing budgets.

A packing is usually near the surface for some priority, and a bad early choice cannot be mended by patience:
so short runs first, under fixed orders and then random blends of them. Any run that ends within its budget
decides the question, so a long enough run proves infeasibility.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray

from hwsim.schedule.buffers import Buffer
from hwsim.schedule.skyline import FEASIBLE, UNDECIDED, Arena, Ints, pack_waiting

# Nodes of a run: a success is nearly always near the surface (measured on MiniMalloc's benchmark).
_SHORT = 4_000
_LONG = 40_000
_FIXED = (4_000, 30_000, 300_000)
_RUNS_PER_GROWTH = 1_000
_CONCENTRATION = 0.5
_NOISE = (0.0, 0.02, 0.1, 0.25)
_SEED = 20240427


def packed(buffers: tuple[Buffer, ...], capacity: int, deadline: float) -> tuple[bool, dict[str, int] | None]:
    """Whether the question was decided before ``deadline``, and the offsets by id if a packing exists."""
    unit = math.gcd(*(buffer.size for buffer in buffers))
    question = _Question.of(buffers, unit, capacity // unit)
    for priority, budget in _runs(question, deadline):
        outcome, offsets = question.pack(priority, budget)
        if outcome == FEASIBLE:
            ids = (buffer.id for buffer in buffers)
            return True, dict(zip(ids, (offsets * unit).tolist(), strict=True))
        if outcome != UNDECIDED:
            return True, None
    return False, None


@dataclass(frozen=True, slots=True)
class _Question:
    """Buffers as arrays: lifetimes as indices of elementary intervals, sizes in units.

    ``life`` is the lifetime as it was given: it orders better than the number of intervals.
    """

    lower: Ints
    upper: Ints
    life: Ints
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
        life = np.array([buffer.upper - buffer.lower for buffer in buffers], np.int64)
        return cls(lower, upper, life, size, load, capacity)

    def pack(self, priority: Ints, budget: int) -> tuple[int, Ints]:
        """Search at most ``budget`` nodes with buffers in this order; offsets in the original order."""
        n = len(priority)
        arena = Arena(
            self.lower[priority],
            self.upper[priority],
            self.size[priority],
            self.capacity,
            np.zeros_like(self.load),
            np.full_like(self.load, -1),
            self.load.copy(),
            np.zeros(n, np.int64),
            np.array([budget], np.int64),
        )
        outcome = int(pack_waiting(arena, np.arange(n), 0, -1))
        offsets = np.empty(n, np.int64)
        offsets[priority] = arena.offset
        return outcome, offsets

    def orders(self) -> Iterator[Ints]:
        """Priorities by lifetime (as given, and in intervals), area and largest load; largest first."""
        spans = zip(self.lower, self.upper, strict=True)
        busiest = np.array([self.load[low:high].max() for low, high in spans])
        for life in (self.life, self.upper - self.lower):
            area = life * self.size
            for keys in (
                (area, life, busiest),
                (busiest, life, area),
                (life, busiest, area),
                (busiest, area),
            ):
                yield np.lexsort(tuple(-key for key in reversed(keys)))

    def features(self) -> NDArray[np.float64]:
        """By buffer, standardised logarithms: lifetime, size, largest and mean load it lives through."""
        spans = [self.load[low:high] for low, high in zip(self.lower, self.upper, strict=True)]
        busiest, busy = [span.max() for span in spans], [span.mean() for span in spans]
        table = np.log(np.array([self.life, self.size, busiest, busy], np.float64))
        spread = table.std(axis=1, keepdims=True)
        table -= table.mean(axis=1, keepdims=True)
        table /= np.where(spread > 0, spread, 1.0)
        return table


def _runs(question: _Question, deadline: float) -> Iterator[tuple[Ints, int]]:
    """Priorities and budgets: fixed orders first, then random blends of them with noise."""
    for budget in _FIXED:
        for order in question.orders():
            yield order, budget
    features = question.features()
    random = np.random.default_rng(_SEED)
    for number in count():
        if time.monotonic() > deadline:
            return
        weights = random.dirichlet(np.full(len(features), _CONCENTRATION))
        noise = random.choice(_NOISE) * random.standard_normal(features.shape[1])
        yield np.argsort(-(weights @ features + noise), kind="stable"), _budget(number)


def _budget(number: int) -> int:
    """Mostly short runs, every eighth a long one, and all growing slowly so that proofs are reached."""
    length = _LONG if number % 8 == 7 else _SHORT
    return length * (1 + number // _RUNS_PER_GROWTH) ** 2
