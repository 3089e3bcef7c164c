"""A device: organization, timing and currents of one kind of DRAM, read from YAML."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field

from hwsim.engines.dram.standard import Buses, Standard, load_standard
from hwsim.spec.document import Document, load_document
from hwsim.spec.errors import InputError
from hwsim.spec.library import find, names
from hwsim.spec.model import Spec, validate
from hwsim.spec.quantity import BitWidth, PositiveTime, Voltage

Positive = Annotated[int, Field(ge=1, le=2**24)]
Cycles = Annotated[int, Field(ge=0, le=10**8)]
Milliamperes = Annotated[float, Field(ge=0, le=10**5)]


class Organization(Spec):
    """How many of everything."""

    channels: Positive
    """Channels, each with a controller of its own."""
    dram_ranks: Positive
    """Ranks of a channel."""
    bank_groups: Positive
    """Bank groups of a rank."""
    banks_per_group: Positive
    """Banks of a group."""
    rows: Positive
    """Rows of a bank."""
    columns: Positive
    """Columns of a row, each ``bus_width`` wide over the devices of a rank."""
    device_width: BitWidth
    """Data pins of one device."""
    bus_width: BitWidth
    """Data pins of a channel."""
    burst_length: Positive
    """Transfers of one column command."""
    burst_cycles: Positive
    """Clock cycles for which a column command occupies the data bus."""

    @property
    def banks(self) -> int:
        """Banks of a channel."""
        return self.dram_ranks * self.banks_per_rank

    @property
    def banks_per_rank(self) -> int:
        """Banks of a rank."""
        return self.bank_groups * self.banks_per_group

    @property
    def request_bytes(self) -> int:
        """Bytes that one column command moves."""
        return self.bus_width * self.burst_length // 8

    @property
    def bursts_per_row(self) -> int:
        """Column commands that read a whole row."""
        return self.columns // self.burst_length

    @property
    def devices_per_rank(self) -> int:
        """Devices that work together."""
        return self.bus_width // self.device_width


class Currents(Spec):
    """Supply voltage and currents, as data sheets name them; mA of one device."""

    VDD: Voltage
    """Supply voltage."""
    IDD0: Milliamperes
    """Opening and closing rows as fast as RC allows."""
    IDD2N: Milliamperes
    """Standby with all banks closed."""
    IDD3N: Milliamperes
    """Standby with a bank open."""
    IDD4R: Milliamperes
    """Reading without a pause."""
    IDD4W: Milliamperes
    """Writing without a pause."""
    IDD5AB: Milliamperes
    """Refreshing without a pause."""


class DeviceFile(Spec):
    """A DRAM device."""

    name: str
    """The device's name."""
    description: str = ""
    """What it is, in a sentence."""
    source: str
    """Where the table comes from; the source of every value that has no nearer one."""
    standard: str
    """Its commands and rules: a name in arch_configs/technology/dram/standards/ or a file."""
    memory_type: str
    """The kind of memory, which names its energy per bit in the technology tables (hbm2, ddr4 ...)."""
    command_buses: Buses | None = None
    """Commands a cycle, where it is not as the standard says."""
    clock_period: PositiveTime
    """One cycle of the command clock."""
    organization: Organization
    """How many of everything."""
    address_map: str
    """Fields of an address from the most to the least significant: ro, ch, ra, bg, ba, co, joined by '-'."""
    timing: dict[str, Cycles]
    """Times in cycles of the clock, by their data sheet names without the t."""
    currents: Currents | None = None
    """For energies; without them the energy per bit of the memory type is used."""


@dataclass(frozen=True, slots=True)
class Device:
    """A device and its standard."""

    file: DeviceFile
    standard: Standard
    document: Document

    @property
    def name(self) -> str:
        """The device's name."""
        return self.file.name

    @property
    def organization(self) -> Organization:
        """How many of everything."""
        return self.file.organization

    @property
    def dual_issue(self) -> bool:
        """Whether a row and a column command may share a cycle."""
        return (self.file.command_buses or self.standard.command_buses) == "row_and_column"

    @property
    def peak_bandwidth(self) -> float:
        """Bytes per second over the data buses of all channels."""
        parts = self.organization
        return parts.channels * parts.request_bytes / (parts.burst_cycles * self.file.clock_period)

    @property
    def capacity(self) -> int:
        """Bytes of all channels."""
        parts = self.organization
        return parts.channels * parts.banks * parts.rows * parts.bursts_per_row * parts.request_bytes


def load_device(name_or_path: str, channels: int | None = None) -> Device:
    """The device in a file or the library; letters of either case will do for a name.

    Args:
        name_or_path: which.
        channels: how many channels, in place of the file's.

    Raises:
        InputError: it or its standard is at fault, with its position.
    """
    document = load_document(Path(find("dram", _known_case(name_or_path))))
    if channels is not None:
        document = document.with_override("organization.channels", str(channels), "--channels")
    return device_of(document)


def device_of(document: Document) -> Device:
    """The device that a document describes.

    Raises:
        InputError: it or its standard is at fault, with its position.
    """
    file = validate(DeviceFile, document)
    _check_widths(file.organization, document)
    return Device(file, load_standard(file.standard), document)


def _known_case(name: str) -> str:
    known = {entry.name.casefold(): entry.name for entry in names("dram")}
    return name if Path(name).is_file() else known.get(name.casefold(), name)


def _check_widths(parts: Organization, document: Document) -> None:
    for key, whole, part in (
        ("bus_width", parts.bus_width, parts.device_width),
        ("columns", parts.columns, parts.burst_length),
        ("bus_width", parts.bus_width * parts.burst_length, 8),
    ):
        if whole % part:
            where = document.position(("organization", key))
            raise InputError(f"{key}: {whole} is not a multiple of {part}", where)
