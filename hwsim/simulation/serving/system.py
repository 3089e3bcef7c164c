"""What runs a model: like devices in tensor-parallel groups, and what one of them takes for a piece."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from hwsim.arch.component import Component
from hwsim.arch.machine import Arch
from hwsim.engines.pim.memory import ChannelMemory, Devices
from hwsim.simulation.serving.pieces import AttentionShape, Shape
from hwsim.spec.errors import InputError


@dataclass(frozen=True, slots=True)
class Load:
    """Seconds of a piece on one device: its arithmetic, its bytes over the boundary of the memory, the sums
    over the devices of its group; and of the whole where these overlap as far as they can.
    """

    compute: float = 0.0
    memory: float = 0.0
    exchange: float = 0.0
    alone: float = 0.0

    def __add__(self, other: Load) -> Load:
        return Load(
            self.compute + other.compute,
            self.memory + other.memory,
            self.exchange + other.exchange,
            self.alone + other.alone,
        )


class Device(Protocol):
    """One device of a system."""

    @property
    def capacity(self) -> int:
        """Bytes of its memory."""

    @property
    def datatype(self) -> str:
        """The datatype it computes in."""

    @property
    def engine(self) -> str:
        """The component that multiplies."""

    @property
    def peak_macs(self) -> float:
        """Multiply-accumulates a second."""

    @property
    def peak_bandwidth(self) -> float:
        """Bytes a second over the boundary of its memory."""

    def piece(self, shape: Shape, share: int) -> Load:
        """A piece that ``share`` devices do together, sums over them not included."""

    def attention(self, shape: AttentionShape, lengths: tuple[int, ...], share: int) -> Load:
        """Attention of one layer outside the memory, for requests with so many tokens in their caches."""


@dataclass(frozen=True)
class System:
    """``groups`` of ``share`` devices: each group has all of a share of the layers. ``attributes`` as the
    machine's root has them.
    """

    arch: Arch
    root: Component
    attributes: Devices
    memory: Component
    device: Device
    share: int
    groups: int

    @property
    def devices(self) -> int:
        """All devices."""
        return self.share * self.groups

    @property
    def capacity(self) -> int:
        """Bytes of all devices."""
        return self.devices * self.device.capacity

    @cached_property
    def link(self) -> float:
        """Bytes per second that a collective reaches on a link."""
        return self.attributes.link_bandwidth.per_second(self.root.clock) * self.attributes.efficiency

    def exchange(self, size: int) -> float:
        """Seconds of a sum of ``size`` bytes over a group: a ring, twice round."""
        if self.share == 1 or not size:
            return 0.0
        steps = 2 * (self.share - 1)
        return steps * (size / self.share / self.link + self.attributes.link_latency)

    def exchanged(self, size: int) -> int:
        """Bytes that all links carry for it."""
        return 2 * (self.share - 1) * size if self.share > 1 else 0

    def piece(self, shape: Shape) -> Load:
        """A piece on one device, with the sum over its group."""
        load, exchange = self.device.piece(shape, self.share), self.exchange(shape.reduced)
        return Load(load.compute, load.memory, exchange, load.alone + exchange)


def is_system(arch: Arch) -> bool:
    """Whether a machine is a system of like devices."""
    return isinstance(arch.root.attributes, Devices)


def system_of(arch: Arch) -> System:
    """The system that a machine describes.

    Raises:
        InputError: its devices are no NPUs with channels nor GPUs, or its groups do not divide them.
    """
    from hwsim.engines.gpu.processor import runs_kernels
    from hwsim.simulation.serving.graphics import GraphicsDevice
    from hwsim.simulation.serving.neural import NeuralDevice

    attributes, memory = arch.root.attributes, arch.root.children[0] if arch.root.children else None
    assert isinstance(attributes, Devices)
    if memory is None or len(arch.root.children) > 1:
        raise InputError(f"{arch.root.name!r} needs one kind of device, beginning with its memory")
    if memory.fanout % attributes.pipeline_parallel:
        where = arch.root.position_of("pipeline_parallel")
        raise InputError(
            f"{attributes.pipeline_parallel} groups do not divide {memory.fanout} devices",
            where,
            f"--set {memory.name}.fanout=N changes the devices",
        )
    share = memory.fanout // attributes.pipeline_parallel
    device: Device
    if runs_kernels(arch):
        device = GraphicsDevice(arch)
    elif isinstance(memory.attributes, ChannelMemory):
        device = NeuralDevice.of(arch, memory, memory.fanout)
    else:
        raise InputError(
            f"{memory.name!r} is a {memory.class_name}: the devices of a system are GPUs or NPUs with a "
            "channel_memory",
            memory.position_of("class"),
        )
    return System(arch, arch.root, attributes, memory, device, share, attributes.pipeline_parallel)
