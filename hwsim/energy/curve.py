"""Values known at a few sizes, read at any size by a piecewise power law."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from typing import Protocol

from hwsim.arch.technology import Price
from hwsim.spec.errors import InputError


class Curve(Protocol):
    """A price by size (bytes)."""

    def at(self, size: float) -> Price:
        """The price at ``size``."""


@dataclass(frozen=True, slots=True)
class PowerLaw:
    """Straight lines through ``points`` (size, price; ascending) where both axes are logarithmic.

    A point is met exactly. Beyond the first or last point the nearest line goes on and the price is marked
    as extrapolated; through a single point the line is the proportion.
    """

    points: tuple[tuple[float, Price], ...]

    def at(self, size: float) -> Price:
        """The price at ``size``.

        Raises:
            InputError: the points rise so steeply that no number holds the price.
        """
        for known, price in self.points:
            if known == size:
                return price
        if len(self.points) == 1:
            ((known, price),) = self.points
            return Price(price.value * size / known, f"{price.source}, in proportion to the size", True)
        index = bisect_right([known for known, _ in self.points], size)
        index = min(max(index, 1), len(self.points) - 1)
        (left, low), (right, high) = self.points[index - 1 : index + 1]
        share = math.log(size / left) / math.log(right / left)
        source = f"{_both(low, high)}, power law through {left:g} B and {right:g} B"
        beyond = not left < size < right
        value = _on_line(low.value, high.value, share, size)
        return Price(value, source, beyond or low.extrapolated or high.extrapolated)


@dataclass(frozen=True, slots=True)
class Blend:
    """Between two curves: ``share`` 0 is the first, 1 the second, geometrically."""

    first: Curve
    second: Curve
    share: float

    def at(self, size: float) -> Price:
        """The price at ``size``."""
        return between(self.first.at(size), self.second.at(size), self.share)


@dataclass(frozen=True, slots=True)
class Scaled:
    """A curve times a factor."""

    curve: Curve
    factor: float
    why: str

    def at(self, size: float) -> Price:
        """The price at ``size``."""
        return self.curve.at(size).times(self.factor, self.why)


def between(first: Price, second: Price, share: float) -> Price:
    """The price at ``share`` (0..1) of the way from ``first`` to ``second``, geometrically."""
    source = f"{share:.2f} of the way from [{first.source}] to [{second.source}]"
    value = _blend(first.value, second.value, share)
    return Price(value, source, first.extrapolated or second.extrapolated)


def _blend(first: float, second: float, share: float) -> float:
    """``first`` to the power (1 - share) times ``second`` to the power share; 0 only where both are 0."""
    if first <= 0 or second <= 0:
        return first + (second - first) * share
    return math.exp((1 - share) * math.log(first) + share * math.log(second))


def _on_line(low: float, high: float, share: float, size: float) -> float:
    try:
        return _blend(low, high, share)
    except OverflowError as error:
        raise InputError(f"the price rises too steeply to tell that of {size:g} B") from error


def _both(first: Price, second: Price) -> str:
    return first.source if first.source == second.source else f"{first.source}; {second.source}"
