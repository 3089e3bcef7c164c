"""Bytes between the DRAM and the chip."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Traffic:
    """Bytes from and to the DRAM."""

    read_bytes: float
    write_bytes: float

    @property
    def total_bytes(self) -> float:
        """Both ways."""
        return self.read_bytes + self.write_bytes

    def times(self, factor: float) -> Traffic:
        """The traffic of ``factor`` such things."""
        return Traffic(self.read_bytes * factor, self.write_bytes * factor)


@dataclass(frozen=True, slots=True)
class Movement:
    """The traffic of each phase of one attention, and in words what stays on chip.

    ``read`` and ``written`` are its bytes by tensor of the cascade, where the tiling knows them.
    """

    phases: tuple[Traffic, ...]
    choice: str
    read: Mapping[str, float] = field(default_factory=dict)
    written: Mapping[str, float] = field(default_factory=dict)

    @property
    def total(self) -> Traffic:
        """All phases."""
        return Traffic(
            sum(each.read_bytes for each in self.phases), sum(each.write_bytes for each in self.phases)
        )
