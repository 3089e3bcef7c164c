"""Field types for quantities: a model declares ``clock: Frequency``, the YAML says ``clock: 700 MHz``.

A field holds the plain number in SI units (hertz, seconds, joules, square metres; bytes for sizes); JSON
holds the text with its unit again. What is far outside anything built or conceivable is refused: within these
limits no product of the models leaves the range of floating point.
"""

from __future__ import annotations

from typing import Annotated

from hwsim.spec import units
from hwsim.spec.amount import parse_quantity, parse_whole
from hwsim.spec.bandwidth import Bandwidth, parse_bandwidth
from hwsim.spec.fields import Quantity, Range, ZeroOr, non_negative, positive
from hwsim.spec.printing import exact_text, format_quantity

__all__ = [
    "Area",
    "Bandwidth",
    "BitWidth",
    "Energy",
    "EnergyPerBit",
    "Frequency",
    "Length",
    "PositiveTime",
    "Power",
    "PowerDensity",
    "Size",
    "SizeOrZero",
    "Time",
    "Voltage",
    "exact_text",
    "format_quantity",
    "parse_bandwidth",
    "parse_quantity",
    "parse_whole",
]

_FREQUENCIES = Range("1 Hz", "1 THz", units.FREQUENCY)
_SIZES = Range("1 B", "1024 TiB", units.SIZE)
_ENERGIES = Range("1e-24 J", "1 J", units.ENERGY)
_AREAS = Range("1e-24 m^2", "1 m^2", units.AREA)
_POWERS = Range("1e-24 W", "1e6 W", units.POWER)

Frequency = Annotated[float, Quantity(parse_quantity, units.FREQUENCY, _FREQUENCIES)]
"""Hertz, from 1 Hz to 1 THz."""
Size = Annotated[int, Quantity(parse_whole, units.SIZE, _SIZES)]
"""Bytes, whole, above zero, at most 1024 TiB."""
SizeOrZero = Annotated[int, Quantity(parse_whole, units.SIZE, non_negative)]
"""Bytes, whole."""
BitWidth = Annotated[int, Quantity(parse_whole, units.BIT_WIDTH, positive)]
"""Bits, whole, above zero."""
Energy = Annotated[float, Quantity(parse_quantity, units.ENERGY, ZeroOr(_ENERGIES))]
"""Joules of one action, at most 1 J."""
EnergyPerBit = Annotated[float, Quantity(parse_quantity, units.ENERGY_PER_BIT, non_negative)]
"""Joules per bit."""
Time = Annotated[float, Quantity(parse_quantity, units.TIME, non_negative)]
"""Seconds."""
PositiveTime = Annotated[float, Quantity(parse_quantity, units.TIME, positive)]
"""Seconds, above zero."""
Area = Annotated[float, Quantity(parse_quantity, units.AREA, ZeroOr(_AREAS))]
"""Square metres of one component, at most 1."""
Length = Annotated[float, Quantity(parse_quantity, units.LENGTH, positive)]
"""Metres, above zero."""
Power = Annotated[float, Quantity(parse_quantity, units.POWER, ZeroOr(_POWERS))]
"""Watts of one component, at most 1 MW."""
PowerDensity = Annotated[float, Quantity(parse_quantity, units.POWER_DENSITY, non_negative)]
"""Watts per square metre."""
Voltage = Annotated[float, Quantity(parse_quantity, units.VOLTAGE, positive)]
"""Volts, above zero."""
