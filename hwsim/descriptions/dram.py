"""DRAM devices and the standards they follow: what there is to say about one."""

from __future__ import annotations

from collections.abc import Mapping

from hwsim.descriptions.kind import Kind
from hwsim.descriptions.sheet import Sheet, Table
from hwsim.engines.dram.device import DeviceFile, load_device
from hwsim.engines.dram.standard import CommandEntry
from hwsim.engines.dram.timing import Timing, timing_of
from hwsim.spec.model import json_schema


def describe(name_or_path: str) -> Sheet:
    """The device in a file or the library, with all rules of its standard in cycles.

    Raises:
        InputError: it or its standard is at fault, with its position.
    """
    device = load_device(name_or_path)
    timing = timing_of(device)
    parts = device.organization
    return Sheet(
        kind="dram",
        name=device.name,
        description=device.file.description,
        file=device.document.file,
        content_hash=device.document.content_hash,
        facts={
            "standard": device.standard.name,
            "memory_type": device.file.memory_type,
            "clock_period_s": device.file.clock_period,
            "capacity_bytes": device.capacity,
            "peak_bandwidth_bytes_per_s": device.peak_bandwidth,
            "request_bytes": parts.request_bytes,
            "address_map": device.file.address_map,
            "organization": parts.model_dump(mode="json"),
            "source": device.file.source,
        },
        tables=(_commands(device.standard.commands), _rules(timing)),
    )


def _commands(commands: Mapping[str, CommandEntry]) -> Table:
    rows = ({"command": name, "scope": each.scope, "does": each.does} for name, each in commands.items())
    return Table("commands", tuple(rows))


def _rules(timing: Timing) -> Table:
    rows = (
        {
            "scope": rule.scope,
            "from": rule.first,
            "to": rule.second,
            "window": rule.window,
            "cycles": rule.cycles,
        }
        for rule in timing.rules
    )
    return Table("rules", tuple(rows))


KIND = Kind(
    name="dram",
    says="a DRAM device: organization, timing, currents",
    read=describe,
    keys=lambda: frozenset(DeviceFile.model_fields),
    shelf="dram",
    schema=lambda: json_schema(DeviceFile),
)
