"""The answers of a technology table to the questions of :class:`hwsim.arch.technology.Technology`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from hwsim.arch.technology import Price
from hwsim.energy.table import Table, Unit
from hwsim.spec.errors import InputError, did_you_mean

Part = TypeVar("Part")
MAC = "mac"
"""The operation that is a ``multiply`` and an ``add`` in the accumulator's datatype, where it has no unit."""


@dataclass(frozen=True, slots=True)
class TableTechnology:
    """A technology whose prices are those of ``table``, or composed of them.

    An operation without a unit of its own is composed: ``mac`` of a multiply and an add in the accumulator's
    datatype; a function as the table says, its energy the sum over its operations, its area one unit of each
    kind of operation (used in turn).
    """

    table: Table

    @property
    def name(self) -> str:
        """The table's name."""
        return self.table.name

    def arithmetic(self, operation: str, datatype: str) -> Price:
        """Joules of one scalar ``operation`` in ``datatype``.

        Raises:
            InputError: the table knows neither a unit nor a composition for it.
        """
        counts = self._units(operation, datatype, ())
        prices = [(self.table.units[key].energy, count) for key, count in counts.items()]
        return self._sum(operation, datatype, prices)

    def arithmetic_area(self, operation: str, datatype: str) -> Price:
        """Square metres of the units that do ``operation`` in ``datatype``.

        Raises:
            InputError: the table knows no unit, or not its area.
        """
        counts = self._units(operation, datatype, ())
        prices = [(self._area(key, self.table.units[key]), 1.0) for key in counts]
        return self._sum(operation, datatype, prices)

    def register(self, bits: int) -> Price:
        """Joules to read or write ``bits`` of registers."""
        price = self._known(self.table.register_energy, "registers")
        return price.times(bits, f"{bits} bits")

    def register_area(self, bits: int) -> Price:
        """Square metres of ``bits`` of registers."""
        price = self._known(self.table.register_area, "registers")
        return price.times(bits, f"{bits} bits")

    def sram(self, action: str, capacity: int, width: int) -> Price:
        """Joules of one ``read`` or ``write`` of ``width`` bytes in an SRAM of ``capacity`` bytes.

        Raises:
            InputError: another action, or the table has no SRAM.
        """
        sram = self._known(self.table.sram, "sram")
        if action not in ("read", "write"):
            raise InputError(
                f"an SRAM has no action {action!r}", hint=did_you_mean(action, ("read", "write"))
            )
        price = sram.read.at(capacity)
        if width != sram.width:
            factor = (width / sram.width) ** sram.width_exponent
            price = price.times(factor, f"({width} B / {sram.width} B)^{sram.width_exponent:.2f}")
        return price if action == "read" else _written(price, sram.write_over_read)

    def sram_area(self, capacity: int, width: int) -> Price:
        """Square metres of an SRAM of ``capacity`` bytes; ``width`` does not change it in these tables."""
        del width
        return self._known(self.table.sram, "sram").area.at(capacity)

    def sram_leakage(self, capacity: int) -> Price:
        """Watts leaked by an SRAM of ``capacity`` bytes."""
        return self._known(self.table.sram, "sram").leakage.at(capacity)

    def dram(self, device: str) -> Price:
        """Joules per bit moved to or from a DRAM ``device``.

        Raises:
            InputError: the table has no such device.
        """
        if device not in self.table.dram:
            hint = did_you_mean(device, self.table.dram)
            raise InputError(f"technology {self.name!r} has no DRAM device {device!r}", hint=hint)
        return self.table.dram[device]

    def hop(self, bits: int) -> Price:
        """Joules to move ``bits`` over one router and link."""
        return self._known(self.table.hop, "network").times(bits, f"{bits} bits")

    def logic_leakage(self, area: float) -> Price:
        """Watts leaked by ``area`` square metres of logic."""
        return self._known(self.table.logic_leakage, "logic").times(area, f"{area * 1e6:.4g} mm^2")

    def _units(self, operation: str, datatype: str, within: tuple[str, ...]) -> dict[tuple[str, str], float]:
        """How often each unit works for one ``operation``."""
        if (operation, datatype) in self.table.units:
            return {(operation, datatype): 1.0}
        if operation in within:
            raise InputError(f"technology {self.name!r}: function {operation!r} is composed of itself")
        if operation == MAC and datatype in self.table.accumulators:
            parts = [("multiply", datatype, 1.0), ("add", self.table.accumulators[datatype], 1.0)]
        elif operation in self.table.functions:
            operations = self.table.functions[operation].operations
            parts = [(part, datatype, count) for part, count in operations]
        else:
            raise self._unknown(operation, datatype)
        return _added((count, self._units(part, kind, (*within, operation))) for part, kind, count in parts)

    def _unknown(self, operation: str, datatype: str) -> InputError:
        datatypes = {kind for known, kind in self.table.units if known == operation}
        if operation == MAC:
            datatypes |= set(self.table.accumulators)
        if datatypes:
            message = f"technology {self.name!r} has no {operation!r} in {datatype!r}"
            return InputError(message, hint=f"{operation!r} is known in {', '.join(sorted(datatypes))}")
        known = {MAC, *(name for name, _ in self.table.units), *self.table.functions}
        return InputError(
            f"technology {self.name!r} has no operation {operation!r}", hint=did_you_mean(operation, known)
        )

    def _area(self, key: tuple[str, str], unit: Unit) -> Price:
        if unit.area is None:
            raise InputError(f"technology {self.name!r} has no area for {key[0]!r} in {key[1]!r}")
        return unit.area

    def _sum(self, operation: str, datatype: str, prices: list[tuple[Price, float]]) -> Price:
        """The sum of ``prices`` times their counts; a composed one says what it is made of."""
        if len(prices) == 1 and prices[0][1] == 1 and (operation, datatype) in self.table.units:
            return prices[0][0]
        value = sum(price.value * count for price, count in prices)
        parts = " + ".join(f"{count:g} x [{price.source}]" for price, count in prices) or "no arithmetic"
        function = self.table.functions.get(operation)
        origin = f" ({function.source})" if function else ""
        source = f"{operation} in {datatype}{origin} = {parts}"
        return Price(value, source, any(price.extrapolated for price, _ in prices))

    def _known(self, part: Part | None, section: str) -> Part:
        if part is None:
            raise InputError(f"technology {self.name!r} has no section {section!r}")
        return part


def _added(counted: Iterable[tuple[float, dict[tuple[str, str], float]]]) -> dict[tuple[str, str], float]:
    """The sum of counts times their units."""
    total: dict[tuple[str, str], float] = {}
    for count, units in counted:
        for key, times in units.items():
            total[key] = total.get(key, 0.0) + count * times
    return total


def _written(read: Price, ratio: Price) -> Price:
    return read.times(ratio.value, f"{ratio.value:g} for a write ({ratio.source})")
