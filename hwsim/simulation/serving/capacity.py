"""Whether a model and its caches fit a system, and how many tokens still do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hwsim.engines.pim.layout import Layout
from hwsim.simulation.serving.neural import NeuralDevice
from hwsim.simulation.serving.pieces import AttentionShape
from hwsim.simulation.serving.system import System
from hwsim.spec.errors import InputError

GIGA = 1e9


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes for keys and values in ``places`` (channels of a group, or one) of ``bytes`` each, and how the
    ``layers`` of a request take them. Memory that computes has them in whole rows of all banks.
    """

    places: int
    bytes: float
    layers: int
    layout: Layout | None
    shape: AttentionShape
    share: int

    def needed(self, tokens: int) -> int:
        """Bytes that a request of ``tokens`` takes in its place, on one device of each group."""
        shape = self.shape
        if self.layout is None:
            heads = -(-shape.kv_heads // self.share)
            return self.layers * tokens * heads * (shape.width + shape.values) * shape.element_bytes
        row = self.layout.geometry.row_elements * shape.element_bytes
        return self.layers * self.layout.rows(tokens) * row


def room_of(system: System, shape: AttentionShape, layers: int, weight_bytes: int) -> Room:
    """The room for caches beside the weights.

    Raises:
        InputError: the weights alone do not fit.
    """
    left = system.capacity - weight_bytes
    if left < 0:
        message = (
            f"the weights take {weight_bytes / GIGA:.4g} GB, {system.arch.name!r} has "
            f"{system.capacity / GIGA:.4g} GB: {-left / GIGA:.4g} GB lack"
        )
        raise InputError(message, system.memory.position_of("fanout", "class"), _hint(system))
    device = system.device
    in_banks = device if isinstance(device, NeuralDevice) and device.memory.pim else None
    places = in_banks.places if in_banks else 1
    each = left / system.devices / places
    laid_out = in_banks is not None and in_banks.memory.stack_unit is None
    layout = in_banks.layout(shape, system.share) if in_banks and laid_out else None
    return Room(places, each, -(-layers // system.groups), layout, shape, system.share)


def check_fits(system: System, room: Room, placed: Sequence[Sequence[int]]) -> None:
    """Refuse requests (of all groups together) that do not fit their places.

    Raises:
        InputError: with how much lacks.
    """
    needed = [sum(room.needed(tokens) for tokens in each) for each in placed]
    lacking = sum(max(0.0, each - room.bytes) for each in needed) * system.devices
    if lacking > 0:
        total, has = sum(needed) * system.devices, room.bytes * room.places * system.devices
        message = (
            f"keys and values take {total / GIGA:.4g} GB, {system.arch.name!r} has {has / GIGA:.4g} GB for "
            f"them: {lacking / GIGA:.4g} GB lack"
        )
        raise InputError(message, system.memory.position_of("fanout", "class"), _hint(system))


def _hint(system: System) -> str:
    return f"fewer or shorter requests, or more devices: --set {system.memory.name}.fanout=N"
