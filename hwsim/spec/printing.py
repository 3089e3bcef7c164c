"""Writing amounts with a unit: for people, and so that they read back exactly."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

from hwsim.spec.amount import parse_quantity
from hwsim.spec.units import Dimension, known_unit

_LONGEST_NUMBER = 10**15


def format_quantity(value: float, dimension: Dimension, digits: int = 3) -> str:
    """``value`` (in the base unit) for people, with ``digits`` significant digits: "41.2 us", "24 MiB"."""
    if not math.isfinite(value):
        return f"{value} {dimension.base}"
    unit = _fitting_unit(value, dimension, digits)
    scaled = float(_exact(value) / _scale(unit, dimension))
    return f"{_rounded(scaled, digits)} {unit}"


def exact_text(value: float, dimension: Dimension) -> str:
    """``value`` (in the base unit) as the shortest text that ``parse_quantity`` reads back to the same."""
    texts = [text for unit in reversed(dimension.shown) if (text := _plain_text(value, unit, dimension))]
    faithful = [text for text in texts if parse_quantity(text, dimension) == value]
    return min(faithful, key=len, default=f"{value!r} {dimension.base}")


def _plain_text(value: float, unit: str, dimension: Dimension) -> str | None:
    """``value`` in ``unit`` without an exponent, or None where that would be below one or very long."""
    scale = _scale(unit, dimension)
    number = Decimal(repr(value)) * scale.denominator / scale.numerator
    return f"{number.normalize():f} {unit}" if 1 <= abs(number) < _LONGEST_NUMBER else None


def _exact(value: float) -> Fraction:
    return Fraction(Decimal(repr(value)))


def _scale(unit: str, dimension: Dimension) -> Fraction:
    """How many base units of ``dimension`` make one ``unit``."""
    return known_unit(unit)[0] / known_unit(dimension.base)[0]


def _fitting_unit(value: float, dimension: Dimension, digits: int) -> str:
    """The largest unit to print in which ``value``, rounded to ``digits``, is at least one."""
    least = 1 - Fraction(5, 10 ** (digits + 1))
    fitting = [unit for unit in dimension.shown if abs(_exact(value)) / _scale(unit, dimension) >= least]
    if fitting:
        return fitting[-1]
    return dimension.shown[0] if value else dimension.base


def _rounded(value: float, digits: int) -> str:
    """``value`` with ``digits`` significant digits, whole digits kept, an exponent only for the huge."""
    if abs(value) >= 10**digits:
        return f"{value:.0f}" if abs(value) < 1e15 else f"{value:.{digits}g}"
    return f"{value:.{digits}g}"
