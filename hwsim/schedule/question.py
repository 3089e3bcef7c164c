"""Buffers as the arrays that the canonical search works on, and the orders worth trying them in."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwsim.schedule.buffers import Buffer
from hwsim.schedule.skyline import INFEASIBLE, Arena, Floats, Ints, Waiting, pack_waiting

# Each letter a key, largest first: true lifetime, lifetime in moments, area by either, largest load, size.
_ORDERS = ("LAT", "TAL", "TLA", "ALT", "TSL", "Tma", "mTa", "amT", "maT", "SLT")


@dataclass(frozen=True, slots=True)
class Run:
    """What one search ended with: its outcome, offsets in units, and each buffer's share of the failures."""

    outcome: int
    offsets: Ints
    trouble: Floats


@dataclass(frozen=True, slots=True)
class Question:
    """Lifetimes as moments before a first death after a birth: all others see a subset of what is alive then.

    Sizes, alignments and the capacity are in units of ``unit`` bytes. ``life`` is the lifetime as it was
    given: it orders better than the number of moments.
    """

    lower: Ints
    upper: Ints
    life: Ints
    size: Ints
    alignment: Ints
    load: Ints
    unit: int
    capacity: int

    @classmethod
    def of(cls, buffers: tuple[Buffer, ...], capacity: int) -> Question:
        """The question whether ``buffers`` fit ``capacity`` bytes."""
        unit = math.gcd(*(buffer.size for buffer in buffers), *(buffer.alignment for buffer in buffers))
        moments = _crowded_moments(buffers)
        lower = np.searchsorted(moments, [buffer.lower for buffer in buffers]).astype(np.int64)
        upper = np.searchsorted(moments, [buffer.upper for buffer in buffers]).astype(np.int64)
        size = np.array([buffer.size // unit for buffer in buffers], np.int64)
        alignment = np.array([buffer.alignment // unit for buffer in buffers], np.int64)
        load = np.zeros(len(moments), np.int64)
        for low, high, units in zip(lower, upper, size, strict=True):
            load[low:high] += units
        life = np.array([buffer.upper - buffer.lower for buffer in buffers], np.int64)
        return cls(lower, upper, life, size, alignment, load, unit, capacity // unit)

    @property
    def busiest(self) -> Ints:
        """By buffer, the largest load it lives through."""
        return np.array([self.load[low:high].max() for low, high in zip(self.lower, self.upper, strict=True)])

    @property
    def impossible(self) -> Run:
        """The end of a search that proved that there is no packing."""
        count = len(self.size)
        return Run(INFEASIBLE, np.zeros(count, np.int64), np.zeros(count))

    def pack(self, priority: Ints, budget: Ints, jumping: bool) -> Run:
        """Search with buffers in this order until the one number of ``budget``, the nodes left, is spent.

        Another thread may set it to 0 to end the search. The answer is in the original order.
        """
        count = len(priority)
        arena = Arena(
            lower=self.lower[priority],
            upper=self.upper[priority],
            size=self.size[priority],
            alignment=self.alignment[priority],
            capacity=self.capacity,
            jumping=jumping,
            floor=np.zeros_like(self.load),
            crown=np.full_like(self.load, -1),
            load=self.load.copy(),
            offset=np.zeros(count, np.int64),
            trouble=np.zeros(count),
            budget=budget,
        )
        everything = Waiting(np.arange(count), np.zeros(count, np.int64), self.busiest[priority])
        outcome = int(pack_waiting(arena, everything, 0, -1, np.zeros(len(self.load), np.bool_)))
        return Run(outcome, _by_buffer(priority, arena.offset), _by_buffer(priority, arena.trouble))

    def orders(self) -> Iterator[Ints]:
        """Buffers by lifetime, area, largest load and size, in several precedences; largest first."""
        moments = self.upper - self.lower
        keys = {
            "L": self.life,
            "m": moments,
            "A": self.life * self.size,
            "a": moments * self.size,
            "T": self.busiest,
            "S": self.size,
        }
        for order in _ORDERS:
            yield np.lexsort([-keys[letter] for letter in reversed(order)])


def _by_buffer(priority: Ints, values: NDArray[Any]) -> NDArray[Any]:
    """Values by priority, put back in the original order."""
    placed = np.empty_like(values)
    placed[priority] = values
    return placed


def _crowded_moments(buffers: tuple[Buffer, ...]) -> Ints:
    """The times before a first death after a birth: buffers alive together are so at one of these."""
    births = {buffer.lower for buffer in buffers}
    deaths = {buffer.upper for buffer in buffers}
    found, born = [], False
    for time in sorted(births | deaths):
        if time in deaths and born:
            found.append(time - 1)
            born = False
        born = born or time in births
    return np.array(found, np.int64)
