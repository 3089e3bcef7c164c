"""Numbers with or without a unit, whatever they measure: what ranges and formulas calculate with."""

from __future__ import annotations

import re
from fractions import Fraction

from hwsim.spec.amount import NUMBER
from hwsim.spec.errors import InputError
from hwsim.spec.units import Exponents, unit_factor

_AMOUNT = re.compile(rf"\s*({NUMBER})\s*([A-Za-z][^\s]*)?\s*\Z")
_BIT = ("bit", 1)
_DIGITS = 12
_LEAST, _MOST = Fraction(1, 10**60), Fraction(10**60)


def has_unit(text: str) -> bool:
    """Whether ``text`` is a number with a unit that is known."""
    match = _AMOUNT.match(text)
    return bool(match and match[2] and unit_factor(match[2]))


def exact(value: object) -> tuple[Fraction, str]:
    """The number and the unit ('' where it has none) in ``value``.

    Raises:
        InputError: it is no number, or its unit is not known.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise InputError(f"expected a number, with its unit if it has one, got {value!r}")
    match = _AMOUNT.match(str(value))
    if not match or (match[2] and unit_factor(match[2]) is None):
        raise InputError(f"expected a number, with its unit if it has one, got {value!r}")
    number = Fraction(match[1])
    if number and not _LEAST <= abs(number) <= _MOST:
        raise InputError(f"{value!r} is beyond what is calculated with (1e-60 to 1e60)")
    return number, match[2] or ""


def scale(unit: str) -> tuple[Fraction, Exponents]:
    """What one ``unit`` is in SI units (information in bytes), and what it measures.

    Raises:
        InputError: the unit is not known.
    """
    known = unit_factor(unit) if unit else (Fraction(1), ())
    if known is None:
        raise InputError(f"unknown unit {unit!r}", hint="such as B, KiB, GB/s, MHz, mm^2")
    factor, measures = known
    return (factor / 8 if _BIT in measures else factor), measures


def amount(value: object) -> int | float:
    """``value`` in SI units (information in bytes), whole where it is whole.

    Raises:
        InputError: it is no number, or its unit is not known.
    """
    number, unit = exact(value)
    return plain(number * scale(unit)[0])


def plain(number: Fraction) -> int | float:
    """``number`` as Python's own."""
    return int(number) if number.denominator == 1 else float(number)


def written(number: Fraction, unit: str) -> int | float | str:
    """``number`` of ``unit`` as a file has it; bytes come whole."""
    if scale(unit)[1] == (_BIT,):
        size = round(number * scale(unit)[0])
        in_unit = Fraction(size) / scale(unit)[0]
        return f"{int(in_unit)} {unit}" if in_unit.denominator == 1 else f"{size} B"
    shown = plain(number)
    shown = shown if isinstance(shown, int) else float(f"{shown:.{_DIGITS}g}")
    return f"{shown} {unit}" if unit else shown
