"""The tile sizes worth trying along one axis."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import isqrt
from typing import Protocol


class TileSizes(Protocol):
    """A set of tile sizes of an axis."""

    def up_to(self, most: int) -> Sequence[int]:
        """Those to enumerate, none above ``most``."""

    def fitting(self, most: int) -> int:
        """The one with the fewest trips, and of those the least, that is not above ``most`` (at least 1)."""


@dataclass(frozen=True, slots=True)
class AnySize:
    """Every integer: represented by the least tile of each reachable trip count, about 2 * sqrt(size)."""

    size: int

    def up_to(self, most: int) -> Sequence[int]:
        """The least tile of each trip count."""
        root = isqrt(self.size)
        small = range(1, min(root, most) + 1)
        large = {-(-self.size // trips) for trips in range(1, root + 2)}
        return sorted({self.fitting(each) for each in small} | {each for each in large if each <= most})

    def fitting(self, most: int) -> int:
        """The least tile with as many trips as ``most`` has."""
        trips = -(-self.size // min(most, self.size))
        return -(-self.size // trips)


@dataclass(frozen=True, slots=True)
class Divisors:
    """The divisors of the size alone, ascending."""

    values: tuple[int, ...]

    def up_to(self, most: int) -> Sequence[int]:
        """The divisors."""
        return self.values[: bisect_right(self.values, most)]

    def fitting(self, most: int) -> int:
        """The largest divisor."""
        return self.values[bisect_right(self.values, most) - 1]


def divisors(size: int) -> Divisors:
    """All divisors of ``size``, from its prime factors."""
    found = [1]
    for prime, power in _factors(size):
        found = [each * prime**times for each in found for times in range(power + 1)]
    return Divisors(tuple(sorted(found)))


def _factors(size: int) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    factor = 2
    while factor * factor <= size:
        power = 0
        while size % factor == 0:
            size, power = size // factor, power + 1
        if power:
            found.append((factor, power))
        factor += 1 if factor == 2 else 2
    return [*found, (size, 1)] if size > 1 else found
