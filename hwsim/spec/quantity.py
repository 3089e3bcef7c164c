"""Field types for quantities: a model declares ``clock: Frequency``, the YAML says ``clock: 700 MHz``.

A field holds the plain number in SI units (hertz, seconds, joules, square metres; bytes for sizes); JSON
holds the text with its unit again.
"""

from __future__ import annotations

from typing import Annotated

from hwsim.spec import units
from hwsim.spec.amount import parse_quantity, parse_whole
from hwsim.spec.bandwidth import Bandwidth, parse_bandwidth
from hwsim.spec.fields import Quantity, non_negative, positive
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

Frequency = Annotated[float, Quantity(parse_quantity, units.FREQUENCY, positive)]
"""Hertz, above zero."""
Size = Annotated[int, Quantity(parse_whole, units.SIZE, positive)]
"""Bytes, whole, above zero."""
SizeOrZero = Annotated[int, Quantity(parse_whole, units.SIZE, non_negative)]
"""Bytes, whole."""
BitWidth = Annotated[int, Quantity(parse_whole, units.BIT_WIDTH, positive)]
"""Bits, whole, above zero."""
Energy = Annotated[float, Quantity(parse_quantity, units.ENERGY, non_negative)]
"""Joules."""
EnergyPerBit = Annotated[float, Quantity(parse_quantity, units.ENERGY_PER_BIT, non_negative)]
"""Joules per bit."""
Time = Annotated[float, Quantity(parse_quantity, units.TIME, non_negative)]
"""Seconds."""
PositiveTime = Annotated[float, Quantity(parse_quantity, units.TIME, positive)]
"""Seconds, above zero."""
Area = Annotated[float, Quantity(parse_quantity, units.AREA, non_negative)]
"""Square metres."""
Length = Annotated[float, Quantity(parse_quantity, units.LENGTH, positive)]
"""Metres, above zero."""
Power = Annotated[float, Quantity(parse_quantity, units.POWER, non_negative)]
"""Watts."""
PowerDensity = Annotated[float, Quantity(parse_quantity, units.POWER_DENSITY, non_negative)]
"""Watts per square metre."""
Voltage = Annotated[float, Quantity(parse_quantity, units.VOLTAGE, positive)]
"""Volts, above zero."""
