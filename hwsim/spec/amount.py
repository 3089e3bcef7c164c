"""Numbers with a unit: reading them exactly, checking their dimension, writing them."""

from __future__ import annotations

import difflib
import math
import re
from decimal import Decimal
from fractions import Fraction

from hwsim.spec.errors import InputError
from hwsim.spec.phrases import shown
from hwsim.spec.units import Dimension, Exponents, dimension_of, unit_factor, units_of

# Bounded digits and exponent: an exact fraction of 1e999999999 would fill the memory.
NUMBER = r"[-+]?(?:[0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:[eE][-+]?[0-9]{1,3})?"
_AMOUNT = re.compile(rf"\s*({NUMBER})\s*(.*?)\s*\Z", re.DOTALL)
_LONGEST_NUMBER = 10**15
_LARGEST_WHOLE = 2**63 - 1
_AMBIGUOUS = {
    "KB": "write 'kB' for 1000 bytes or 'KiB' for 1024 bytes",
    "K": "write 'kB' for 1000 bytes or 'KiB' for 1024 bytes",
    "mb": "write 'MB' for bytes or 'Mb' for bits",
    "Kb": "write 'kb' for 1000 bits or 'Kib' for 1024 bits",
}


def parse_quantity(text: object, dimension: Dimension) -> float:
    """The amount in ``text`` ("700 MHz") in the base unit of ``dimension`` (here 7e8, in Hz).

    Raises:
        InputError: no number, no unit, an unknown unit, or a unit of another dimension.
    """
    try:
        return float(exact_amount(text, dimension))
    except OverflowError as error:
        raise InputError(f"{text!r} is too large") from error


def parse_whole(text: object, dimension: Dimension) -> int:
    """As ``parse_quantity`` for what comes in whole base units: bytes, bits.

    Raises:
        InputError: also where the amount is not whole.
    """
    amount = exact_amount(text, dimension)
    if amount.denominator != 1:
        raise InputError(f"{text!r} is {float(amount):g} {dimension.base}, which is not a whole number")
    if abs(amount) > _LARGEST_WHOLE:
        raise InputError(f"{text!r} is too large")
    return int(amount)


def exact_amount(text: object, dimension: Dimension) -> Fraction:
    """The amount in ``text`` in the base unit of ``dimension``, exactly as written.

    Raises:
        InputError: no number, no unit, an unknown unit, or a unit of another dimension.
    """
    number, unit = _split(text, dimension)
    known = unit_factor(unit)
    if known is None:
        raise _unknown_unit(unit, dimension)
    base_factor, base_exponents = _base(dimension)
    factor, exponents = known
    if exponents != base_exponents:
        raise InputError(f"expected {_expected(dimension)}, got {_named(exponents)} ({text!r})")
    return Fraction(number) * factor / base_factor


def _base(dimension: Dimension) -> tuple[Fraction, Exponents]:
    known = unit_factor(dimension.base)
    if known is None:
        raise KeyError(dimension.base)
    return known


def _split(text: object, dimension: Dimension) -> tuple[str, str]:
    """The number and the unit in ``text``, both present."""
    if isinstance(text, int | float) and not isinstance(text, bool):
        raise InputError(
            f"expected {_expected(dimension)}, got a number without a unit ({text})", hint=_add(dimension)
        )
    match = _AMOUNT.match(text) if isinstance(text, str) else None
    if not match:
        raise InputError(f"expected {_expected(dimension)}, got {shown(text)}")
    if not match[2]:
        raise InputError(
            f"expected {_expected(dimension)}, got a number without a unit ({match[1]})", hint=_add(dimension)
        )
    return match[1], match[2]


def _add(dimension: Dimension) -> str:
    return f"add the unit, such as {dimension.shown[len(dimension.shown) // 2]}"


def _expected(dimension: Dimension) -> str:
    return f"{dimension.with_article} such as {' or '.join(map(repr, dimension.examples))}"


def _named(exponents: Exponents) -> str:
    dimension = dimension_of(exponents)
    return dimension.with_article if dimension else "something else"


def _unknown_unit(unit: str, dimension: Dimension) -> InputError:
    shown = unit if len(unit) <= 20 else unit[:17] + "..."
    first, _, rest = unit.partition("/")
    if first in _AMBIGUOUS and (not rest or unit_factor(f"B/{rest}")):
        hint = _AMBIGUOUS[first]
    else:
        match = _nearest_unit(unit, dimension)
        customary = f"use one of: {', '.join(dimension.shown)}"
        hint = f"did you mean {match!r}?" if match else customary
    return InputError(f"unknown unit {shown!r}: expected {_expected(dimension)}", hint=hint)


def _nearest_unit(unit: str, dimension: Dimension) -> str | None:
    """The unit that differs from ``unit`` only in the case of letters, else the most alike."""
    known = units_of(dimension)
    by_folded = {each.casefold(): each for each in known}  # the customary units come last, so they win
    if unit.casefold() in by_folded:
        return by_folded[unit.casefold()]
    alike = difflib.get_close_matches(unit, known, n=1, cutoff=0.5)
    return alike[0] if alike else None


def format_quantity(value: float, dimension: Dimension, digits: int = 3) -> str:
    """``value`` (in the base unit) for people, with ``digits`` significant digits: "41.2 us", "24 MiB"."""
    if not math.isfinite(value):
        return f"{value} {dimension.base}"
    unit = _fitting_unit(value, dimension, digits)
    scaled = float(_exact(value) / _scale(unit, dimension))
    return f"{_rounded(scaled, digits)} {unit}"


def exact_text(value: float, dimension: Dimension) -> str:
    """``value`` (in the base unit) as the shortest text that ``parse_quantity`` reads back to the very same."""
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
    known = unit_factor(unit)
    if known is None:
        raise KeyError(unit)
    return known[0] / _base(dimension)[0]


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
