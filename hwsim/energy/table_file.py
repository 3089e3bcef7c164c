"""The form of a technology table's YAML; every section may be missing, or come from another table."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, PositiveFloat

from hwsim.spec.model import Spec
from hwsim.spec.quantity import Area, Energy, EnergyPerBit, Length, Power, PowerDensity, Size, Voltage


class Sourced(Spec):
    """A mapping whose values share a source."""

    source: str | None = None
    """Where the values of this mapping come from, and what was converted, assumed or disputed."""


class ArithmeticUnit(Sourced):
    """One arithmetic unit of one operation and datatype."""

    energy: Energy
    """Energy of one operation."""
    area: Area | None = None
    """Area of one unit."""


class Function(Sourced):
    """A function built of operations that have units of their own, or of other functions."""

    operations: dict[str, PositiveFloat]
    """How many of each operation one result takes."""


class Registers(Sourced):
    """Pipeline registers and small register files, by the bit."""

    energy: EnergyPerBit
    """Energy to read or write one bit."""
    area: Area
    """Area of one bit."""


class Network(Sourced):
    """The network on the chip."""

    hop: EnergyPerBit
    """Energy to move one bit over one router and one link."""


class Logic(Sourced):
    """Logic gates at large."""

    leakage: PowerDensity
    """Power leaked by a unit of area."""


class ReadPoint(Sourced):
    """A published energy of an SRAM access."""

    capacity: Size
    energy: Energy


class AreaPoint(Sourced):
    """A published area of an SRAM."""

    capacity: Size
    area: Area


class LeakagePoint(Sourced):
    """A published leakage of an SRAM."""

    capacity: Size
    leakage: Power


class SramSection(Sourced):
    """SRAM: values at published capacities; between two of them a power law, beyond them its continuation."""

    width: Size
    """Bytes of the accesses whose energies ``read`` holds."""
    width_exponent: Annotated[float, Field(gt=0, le=1)]
    """Energy grows as the width of the access to this power."""
    write_over_read: PositiveFloat
    """Energy of a write over that of a read."""
    read: list[ReadPoint] = Field(min_length=1)
    """Energies of reads of ``width`` bytes, by capacity, ascending."""
    area: list[AreaPoint] = Field(min_length=1)
    """Areas by capacity, ascending."""
    leakage: list[LeakagePoint] = Field(min_length=1)
    """Leakages by capacity, ascending."""


class Scaling(Sourced):
    """Another table, each of its values multiplied by the factor of its kind."""

    table: str
    """The table that is scaled."""
    energy: PositiveFloat
    """Factor of every energy on the chip."""
    area: PositiveFloat
    """Factor of every area."""
    leakage: PositiveFloat
    """Factor of the leakage of an SRAM; that of logic, which is by area, takes it over the factor of area."""


class TechnologyFile(Sourced):
    """A technology table. Its own sections go before ``include``, these before ``between`` or ``scale``."""

    name: str
    """The table's name."""
    description: str = ""
    """What it is, in a sentence."""
    node: Length | None = None
    """The feature size that names the process; needed by tables that others are derived from or with."""
    voltage: Voltage | None = None
    """The supply the energies hold for."""
    include: list[str] = Field(default_factory=list)
    """Tables whose sections are taken over."""
    between: Annotated[list[str], Field(min_length=2, max_length=2)] | None = None
    """Two tables of other nodes: values not given here lie between theirs on a power law of the node."""
    scale: Scaling | None = None
    """A table whose values, scaled, stand in for those not given here."""
    arithmetic: dict[str, dict[str, ArithmeticUnit]] = Field(default_factory=dict)
    """Arithmetic units by operation, then datatype."""
    accumulators: dict[str, str] = Field(default_factory=dict)
    """The datatype in which a ``mac`` of a datatype adds: mac = multiply + add in that datatype."""
    functions: dict[str, Function] = Field(default_factory=dict)
    """Functions without a unit of their own."""
    registers: Registers | None = None
    """Registers, by the bit."""
    network: Network | None = None
    """The network on the chip."""
    logic: Logic | None = None
    """Logic gates at large."""
    sram: SramSection | None = None
    """On-chip SRAM."""
    dram: dict[str, EnergyPerBit] = Field(default_factory=dict)
    """Energy to move one bit to or from a DRAM device, interface included."""
