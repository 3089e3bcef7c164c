"""Dimensions and the units they are written in, down to exact factors to SI (and bytes, bits, cycles)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import product

Exponents = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Dimension:
    """What a quantity measures: its name in messages, its base unit here, examples, and units to print it in.

    ``shown`` are units from small to large; a value is printed in the largest that leaves it at least one.
    """

    name: str
    base: str
    examples: tuple[str, ...]
    shown: tuple[str, ...]

    @property
    def with_article(self) -> str:
        """The name with ``a`` or ``an`` before it."""
        return f"{'an' if self.name[0] in 'aeiou' else 'a'} {self.name}"


def _scaled(prefixes: str, unit: str) -> tuple[str, ...]:
    return tuple(prefix.strip("_") + unit for prefix in prefixes.split())


FREQUENCY = Dimension("frequency", "Hz", ("700 MHz",), _scaled("_ k M G T", "Hz"))
SIZE = Dimension("size", "B", ("24 MiB",), _scaled("_ Ki Mi Gi Ti", "B"))
BIT_WIDTH = Dimension("number of bits", "bit", ("8 bit",), ("bit",))
ENERGY = Dimension("energy", "J", ("0.2 pJ",), _scaled("f p n u m _ k", "J"))
ENERGY_PER_BIT = Dimension("energy per bit", "J/bit", ("3.9 pJ/bit",), _scaled("f p n u", "J/bit"))
TIME = Dimension("time", "s", ("12 ns",), _scaled("p n u m _", "s"))
AREA = Dimension("area", "m^2", ("1.5 mm^2",), ("nm^2", "um^2", "mm^2", "m^2"))
LENGTH = Dimension("length", "m", ("5 um",), _scaled("n u m _", "m"))
POWER = Dimension("power", "W", ("40 W",), _scaled("p n u m _ k", "W"))
VOLTAGE = Dimension("voltage", "V", ("0.9 V",), _scaled("m _", "V"))
BYTES_PER_SECOND = Dimension("bandwidth", "B/s", ("34 GB/s", "64 B/cycle"), _scaled("_ k M G T", "B/s"))
BYTES_PER_CYCLE = Dimension("bandwidth per cycle", "B/cycle", ("64 B/cycle",), ("B/cycle",))
POWER_DENSITY = Dimension("power per area", "W/m^2", ("20 mW/mm^2",), ("mW/mm^2", "W/mm^2"))

DIMENSIONS = (
    FREQUENCY,
    SIZE,
    ENERGY,
    ENERGY_PER_BIT,
    TIME,
    AREA,
    LENGTH,
    POWER,
    VOLTAGE,
    BYTES_PER_SECOND,
    BYTES_PER_CYCLE,
    POWER_DENSITY,
)

_DECIMAL = {"f": -15, "p": -12, "n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50}
_BASE_PREFIXES = {
    "Hz": "_ k M G T",
    "B": "_ k M G T P Ki Mi Gi Ti Pi",
    "b": "_ k M G T P Ki Mi Gi Ti Pi",
    "bit": "_ k M G T P Ki Mi Gi Ti Pi",
    "J": "f p n u m _ k M",
    "s": "f p n u m _",
    "m": "n u m _",
    "W": "f p n u m _ k M",
    "V": "u m _ k",
    "cycle": "_",
}
# What a unit measures and its factor; information is counted in bits, a frequency is per second.
_BASES: dict[str, tuple[str, int, int]] = {
    "Hz": ("time", -1, 1),
    "B": ("bit", 1, 8),
    "b": ("bit", 1, 1),
    "bit": ("bit", 1, 1),
    "J": ("energy", 1, 1),
    "s": ("time", 1, 1),
    "m": ("length", 1, 1),
    "W": ("power", 1, 1),
    "V": ("voltage", 1, 1),
    "cycle": ("cycle", 1, 1),
}


@cache
def simple_units() -> dict[str, tuple[Fraction, str, int]]:
    """Every unit without a division sign: its factor, what it measures and to which power."""
    units = {}
    for base, prefixes in _BASE_PREFIXES.items():
        measured, power, factor = _BASES[base]
        for prefix in prefixes.replace("_", "").split(" "):
            units[prefix + base] = (_prefix_factor(prefix) * factor, measured, power)
    squares = {f"{u}^2": (f**2, m, 2 * p) for u, (f, m, p) in units.items() if m == "length"}
    return units | squares


def _prefix_factor(prefix: str) -> Fraction:
    return Fraction(2) ** _BINARY[prefix] if prefix in _BINARY else Fraction(10) ** _DECIMAL[prefix]


def unit_factor(unit: str) -> tuple[Fraction, Exponents] | None:
    """The factor of ``unit`` ("GB/s") and what it measures to which powers, or None where it is unknown."""
    factor = Fraction(1)
    exponents: dict[str, int] = {}
    for index, part in enumerate(_normal(unit).split("/")):
        known = simple_units().get(part)
        if known is None or index > 1:
            return None
        sign = -1 if index else 1
        factor *= known[0] ** sign
        exponents[known[1]] = exponents.get(known[1], 0) + sign * known[2]
    return factor, tuple(sorted((name, power) for name, power in exponents.items() if power))


def known_unit(unit: str) -> tuple[Fraction, Exponents]:
    """As ``unit_factor``, for a unit out of this module's own tables."""
    known = unit_factor(unit)
    if known is None:
        raise KeyError(unit)
    return known


@cache
def unit_parts(dimension: Dimension) -> tuple[tuple[str, ...], ...]:
    """The units that may stand before and, where the dimension has one, behind the division sign."""
    return tuple(_same_measure(part) for part in dimension.base.split("/"))


def _same_measure(unit: str) -> tuple[str, ...]:
    _, *wanted = simple_units()[unit]
    return tuple(known for known, (_, *measured) in simple_units().items() if measured == wanted)


def units_of(dimension: Dimension) -> list[str]:
    """Every unit that ``dimension`` can be written in, the customary ones last."""
    return ["/".join(parts) for parts in product(*unit_parts(dimension))] + list(dimension.shown)


def _normal(unit: str) -> str:
    """``unit`` with one spelling for micro, square and no spaces around the division sign."""
    plain = unit.replace("\N{MICRO SIGN}", "u").replace("\N{GREEK SMALL LETTER MU}", "u").replace("²", "^2")
    plain = "/".join(part.strip() for part in plain.split("/"))
    return plain.replace("m2", "m^2")


@cache
def dimension_of(exponents: Exponents) -> Dimension | None:
    """The dimension that is measured by ``exponents``, if it has a name."""
    for dimension in DIMENSIONS:
        known = unit_factor(dimension.base)
        if known and known[1] == exponents:
            return dimension
    return None
