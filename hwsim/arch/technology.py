"""What a technology table answers: the price of an action, an area or a leakage, with its source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Price:
    """One constant in SI units (joules per action, square metres, watts) and where it comes from.

    ``extrapolated`` is True where the table was read outside the range its source covers.
    """

    value: float
    source: str
    extrapolated: bool = False

    def times(self, factor: float, why: str = "") -> Price:
        """The price of ``factor`` such things; ``why`` is added to the source."""
        source = f"{self.source} x {why}" if why else self.source
        return Price(self.value * factor, source, self.extrapolated)


class Technology(Protocol):
    """The questions a component class may ask a technology table."""

    @property
    def name(self) -> str:
        """The table's name."""

    def arithmetic(self, operation: str, datatype: str) -> Price:
        """Joules of one scalar ``operation`` (add, mac, max, exp ...) in ``datatype`` (int8, bf16 ...)."""

    def register(self, bits: int) -> Price:
        """Joules to read or write a ``bits``-wide pipeline register or small register file."""

    def sram(self, action: str, capacity: int, width: int) -> Price:
        """Joules of one ``read`` or ``write`` of ``width`` bytes in an SRAM of ``capacity`` bytes."""

    def dram(self, device: str) -> Price:
        """Joules per bit moved to or from a DRAM ``device`` (ddr3, lpddr4, hbm2 ...), interface included."""

    def hop(self, bits: int) -> Price:
        """Joules to move ``bits`` over one router and link of an on-chip network."""

    def arithmetic_area(self, operation: str, datatype: str) -> Price:
        """Square metres of one unit for ``operation`` in ``datatype``."""

    def register_area(self, bits: int) -> Price:
        """Square metres of ``bits`` of registers."""

    def sram_area(self, capacity: int, width: int) -> Price:
        """Square metres of an SRAM of ``capacity`` bytes read ``width`` bytes at a time."""

    def sram_leakage(self, capacity: int) -> Price:
        """Watts leaked by an SRAM of ``capacity`` bytes."""

    def logic_leakage(self, area: float) -> Price:
        """Watts leaked by ``area`` square metres of logic."""
