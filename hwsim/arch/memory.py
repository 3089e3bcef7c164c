"""Memory components: what they hold, how much, how fast."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from hwsim.arch.component import Attributes, Count
from hwsim.arch.technology import Price, Technology
from hwsim.spec.quantity import Bandwidth, Size

Role = Literal["input", "weight", "output"]
"""The part a tensor plays in an operator: first operand, second operand, result."""

ROLES: tuple[Role, ...] = ("input", "weight", "output")


class Memory(Attributes):
    """A memory. One ``read`` or ``write`` action moves ``width`` bytes."""

    capacity: Size | None = None
    """Bytes of one instance; absent means larger than any workload."""
    bandwidth: Bandwidth | None = None
    """Bytes per second or per cycle of a port; absent means never a limit."""
    ports: Literal["shared", "separate"] = "shared"
    """``shared``: reads and writes take turns at one port; ``separate``: each has a port of the full
    bandwidth.
    """
    width: Size
    """Bytes moved by one action."""
    holds: list[Role] = Field(default_factory=lambda: list(ROLES), min_length=1)
    """The roles of the tensors kept here; all others pass by."""
    double_buffered: bool = True
    """Whether a tile is loaded while the one before it is used; halves the room for streamed tiles."""


class Sram(Memory):
    """On-chip memory made of SRAM macros."""

    class_name: ClassVar[str] = "sram"

    capacity: Size
    """Bytes of one instance."""
    macro_capacity: Size | None = None
    """Bytes of one macro where the memory is built of several; energy, area and leakage follow the macro."""
    macro_width: Size | None = None
    """Bytes that one macro moves in an action; an action works as many macros as make up ``width``."""

    @property
    def macro(self) -> tuple[int, int]:
        """Capacity and width of one macro, never above those of the memory."""
        capacity, width = self.macro_capacity or self.capacity, self.macro_width or self.width
        return min(capacity, self.capacity), min(width, self.width)

    def action_energies(self, technology: Technology) -> Mapping[str, Price]:
        """Joules of one ``width``-byte read and write."""
        capacity, width = self.macro
        return {
            action: _several(technology.sram(action, capacity, width), self.width / width, "macros at once")
            for action in ("read", "write")
        }

    def area_price(self, technology: Technology) -> Price:
        """Square metres of all macros."""
        capacity, width = self.macro
        return _several(technology.sram_area(capacity, width), self.capacity / capacity, "macros")

    def leakage_price(self, technology: Technology) -> Price:
        """Watts of all macros."""
        capacity, _ = self.macro
        return _several(technology.sram_leakage(capacity), self.capacity / capacity, "macros")


class RegisterFile(Memory):
    """A small memory of registers beside the compute units."""

    class_name: ClassVar[str] = "register_file"

    capacity: Size
    """Bytes of one instance."""

    def action_energies(self, technology: Technology) -> Mapping[str, Price]:
        """Joules of one ``width``-byte read and write."""
        return {action: technology.register(8 * self.width) for action in ("read", "write")}

    def area_price(self, technology: Technology) -> Price:
        """Square metres of all registers."""
        return technology.register_area(8 * self.capacity)


class Dram(Memory):
    """Off-chip memory at ``analytical`` fidelity: peak bandwidth times efficiency."""

    class_name: ClassVar[str] = "dram"

    device: str
    """The kind of memory (ddr3, lpddr4, hbm2 ...): names its energy per bit in the technology table."""
    efficiency: float = Field(ge=1e-6, le=1)
    """Fraction of the peak bandwidth that streams reach."""
    channels: Count = 1
    """Independent channels, all used by every stream."""

    def action_energies(self, technology: Technology) -> Mapping[str, Price]:
        """Joules of one ``width``-byte read and write, interface included."""
        per_bit = technology.dram(self.device)
        price = per_bit.times(8 * self.width, f"{8 * self.width} bits")
        return {"read": price, "write": price}


def _several(price: Price, count: float, what: str) -> Price:
    return price if count == 1 else price.times(count, f"{count:g} {what}")
