"""What serving does, counted by component and action over a whole trace.

Vector work is counted as one addition an element: shapes of pieces do not say more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from hwsim.arch.machine import memory_of
from hwsim.simulation.serving.iteration import Iteration
from hwsim.simulation.serving.neural import NeuralDevice
from hwsim.simulation.serving.source import Source
from hwsim.simulation.serving.stages import WHOLE, Model, Stage
from hwsim.simulation.serving.system import System

Key = tuple[str, str]
"""A component and an action."""


@dataclass
class Counts:
    """Totals so far."""

    totals: Counter[Key] = field(default_factory=Counter)
    _models: dict[int, Mapping[Key, int]] = field(default_factory=dict)

    def add(
        self,
        system: System,
        source: Source,
        model: Model,
        iteration: Iteration,
        lengths: Sequence[int],
        prefill: bool,
    ) -> None:
        """One iteration of ``model`` for requests with ``lengths`` tokens in their caches."""
        split = any(stage.part != WHOLE for stage in iteration.stages)
        known = self._models.get(id(model))
        if known is None:
            known = self._models[id(model)] = dict(_segments(system, source, model))
        for key, number in known.items():
            again = split and key == (system.memory.name, _column(system))
            self.totals[key] += 2 * number if again else number
        for key, number in _attention(system, source, lengths, prefill):
            self.totals[key] += number


def _segments(system: System, source: Source, model: Model) -> Iterator[tuple[Key, int]]:
    moved = macs = elements = carried = 0
    for number, shapes in enumerate(model.segments):
        times = source.times(Stage(number, WHOLE, -1, WHOLE))
        for shape in shapes:
            moved += times * shape.moved
            carried += times * system.exchanged(shape.reduced)
            if shape.kind == "product":
                macs += times * shape.batch * shape.M * shape.N * shape.K
            else:
                elements += times * shape.elements
    yield from _moved(system, moved)
    device = system.device
    if isinstance(device, NeuralDevice):
        yield (device.npu.array, "mac"), macs
        yield (device.npu.vector, "add"), elements
    else:
        yield (device.engine, f"mac_{device.datatype}"), macs
        yield (device.engine, "scalar"), elements
    yield (system.root.name, "byte"), carried


def _attention(
    system: System, source: Source, lengths: Sequence[int], prefill: bool
) -> Iterator[tuple[Key, int]]:
    """All layers' attention: in the banks commands, elsewhere bytes and multiply-accumulates."""
    shape, device = source.attention, system.device
    if isinstance(device, NeuralDevice) and device.memory.pim and not prefill:
        layout = device.layout(shape, system.share)
        for length in lengths:
            for name, number in device.channel.commands(layout, length):
                yield (system.memory.name, name), number * source.layers * system.share
        return
    pairs = sum(length * (length + 1) // 2 if prefill else length for length in lengths)
    work = pairs * shape.kv_heads * shape.group * (shape.width + shape.values) * source.layers
    yield (device.engine, "mac" if isinstance(device, NeuralDevice) else f"mac_{device.datatype}"), work
    size = sum(lengths) * shape.kv_heads * (shape.width + shape.values) * shape.element_bytes
    yield from _moved(system, size * source.layers)


def _moved(system: System, size: int) -> Iterator[tuple[Key, int]]:
    """Bytes as column commands and openings of rows, or as the memory's reads."""
    device, memory = system.device, system.memory.name
    if not isinstance(device, NeuralDevice):
        yield (memory, "read"), -(-size // memory_of(system.memory).width)
        return
    parts = device.channel.device.organization
    columns = -(-size // parts.request_bytes)
    yield (memory, _column(system)), columns
    yield (memory, str(device.channel.device.standard.doing("open"))), -(-columns // parts.bursts_per_row)


def _column(system: System) -> str:
    device = system.device
    return str(device.channel.device.standard.doing("read")) if isinstance(device, NeuralDevice) else "read"
