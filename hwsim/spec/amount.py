"""Reading numbers with a unit, exactly, and checking their dimension."""

from __future__ import annotations

import difflib
import re
from fractions import Fraction

from hwsim.spec.errors import InputError
from hwsim.spec.phrases import shown
from hwsim.spec.units import Dimension, Exponents, dimension_of, known_unit, unit_factor, units_of

# Bounded digits and exponent: an exact fraction of 1e999999999 would fill the memory.
NUMBER = r"[-+]?(?:[0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:[eE][-+]?[0-9]{1,3})?"
_NUMBER = re.compile(rf"\s*({NUMBER})")
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
    base_factor, base_exponents = known_unit(dimension.base)
    factor, exponents = known
    if exponents != base_exponents:
        raise InputError(f"expected {_expected(dimension)}, got {_named(exponents)} ({text!r})")
    return Fraction(number) * factor / base_factor


def _split(text: object, dimension: Dimension) -> tuple[str, str]:
    """The number and the unit in ``text``, both present."""
    written = f"{text}" if isinstance(text, int | float) and not isinstance(text, bool) else text
    match = _NUMBER.match(written) if isinstance(written, str) else None
    if not match or not isinstance(written, str):
        raise InputError(f"expected {_expected(dimension)}, got {shown(text)}")
    unit = written[match.end() :].strip()
    if not unit:
        message = f"expected {_expected(dimension)}, got a number without a unit ({written.strip()})"
        raise InputError(message, hint=f"add the unit, such as {dimension.examples[0].partition(' ')[2]}")
    return match[1], unit


def _expected(dimension: Dimension) -> str:
    return f"{dimension.with_article} such as {' or '.join(map(repr, dimension.examples))}"


def _named(exponents: Exponents) -> str:
    dimension = dimension_of(exponents)
    return dimension.with_article if dimension else "something else"


def _unknown_unit(unit: str, dimension: Dimension) -> InputError:
    clipped = unit if len(unit) <= 20 else f"{unit[:17]}..."
    message = f"unknown unit {clipped!r}: expected {_expected(dimension)}"
    numerator = unit.partition("/")[0].strip()
    if numerator in _AMBIGUOUS and dimension.base.startswith("B"):
        return InputError(message, hint=_AMBIGUOUS[numerator])
    match = _nearest_unit(unit, dimension)
    customary = f"use one of: {', '.join(dimension.shown)}"
    return InputError(message, hint=f"did you mean {match!r}?" if match else customary)


def _nearest_unit(unit: str, dimension: Dimension) -> str | None:
    """The unit that differs from ``unit`` only in the case of letters, else the most alike."""
    known = units_of(dimension)
    by_folded = {each.casefold(): each for each in known}  # the customary units come last, so they win
    if unit.casefold() in by_folded:
        return by_folded[unit.casefold()]
    alike = difflib.get_close_matches(unit, known, n=1, cutoff=0.5)
    return alike[0] if alike else None
