"""Addresses in one memory: tensors are placed whole, the lowest gap that fits first."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Gap:
    """Free bytes ``[address, address + bytes)``."""

    address: int
    bytes: int


@dataclass(slots=True)
class AddressMap:
    """What lies where in a memory of ``capacity`` bytes at one moment of planning."""

    capacity: int
    placed: dict[str, Gap] = field(default_factory=dict)

    def gaps(self) -> list[Gap]:
        """The free ranges, by address."""
        found, end = [], 0
        for used in sorted(self.placed.values(), key=lambda gap: gap.address):
            if used.address > end:
                found.append(Gap(end, used.address - end))
            end = used.address + used.bytes
        if self.capacity > end:
            found.append(Gap(end, self.capacity - end))
        return found

    def largest_gap(self) -> Gap:
        """The widest free range, the lowest of equals; of no bytes where all is taken."""
        return max(self.gaps(), key=lambda gap: (gap.bytes, -gap.address), default=Gap(0, 0))

    def place(self, name: str, size: int) -> Gap | None:
        """Put ``size`` bytes into the lowest gap that fits; None if none does."""
        for gap in self.gaps():
            if gap.bytes >= size:
                self.placed[name] = Gap(gap.address, size)
                return self.placed[name]
        return None

    def remove(self, name: str) -> None:
        """Free what ``name`` takes."""
        del self.placed[name]

    def copy(self) -> AddressMap:
        """An independent copy, to try something on."""
        return AddressMap(self.capacity, dict(self.placed))
