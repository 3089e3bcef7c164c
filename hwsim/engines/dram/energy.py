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
from hwsim.engines.dram.expression import evaluate, values_of
from hwsim.engines.dram.standard import Does
from hwsim.engines.dram.timing import timing_of
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


def command_energies(device: Device) -> dict[str, float]:
    """Joules of one command of each name that has a price: opening (with closing), columns, and what the
    standard gives in units of these.

    Raises:
        InputError: no currents, and the technology tables do not know the memory type.
    """
    normal = _unit_energies(device)
    does = {"open": "activate", "read": "read", "read_and_close": "read", "write": "write"}
    does["write_and_close"] = "write"
    found = {}
    for name, command in device.standard.commands.items():
        if command.does in does:
            found[name] = normal[does[command.does]]
        elif command.energy is not None:
            names = values_of(_sizes(device), device.standard.defaults)
            share = evaluate(command.energy.times, names) / evaluate(command.energy.per, names)
            found[name] = share * normal[command.energy.of]
    return found


def standing_power(device: Device) -> float:
    """Watts of one channel that does nothing: standby with rows open, and refresh; 0 without currents."""
    currents = device.file.currents
    if currents is None:
        return 0.0
    cycles, parts = timing_of(device).cycles, device.organization
    charge = charges(currents, cycles, parts.burst_cycles)
    per_cycle = charge["active_standby"] + charge["refresh"] / cycles("REFI")
    return _MILLI * currents.VDD * parts.devices_per_rank * parts.dram_ranks * per_cycle


def _unit_energies(device: Device) -> dict[str, float]:
    currents = device.file.currents
    if currents is None:
        bits, (per_bit, _) = 8 * device.organization.request_bytes, _per_bit(device)
        return {"activate": 0.0, "read": bits * per_bit, "write": bits * per_bit}
    charge = charges(currents, timing_of(device).cycles, device.organization.burst_cycles)
    scale = _MILLI * currents.VDD * device.organization.devices_per_rank * device.file.clock_period
    return {term: charge[term] * scale for term in ("activate", "read", "write")}


def _sizes(device: Device) -> dict[str, int]:
    parts = device.organization
    return {
        **device.file.timing,
        "page_bits": 8 * parts.bursts_per_row * parts.request_bytes,
        "access_bits": 8 * parts.request_bytes,
        "banks": parts.banks,
        "banks_per_group": parts.banks_per_group,
        "burst_cycles": parts.burst_cycles,
    }


def _refresh_share(cycles: Callable[[str], int]) -> float:
    """A bank's refresh against its share of a rank's: the same rows are refreshed, so the same energy."""
    return 1.0 if cycles("RFCb") else 0.0


def _by_the_bit(device: Device, reads: int, writes: int) -> Energy:
    per_bit, source = _per_bit(device)
    bits = 8 * device.organization.request_bytes
    terms = {"read": reads * bits * per_bit, "write": writes * bits * per_bit}
    return Energy(terms, f"{source}, by the bit")


def _per_bit(device: Device) -> tuple[float, str]:
    """Joules of a bit of the memory type, and their source."""
    table = load_document(Path(find("technology", PER_BIT)))
    path = ("dram", device.file.memory_type)
    return parse_quantity(table.value(path), units.ENERGY_PER_BIT), str(table.source_of(path))


def _count(device: Device, commands: Mapping[str, int], does: tuple[Does, ...]) -> int:
    known = device.standard.commands
    return sum(count for name, count in commands.items() if known[name].does in does)
