"""Addresses: which channel, rank, bank group, bank, row and column burst a request goes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwsim.engines.dram.device import Device
from hwsim.spec.errors import InputError, did_you_mean

Numbers = NDArray[np.int64]
FIELDS = ("ch", "ra", "bg", "ba", "ro", "co")


@dataclass(frozen=True, slots=True)
class AddressMap:
    """Fields of an address counted in requests, from the most to the least significant, and their sizes."""

    order: tuple[str, ...]
    sizes: Mapping[str, int]

    @property
    def units(self) -> int:
        """Requests that fill the memory."""
        return int(np.prod([self.sizes[name] for name in self.order], dtype=object))

    def decode(self, unit: Numbers) -> dict[str, Numbers]:
        """The fields of addresses in requests; what lies beyond the memory wraps around."""
        fields, rest = {}, unit
        for name in reversed(self.order):
            size = self.sizes[name]
            if size & (size - 1) == 0:  # a power of two: a shift is ten times as fast as a division
                fields[name], rest = rest & (size - 1), rest >> (size.bit_length() - 1)
            else:
                fields[name], rest = rest % size, rest // size
        return fields

    def encode(self, **fields: Numbers | int) -> Numbers:
        """The addresses in requests of fields, each modulo its size; absent fields are 0."""
        unit: Numbers = np.int64(0)  # type: ignore[assignment]
        for name in self.order:
            unit = unit * self.sizes[name] + fields.get(name, 0) % self.sizes[name]
        return unit


def address_map_of(device: Device) -> AddressMap:
    """The address map of ``device``.

    Raises:
        InputError: a field is missing, unknown or named twice, with its position.
    """
    order = tuple(part.strip() for part in device.file.address_map.split("-"))
    where = device.document.position(("address_map",))
    for name in order:
        if name not in FIELDS:
            raise InputError(f"there is no address field {name!r}", where, did_you_mean(name, FIELDS))
        if order.count(name) > 1:
            raise InputError(f"the address field {name!r} comes twice", where)
    missing = next((name for name in FIELDS if name not in order), None)
    if missing:
        raise InputError(f"the address field {missing!r} is missing", where)
    return AddressMap(order, field_sizes(device))


def field_sizes(device: Device) -> dict[str, int]:
    """How many values each field of an address has."""
    parts = device.organization
    return {
        "ch": parts.channels,
        "ra": parts.dram_ranks,
        "bg": parts.bank_groups,
        "ba": parts.banks_per_group,
        "ro": parts.rows,
        "co": parts.bursts_per_row,
    }
