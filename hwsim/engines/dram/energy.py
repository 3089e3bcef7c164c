"""Energy of a run: from the currents of the data sheet, or from the energy per bit of the kind of memory.

Currents: Micron TN-41-01 as DRAMsim3 (commit 2981759) applies it. Each term is supply voltage x current x
time x devices of a rank; standby with all banks closed (IDD2N) or not (IDD3N) is apart from what commands
add.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from hwsim.engines.dram.device import Currents, Device
from hwsim.engines.dram.standard import Does
from hwsim.spec import units
from hwsim.spec.document import load_document
from hwsim.spec.library import find
from hwsim.spec.quantity import parse_quantity

PER_BIT = "dram_devices"
"""The technology table with the energy per bit of each memory type."""
_MILLI = 1e-3
_READS: tuple[Does, ...] = ("read", "read_and_close")
_WRITES: tuple[Does, ...] = ("write", "write_and_close")


@dataclass(frozen=True, slots=True)
class Energy:
    """Joules by term, and where they come from. Without currents only what is moved has a price."""

    terms: Mapping[str, float]
    source: str

    @property
    def total(self) -> float:
        """Joules of all terms."""
        return sum(self.terms.values())


def energy_of(
    device: Device, cycles: Callable[[str], int], commands: Mapping[str, int], active: int, idle: int
) -> Energy:
    """The energy of a run.

    Args:
        device: what ran.
        cycles: its times by name.
        commands: how many commands of each name were issued.
        active: cycles in which a rank had an open bank, summed over ranks.
        idle: cycles in which a rank had none.

    Raises:
        InputError: no currents, and the technology tables do not know the memory type.
    """
    counts = {does: _count(device, commands, (does,)) for does in ("open", "refresh", "refresh_bank")}
    reads, writes = _count(device, commands, _READS), _count(device, commands, _WRITES)
    currents = device.file.currents
    if currents is None:
        return _by_the_bit(device, reads, writes)
    charge = charges(currents, cycles, device.organization.burst_cycles)
    share = counts["refresh_bank"] / device.organization.banks_per_rank * _refresh_share(cycles)
    amounts = {
        "activate": counts["open"] * charge["activate"],
        "read": reads * charge["read"],
        "write": writes * charge["write"],
        "refresh": (counts["refresh"] + share) * charge["refresh"],
        "active_standby": active * charge["active_standby"],
        "idle_standby": idle * charge["idle_standby"],
    }
    scale = _MILLI * currents.VDD * device.organization.devices_per_rank * device.file.clock_period
    return Energy({term: amount * scale for term, amount in amounts.items()}, device.file.source)


def charges(currents: Currents, cycles: Callable[[str], int], burst_cycles: int) -> dict[str, float]:
    """What one command, or one cycle of standby, draws from one device: mA x cycles."""
    opened, closed = cycles("RAS"), cycles("RP")
    both = currents.IDD0 * cycles("RC")
    return {
        "activate": both - currents.IDD3N * opened - currents.IDD2N * closed,
        "read": (currents.IDD4R - currents.IDD3N) * burst_cycles,
        "write": (currents.IDD4W - currents.IDD3N) * burst_cycles,
        "refresh": (currents.IDD5AB - currents.IDD3N) * cycles("RFC"),
        "active_standby": currents.IDD3N,
        "idle_standby": currents.IDD2N,
    }


def _refresh_share(cycles: Callable[[str], int]) -> float:
    """A bank's refresh against its share of a rank's: the same rows are refreshed, so the same energy."""
    return 1.0 if cycles("RFCb") else 0.0


def _by_the_bit(device: Device, reads: int, writes: int) -> Energy:
    table = load_document(Path(find("technology", PER_BIT)))
    path = ("dram", device.file.memory_type)
    per_bit = parse_quantity(table.value(path), units.ENERGY_PER_BIT)
    bits = 8 * device.organization.request_bytes
    terms = {"read": reads * bits * per_bit, "write": writes * bits * per_bit}
    return Energy(terms, f"{table.source_of(path)}, by the bit")


def _count(device: Device, commands: Mapping[str, int], does: tuple[Does, ...]) -> int:
    known = device.standard.commands
    return sum(count for name, count in commands.items() if known[name].does in does)
