"""The time of one iteration of a batch on a system, stage by stage; like stages are timed once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from hwsim.simulation.serving.assignment import (
    Channels,
    count,
    grouped,
    halves,
    least_load,
    round_robin,
)
from hwsim.simulation.serving.neural import NeuralDevice
from hwsim.simulation.serving.pieces import AttentionShape
from hwsim.simulation.serving.stages import (
    Model,
    Shapes,
    Stage,
    StageTime,
    both,
    interleaved,
    one_after_another,
    parts_of,
)
from hwsim.simulation.serving.system import Load, System

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Iteration:
    """The stages of one microbatch on one group of devices, in order, and their times."""

    stages: tuple[Stage, ...]
    times: tuple[StageTime, ...]

    @property
    def seconds(self) -> float:
        """All stages."""
        return sum(each.seconds for each in self.times)

    @property
    def npu(self) -> float:
        """Seconds in which the NPU side has work."""
        return sum(each.npu for each in self.times)

    @property
    def pim(self) -> float:
        """Seconds in which the banks have work."""
        return sum(each.pim for each in self.times)


@dataclass(frozen=True)
class Timer:
    """Times iterations on a system. ``commands``: every stage with attention in the banks runs command by
    command on every channel; else by the steady rates that such runs have. ``remember``: like questions are
    answered from memory, which changes no answer.
    """

    system: System
    commands: bool = False
    remember: bool = True
    _known: dict[object, object] = field(default_factory=dict)

    @property
    def in_banks(self) -> NeuralDevice | None:
        """The device, if its memory does attention."""
        device = self.system.device
        return device if isinstance(device, NeuralDevice) and device.memory.pim else None

    def assigned(self, shape: AttentionShape, lengths: Sequence[int]) -> Channels:
        """The requests of a batch that begins, in their channels."""
        device = self.in_banks
        if device is None:
            return (tuple(lengths),)
        channels = device.places
        loads = [self.load(shape, length) for length in lengths]
        choose = least_load if device.memory.channel_assignment == "least_load" else round_robin
        return grouped(lengths, choose(loads, channels), channels)

    def load(self, shape: AttentionShape, tokens: int) -> float:
        """Cycles of one request's attention in its channel; 0 outside the banks."""
        device = self.in_banks
        if device is None:
            return 0.0

        def cycles() -> float:
            return device.channel.request_cycles(device.layout(shape, self.system.share), tokens)

        return self._once((shape, tokens), cycles)

    def iteration(self, model: Model, channels: Channels) -> Iteration:
        """One iteration of a microbatch whose requests lie in ``channels``."""
        device = self.in_banks
        decodes = all(shape.tokens == 1 for shape in model.attentions)
        if device is None or not model.attentions or not decodes:
            return self._outside(model, channels)
        layers = len(model.attentions)
        halved = count(channels) > 1 and self._halved(model, channels, device.memory.sub_batches)
        stages = interleaved(layers) if halved else one_after_another(layers)
        return self._timed(model, channels, stages, self.commands)

    def _halved(self, model: Model, channels: Channels, wanted: str) -> bool:
        """Whether the batch is cut in two; where that is to be found out, by the rates."""
        if wanted != "auto":
            return wanted == "always"
        layers = len(model.attentions)
        orders = (one_after_another(layers), interleaved(layers))
        whole, two = (self._timed(model, channels, order, False).seconds for order in orders)
        return two < whole

    def parts(self, model: Model, channels: Channels) -> dict[str, tuple[Model, Channels]]:
        """The whole batch and its sub-batches by name."""
        return parts_of(model, channels, halves(channels))

    def segment(self, shapes: Shapes) -> Load:
        """All pieces of a segment, one after another."""

        def timed() -> Load:
            return sum((self.system.piece(shape) for shape in shapes), Load())

        return self._once(("segment", shapes), timed)

    def _outside(self, model: Model, channels: Channels) -> Iteration:
        """Attention on the NPU or GPU itself."""
        lengths = tuple(length for each in channels for length in each)
        stages, times = [], []
        for stage in one_after_another(len(model.attentions)):
            stages.append(stage)
            if stage.segment >= 0:
                load = self.segment(model.segments[stage.segment])
            else:
                load = self._attention(model.attentions[stage.layer], lengths)
            times.append(StageTime(load.alone, load.alone, 0.0))
        return Iteration(tuple(stages), tuple(times))

    def _attention(self, shape: AttentionShape, lengths: tuple[int, ...]) -> Load:
        def timed() -> Load:
            return self.system.device.attention(shape, lengths, self.system.share)

        return self._once(("attention", shape, lengths), timed)

    def _timed(self, model: Model, channels: Channels, stages: Iterable[Stage], commands: bool) -> Iteration:
        """Stages with attention in the banks."""
        parts = self.parts(model, channels)
        order = tuple(stages)
        return Iteration(order, tuple(self._stage(stage, parts, commands) for stage in order))

    def _stage(self, stage: Stage, parts: dict[str, tuple[Model, Channels]], commands: bool) -> StageTime:
        model, _ = parts[stage.part]
        other, channels = parts[stage.other]
        shapes = model.segments[stage.segment] if stage.segment >= 0 else ()
        if stage.layer < 0:
            alone = self.segment(shapes).alone
            return StageTime(alone, alone, 0.0)
        shape = other.attentions[stage.layer]

        def timed() -> StageTime:
            how = self._by_commands if commands else self._by_rates
            return how(self.segment(shapes), shape, channels)

        return self._once(("stage", commands, shapes, shape, channels), timed)

    def _by_rates(self, npu: Load, shape: AttentionShape, channels: Channels) -> StageTime:
        device = self.in_banks
        assert device is not None
        layout = device.layout(shape, self.system.share)
        channel = device.channel
        loads = [sum(self.load(shape, length) for length in each) for each in channels]
        cycles = max(loads)
        busiest = channels[loads.index(cycles)]
        if not busiest:
            return both(npu, 0.0, (1.0, 1.0))
        middle = sorted(busiest)[len(busiest) // 2]
        pim = max(cycles * channel.clock_period, self._softmax(device, shape, channels))
        slowed = channel.slowed(layout, middle) if npu.alone else (1.0, 1.0)
        return both(npu, pim, slowed)

    def _by_commands(self, npu: Load, shape: AttentionShape, channels: Channels) -> StageTime:
        """Every channel with its requests and its share of the reads; the slowest counts."""
        device = self.in_banks
        assert device is not None
        reads, spacing = self.reads(device, npu)
        ends = [self.channel_run(device, shape, each, reads, spacing) for each in dict.fromkeys(channels)]
        pim = max((end[0] for end in ends), default=0) * device.channel.clock_period
        last = max((end[1] for end in ends), default=0) * device.channel.clock_period
        pim = max(pim, self._softmax(device, shape, channels))
        busy = max(npu.alone, last + npu.exchange if reads else 0.0)
        return StageTime(max(busy, pim), busy, pim)

    def reads(self, device: NeuralDevice, npu: Load) -> tuple[int, int]:
        """Column commands of each channel for a segment, and their least distance in 1024ths of a cycle."""
        each = device.channel.cycles_per_read * device.channel.clock_period
        reads = round(npu.memory / each)
        within = npu.alone - npu.exchange
        return reads, int(1024 * within / device.channel.clock_period / reads) if reads else 0

    def channel_run(
        self, device: NeuralDevice, shape: AttentionShape, lengths: tuple[int, ...], reads: int, spacing: int
    ) -> tuple[int, int]:
        """The cycles in which PIM and reads of one channel end."""

        def run() -> tuple[int, int]:
            program = device.channel.program(device.layout(shape, self.system.share), lengths)
            found = device.channel.run(program, reads, spacing)
            return found.pim_last, found.request_last

        return self._once(("channel", shape, lengths, reads, spacing), run)

    def _softmax(self, device: NeuralDevice, shape: AttentionShape, channels: Channels) -> float:
        """Seconds of all softmax on the vector units, beside the banks."""
        lengths = (length for each in channels for length in each)
        return device.softmax_cycles(shape, lengths, self.system.share) / device.npu.clock

    def _once(self, key: object, answer: Callable[[], T]) -> T:
        if not self.remember:
            return answer()
        if key not in self._known:
            self._known[key] = answer()
        found: T = self._known[key]  # type: ignore[assignment]
        return found
