"""A device of systolic arrays, vector units and channels of DRAM that run command by command."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hwsim.arch.component import Component
from hwsim.arch.machine import Arch
from hwsim.engines.pim.layout import Heads, Layout, geometry_of
from hwsim.engines.pim.memory import ChannelMemory
from hwsim.simulation.serving.channel import Channel, channel_of
from hwsim.simulation.serving.npu import Npu, npu_of
from hwsim.simulation.serving.pieces import AttentionShape, Shape
from hwsim.simulation.serving.stack import stack_channel_of
from hwsim.simulation.serving.system import Load


@dataclass(frozen=True, eq=False)
class NeuralDevice:
    """One NPU and its memory."""

    npu: Npu
    memory: ChannelMemory
    channel: Channel

    @staticmethod
    def of(arch: Arch, memory: Component, devices: int) -> NeuralDevice:
        """One of ``devices`` of a machine.

        Raises:
            InputError: a part is missing, or the DRAM device is at fault.
        """
        attributes = memory.attributes
        assert isinstance(attributes, ChannelMemory)
        device, unit = attributes.load(), attributes.stack_unit
        channel = (
            stack_channel_of(device, unit, attributes.channels)
            if unit
            else channel_of(device, attributes.row_buffers)
        )
        return NeuralDevice(npu_of(arch, devices), attributes, channel)

    @property
    def capacity(self) -> int:
        """Bytes of all channels."""
        return self.memory.channels * self.channel.device.capacity

    @property
    def datatype(self) -> str:
        """The datatype of the arrays."""
        return self.npu.datatype

    @property
    def engine(self) -> str:
        """The arrays."""
        return self.npu.array

    @property
    def peak_macs(self) -> float:
        """Multiply-accumulates a second of all arrays."""
        return self.npu.arrays * self.npu.rows * self.npu.columns * self.npu.clock

    @property
    def peak_bandwidth(self) -> float:
        """Bytes a second of all channels."""
        return self.memory.channels * self.channel.device.peak_bandwidth

    @property
    def inner_bandwidth(self) -> float:
        """Bytes a second that all units in the memory read at most."""
        return self.memory.channels * self.channel.inner_bytes_per_cycle / self.channel.clock_period

    @property
    def places(self) -> int:
        """Where requests can be: the channels, or one where each is spread over all of them."""
        return 1 if self.memory.stack_unit else self.memory.channels

    def piece(self, shape: Shape, share: int) -> Load:
        """Arithmetic and transfer overlap within a piece, tile by tile."""
        compute = self.npu.cycles(shape, share) / self.npu.clock
        memory = self.seconds_of(-(-shape.moved // share))
        return Load(compute, memory, 0.0, max(compute, memory))

    def attention(self, shape: AttentionShape, lengths: tuple[int, ...], share: int) -> Load:
        """All keys and values come to the arrays."""
        heads, rows = -(-shape.kv_heads // share), shape.group * shape.tokens
        widths = (shape.width, shape.values)
        tiles = sum(self.npu.tiles(length, width) for length in lengths for width in widths)
        cycles = self.npu.tiles_cycles(heads * tiles, rows)
        cycles += self.softmax_cycles(shape, lengths, share)
        size = sum(lengths) * heads * sum(widths) * shape.element_bytes
        compute, memory = cycles / self.npu.clock, self.seconds_of(size)
        return Load(compute, memory, 0.0, max(compute, memory))

    def softmax_cycles(self, shape: AttentionShape, lengths: Iterable[int], share: int) -> int:
        """Cycles of all softmax of requests, on all vector units."""
        fibers = -(-shape.kv_heads // share) * shape.group * shape.tokens
        cycles = sum(self.npu.fiber_cycles(length, "softmax") for length in lengths)
        return -(-fibers * cycles // self.npu.units)

    def seconds_of(self, size: int) -> float:
        """Seconds of so many bytes over all channels, in order."""
        return self.reads_of(size) * self.channel.cycles_per_read * self.channel.clock_period

    def reads_of(self, size: int) -> int:
        """Column commands of each channel for so many bytes."""
        each = self.memory.channels * self.channel.device.organization.request_bytes
        return -(-size // each)

    def layout(self, shape: AttentionShape, share: int) -> Layout:
        """Where a device keeps its share of the heads, and how many these are.

        Raises:
            InputError: a head is wider than a row.
        """
        heads = Heads(-(-shape.kv_heads // share), shape.group, shape.width, shape.values)
        return Layout(geometry_of(self.channel.device, shape.element_bytes), heads)
