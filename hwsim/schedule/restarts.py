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

_FIRST_BUDGET = 2_000
_RUNS_PER_DOUBLING = 40
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
        """Search at most ``budget`` nodes with buffers in this order; offsets in the original order."""
        n = len(priority)
        arena = Arena(
            self.lower[priority],
            self.upper[priority],
            self.size[priority],
            self.capacity,
            np.zeros_like(self.load),
            self.load.copy(),
            np.zeros(n, np.int64),
            np.array([budget], np.int64),
        )
        outcome = int(pack_waiting(arena, np.arange(n), 0, -1))
        offsets = np.empty(n, np.int64)
        offsets[priority] = arena.offset
        return outcome, offsets

    def features(self) -> NDArray[np.float64]:
        """By buffer: logarithms of the lifetime, the size and the largest load it lives through."""
        spans = zip(self.lower, self.upper, strict=True)
        busiest = np.array([self.load[low:high].max() for low, high in spans])
        table = np.stack([self.upper - self.lower, self.size, busiest]).astype(np.float64)
        return np.log(table)


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
    """Mostly short runs, long ones the rarer the longer, and all growing slowly."""
    rarity = (number + 1) & -(number + 1)
    return _FIRST_BUDGET * max(1, rarity // 2) * (1 + number // _RUNS_PER_DOUBLING // 8)
