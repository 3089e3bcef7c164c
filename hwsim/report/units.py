"""Numbers as a person reads them: three or four digits, a prefix, a unit."""

from __future__ import annotations

import math
from collections.abc import Callable

Format = Callable[[float], str]

_PREFIXES = ("a", "f", "p", "n", "µ", "m", "", "k", "M", "G", "T", "P", "E")  # 10^-18 ... 10^18
_BINARY = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


def scaled(value: float, unit: str) -> str:
    """``value`` with the SI prefix that leaves 1 to 999 before the point: 4.12e-5 s is "41.2 µs"."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g} {unit}".rstrip()
    exponent = max(-18, min(18, 3 * math.floor(math.log10(abs(value)) / 3)))
    digits = _digits(value / 10.0**exponent)
    if abs(float(digits)) >= 1000 and exponent < 18:
        exponent, digits = exponent + 3, _digits(value / 10.0 ** (exponent + 3))
    return f"{digits} {_PREFIXES[exponent // 3 + 6]}{unit}".rstrip()


def seconds(value: float) -> str:
    """A duration."""
    return scaled(value, "s")


def joules(value: float) -> str:
    """An energy."""
    return scaled(value, "J")


def traffic(value: float) -> str:
    """Moved bytes, in powers of ten."""
    return f"{value:.0f} B" if value < 1000 else scaled(value, "B")


def capacity(value: float) -> str:
    """Stored bytes, in powers of two."""
    power = 0 if value < 1024 else min(len(_BINARY) - 1, int(math.log2(value) // 10))
    return f"{value / 1024.0**power:.4g} {_BINARY[power]}"


def count(value: float) -> str:
    """A number of things: in full up to a million, with a prefix above."""
    if value >= 1e6:
        return scaled(value, "")
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def percent(fraction: float) -> str:
    """A fraction of one as per cent."""
    return f"{100 * fraction:.0f} %" if fraction >= 0.9995 else f"{100 * fraction:.1f} %"


def ratio(numerator: float, denominator: float) -> str | None:
    """``numerator / denominator`` to two places; None where the denominator is zero."""
    if denominator <= 0:
        return None
    quotient = numerator / denominator
    return f"{quotient:.2f}" if quotient < 100 else f"{quotient:,.0f}"


def _digits(value: float) -> str:
    size = abs(value)
    return f"{value:.0f}" if size >= 100 else f"{value:.1f}" if size >= 10 else f"{value:.2f}"
