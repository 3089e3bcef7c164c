"""A technology table in memory: prices with their sources, and the tables derived from others."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from hwsim.arch.technology import Price
from hwsim.energy.curve import Blend, Curve, Scaled, between


@dataclass(frozen=True, slots=True)
class Unit:
    """One arithmetic unit: joules of an operation, square metres where known."""

    energy: Price
    area: Price | None


@dataclass(frozen=True, slots=True)
class Composition:
    """A function as counts of operations."""

    operations: tuple[tuple[str, float], ...]
    source: str


@dataclass(frozen=True, slots=True)
class Sram:
    """SRAM by capacity: joules of a read of ``width`` bytes, square metres, watts."""

    width: int
    width_exponent: float
    write_over_read: Price
    read: Curve
    area: Curve
    leakage: Curve


@dataclass(frozen=True, slots=True)
class Table:
    """What is known of a technology; what is None or not in a mapping is not known.

    ``node`` is in metres; registers, network and DRAM are by the bit, ``logic_leakage`` in W/m^2.
    """

    name: str
    node: float | None = None
    units: Mapping[tuple[str, str], Unit] = field(default_factory=dict)
    accumulators: Mapping[str, str] = field(default_factory=dict)
    functions: Mapping[str, Composition] = field(default_factory=dict)
    register_energy: Price | None = None
    register_area: Price | None = None
    hop: Price | None = None
    logic_leakage: Price | None = None
    sram: Sram | None = None
    dram: Mapping[str, Price] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Factors:
    """What each kind of value is multiplied by, and why."""

    energy: float
    area: float
    leakage: float
    why: str


def merged(own: Table, base: Table) -> Table:
    """``own``, with what it does not know taken from ``base``, down to the area of a unit."""
    return Table(
        name=own.name,
        node=own.node,
        units={
            **base.units,
            **{key: _completed(unit, base.units.get(key)) for key, unit in own.units.items()},
        },
        accumulators={**base.accumulators, **own.accumulators},
        functions={**base.functions, **own.functions},
        register_energy=own.register_energy or base.register_energy,
        register_area=own.register_area or base.register_area,
        hop=own.hop or base.hop,
        logic_leakage=own.logic_leakage or base.logic_leakage,
        sram=own.sram or base.sram,
        dram={**base.dram, **own.dram},
    )


def scaled(table: Table, factors: Factors) -> Table:
    """``table`` with every value on the chip multiplied by the factor of its kind."""

    def energy(price: Price) -> Price:
        return price.times(factors.energy, f"{factors.energy:g} ({factors.why})")

    def area(price: Price) -> Price:
        return price.times(factors.area, f"{factors.area:g} ({factors.why})")

    density = factors.leakage / factors.area
    return Table(
        name=table.name,
        units={
            key: Unit(energy(unit.energy), unit.area and area(unit.area)) for key, unit in table.units.items()
        },
        accumulators=table.accumulators,
        functions=table.functions,
        register_energy=_each(energy, table.register_energy),
        register_area=_each(area, table.register_area),
        hop=_each(energy, table.hop),
        logic_leakage=_each(
            lambda price: price.times(density, f"{density:g} ({factors.why})"), table.logic_leakage
        ),
        sram=table.sram and _scaled_sram(table.sram, factors),
        dram=table.dram,
    )


def interpolated(first: Table, second: Table, node: float) -> Table:
    """The table of ``node`` (metres), by a power law of the node through two tables that have one.

    A unit that only one of them knows is left out; functions and DRAM devices, which no node changes, are
    those of ``first``.

    Raises:
        ValueError: a table has no node, both have the same, or their SRAM energies are for different widths.
    """
    if not first.node or not second.node or first.node == second.node:
        raise ValueError("needs two tables of different nodes")
    if first.sram and second.sram and first.sram.width != second.sram.width:
        raise ValueError("needs SRAM energies for one width")
    share = math.log(node / first.node) / math.log(second.node / first.node)
    outside = not 0 <= share <= 1

    def mixed(one: Price, other: Price) -> Price:
        price = between(one, other, share)
        return Price(price.value, price.source, price.extrapolated or outside)

    return Table(
        name=f"{first.name}-{second.name}",
        units={
            key: Unit(
                mixed(unit.energy, second.units[key].energy), _pair(mixed, unit.area, second.units[key].area)
            )
            for key, unit in first.units.items()
            if key in second.units
        },
        accumulators=first.accumulators,
        functions=first.functions,
        register_energy=_pair(mixed, first.register_energy, second.register_energy),
        register_area=_pair(mixed, first.register_area, second.register_area),
        hop=_pair(mixed, first.hop, second.hop),
        logic_leakage=_pair(mixed, first.logic_leakage, second.logic_leakage),
        sram=_pair(lambda one, other: _blended_sram(one, other, share), first.sram, second.sram),
        dram=first.dram,
    )


Part = TypeVar("Part")


def _each(change: Callable[[Part], Part], part: Part | None) -> Part | None:
    return None if part is None else change(part)


def _pair(combine: Callable[[Part, Part], Part], first: Part | None, second: Part | None) -> Part | None:
    return None if first is None or second is None else combine(first, second)


def _completed(unit: Unit, base: Unit | None) -> Unit:
    return Unit(unit.energy, unit.area or (base.area if base else None))


def _scaled_sram(sram: Sram, factors: Factors) -> Sram:
    return Sram(
        width=sram.width,
        width_exponent=sram.width_exponent,
        write_over_read=sram.write_over_read,
        read=Scaled(sram.read, factors.energy, f"{factors.energy:g} ({factors.why})"),
        area=Scaled(sram.area, factors.area, f"{factors.area:g} ({factors.why})"),
        leakage=Scaled(sram.leakage, factors.leakage, f"{factors.leakage:g} ({factors.why})"),
    )


def _blended_sram(first: Sram, second: Sram, share: float) -> Sram:
    return Sram(
        width=first.width,
        width_exponent=first.width_exponent + (second.width_exponent - first.width_exponent) * share,
        write_over_read=between(first.write_over_read, second.write_over_read, share),
        read=Blend(first.read, second.read, share),
        area=Blend(first.area, second.area, share),
        leakage=Blend(first.leakage, second.leakage, share),
    )
