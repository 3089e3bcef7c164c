"""Buffers that fit because they were cut out of a full memory, in three shapes, and then shuffled.

Nothing of the cutting is left in the buffers but their lifetimes and sizes, so an allocator has to find a
packing of its own. ``load`` is the least share of the memory-time that stays: whole buffers are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from hwsim.schedule.buffers import Buffer

Random = np.random.Generator
Rectangle = tuple[int, int, int]


@dataclass(frozen=True)
class Packing:
    """Buffers that are known to fit ``capacity``."""

    buffers: tuple[Buffer, ...]
    capacity: int


def guillotine(random: Random, moments: int, capacity: int, buffers: int, load: float = 0.98) -> Packing:
    """Cut the largest pieces again and again right through, across time or memory."""
    pieces = [(0, moments, 0, capacity)]
    while len(pieces) < buffers:
        areas = np.array([(end - start) * (top - low) for start, end, low, top in pieces], float)
        index = int(random.choice(len(pieces), p=areas / areas.sum()))
        start, end, low, top = pieces[index]
        if random.random() < 0.5 and end - start >= 2:
            cut = int(random.integers(start + 1, end))
            pieces[index : index + 1] = [(start, cut, low, top), (cut, end, low, top)]
        elif top - low >= 2:
            cut = int(random.integers(low + 1, top))
            pieces[index : index + 1] = [(start, end, low, cut), (start, end, cut, top)]
    return _shuffled(random, [(start, end, top - low) for start, end, low, top in pieces], capacity, load)


def valleys(random: Random, moments: int, capacity: int, tallest: int, load: float = 0.98) -> Packing:
    """Fill the lowest valley of a skyline, again and again, with a buffer at one of its sides."""
    floor, pieces = np.zeros(moments, int), []
    while floor.min() < capacity:
        start, end = _lowest_valley(floor)
        life = int(min(end - start, moments ** random.random()))
        lower = start if random.random() < 0.5 else end - life
        size = int(min(capacity - floor[lower], random.integers(1, tallest)))
        floor[lower : lower + life] += size
        pieces.append((lower, lower + life, size))
    return _shuffled(random, pieces, capacity, load)


def residents(random: Random, moments: int, capacity: int, buffers: int, load: float = 0.98) -> Packing:
    """A third of the memory is cut into long-lived buffers, the rest into stretches that differ in grain.

    What a network's weights and skip connections do beside its activations.
    """
    third, pieces = capacity // 3, []
    kept = guillotine(random, max(2, moments // 20), third, buffers // 4, load=1.0)
    for buffer in kept.buffers:
        scale = moments / max(2, moments // 20)
        pieces.append((int(buffer.lower * scale), int(buffer.upper * scale), buffer.size))
    borders = np.linspace(0, moments, 6).astype(int)
    for number, (start, end) in enumerate(pairwise(borders)):
        grain = 2 + buffers * (number % 3 + 1) // 14
        stretch = guillotine(random, int(end - start), capacity - third, grain, load=1.0)
        pieces += [(b.lower + int(start), b.upper + int(start), b.size) for b in stretch.buffers]
    return _shuffled(random, pieces, capacity, load)


FAMILIES: dict[str, Callable[[Random], Packing]] = {
    "guillotine, 100 buffers, 100 % full": lambda random: guillotine(random, 60, 1000, 100, 1.0),
    "guillotine, 150 buffers, 98 % full": lambda random: guillotine(random, 90, 1000, 150, 0.98),
    "guillotine, 250 buffers, 98 % full": lambda random: guillotine(random, 150, 1000, 250, 0.98),
    "valleys, about 600 buffers, 100 % full": lambda random: valleys(random, 60, 1000, 120, 1.0),
    "valleys, about 900 buffers, 98 % full": lambda random: valleys(random, 120, 1000, 120, 0.98),
    "residents, about 150 buffers, 98 % full": lambda random: residents(random, 100, 1000, 150, 0.98),
    "residents, about 300 buffers, 98 % full": lambda random: residents(random, 200, 1000, 300, 0.98),
}


def family(name: str, count: int) -> Iterator[Packing]:
    """The first packings of a family, the same on every call."""
    for seed in range(count):
        yield FAMILIES[name](np.random.default_rng([seed, len(name)]))


def _lowest_valley(floor: np.ndarray) -> tuple[int, int]:
    start = end = int(floor.argmin())
    while end < len(floor) and floor[end] == floor[start]:
        end += 1
    return start, end


def _shuffled(random: Random, pieces: list[Rectangle], capacity: int, load: float) -> Packing:
    """The pieces in random order without as many as may be left out."""
    area = sum((upper - lower) * size for lower, upper, size in pieces)
    spare, buffers = (1 - load) * area, []
    for index in random.permutation(len(pieces)):
        lower, upper, size = pieces[index]
        if (upper - lower) * size <= spare:
            spare -= (upper - lower) * size
        else:
            buffers.append(Buffer(f"b{index}", lower, upper, size))
    return Packing(tuple(buffers), capacity)
