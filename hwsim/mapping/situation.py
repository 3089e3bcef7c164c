"""What a step finds on the chip when it is planned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hwsim.arch.machine import Arch
from hwsim.arch.memory import Memory
from hwsim.mapping.plan import Workspace
from hwsim.mapping.sites import Sites

UNLIMITED = 2**60
"""Bytes of a memory without a capacity: no limit worth a number."""


@dataclass(frozen=True, slots=True)
class Situation:
    """The tensors ``resident`` at home, and for each on-chip memory the free range (address, bytes) for
    tiles.

    Steps take turns at the two ends of a range (``top``), so that one may load while the other still
    computes.
    """

    resident: frozenset[str]
    free: Mapping[str, tuple[int, int]]
    top: bool

    def room(self, memory: str) -> int:
        """Bytes for tiles in ``memory``."""
        return self.free[memory][1]

    def workspace(self, memory: str, size: int) -> Workspace:
        """``size`` bytes of tiles in ``memory``, at the step's end of what is free."""
        address, room = self.free[memory]
        return Workspace(memory, address + (room - size if self.top else 0), size)


def capacities(arch: Arch) -> dict[str, int]:
    """Bytes of (one instance of) every on-chip memory."""
    return {
        part.name: UNLIMITED if part.attributes.capacity is None else part.attributes.capacity
        for part in arch.walk()
        if isinstance(part.attributes, Memory) and part is not arch.root
    }


def situation_of(
    sites: Sites, room: Mapping[str, int], resident: frozenset[str], home: tuple[int, int], top: bool
) -> Situation:
    """The situation with ``home`` as the free range (address, bytes) of the home memory.

    All of the other memories is free: ``room`` are their :func:`capacities`.
    """
    free = {name: (0, size) for name, size in room.items()}
    if sites.home is not None:
        free[sites.home.name] = home
    return Situation(resident, free, top)
