"""What an iteration does, counted: commands of the memory, multiply-accumulates, functions, link bytes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from hwsim.arch.machine import memory_of
from hwsim.arch.memory import Sram
from hwsim.engines.dram.standard import Does
from hwsim.mapping.vector import touched_bytes
from hwsim.simulation.bounds import Traffic, compulsory_traffic
from hwsim.simulation.execution import ActionCount
from hwsim.simulation.serving.iteration import Iteration
from hwsim.simulation.serving.neural import NeuralDevice
from hwsim.simulation.serving.pieces import Attention, Piece, pieces_of
from hwsim.simulation.serving.stages import WHOLE
from hwsim.simulation.serving.system import System
from hwsim.workload.operator import Operator
from hwsim.workload.workload import Workload

STATE = "state"


@dataclass(frozen=True)
class Accountant:
    """Counts for one iteration of ``workload``; ``banks``: attention runs in the memory."""

    system: System
    workload: Workload
    iteration: Iteration
    banks: bool

    @cached_property
    def weights_read(self) -> int:
        """How often an iteration reads the weights: once for each sub-batch and group's microbatch."""
        halves = 1 if all(stage.part == WHOLE for stage in self.iteration.stages) else 2
        return halves * self.system.groups

    @cached_property
    def _compulsory(self) -> dict[str, Traffic]:
        return compulsory_traffic(self.workload)

    def in_memory(self, op: Operator) -> bool:
        """Whether an operator runs in the banks."""
        return self.banks and op.name in self._attended

    def least_bytes(self, op: Operator) -> int:
        """Bytes that must cross the boundary of the memory for an operator; results and queries stay on the
        chip, and caches in the memory where it attends to them.
        """
        return 0 if self.in_memory(op) else self._compulsory[op.name].bytes

    def cached_bytes(self) -> int:
        """Bytes of keys and values that the banks read."""
        attended = (op for op in self.workload.operators if self.in_memory(op))
        return sum(self._compulsory[op.name].bytes for op in attended)

    def moved(self, op: Operator) -> Traffic:
        """Bytes over the boundary of all memories together."""
        reads = writes = 0
        for part in op.inputs:
            tensor = self.workload.tensors[part.tensor]
            if tensor.kind == "activation" or (self.in_memory(op) and tensor.kind == STATE):
                continue
            size = touched_bytes(op, part, self.workload.tensors)
            reads += size * self.weights_read if tensor.kind == "weight" else size
        for part in op.outputs:
            if self.workload.tensors[part.tensor].kind != "activation":
                writes += touched_bytes(op, part, self.workload.tensors)
        return Traffic(reads, writes)

    def of_piece(self, piece: Piece) -> tuple[ActionCount, ...]:
        """The actions of one operator outside the banks."""
        found = [*self._memory(piece.operator), *self._work(piece.operator)]
        carried = self.system.exchanged(piece.shape.reduced)
        if carried:
            found.append(ActionCount(self.system.root.name, "byte", "sum", carried))
        return tuple(found)

    def of_attention(self, attention: Attention) -> tuple[tuple[ActionCount, ...], ...]:
        """The actions of the operators of an attention layer: in the banks the first has all commands."""
        if not self.banks:
            return tuple((*self._memory(op), *self._work(op)) for op in attention.operators)
        others = tuple(tuple(self._work(op)) if not op.is_contraction else () for op in attention.operators)
        return (tuple(self._commands(attention)), *others[1:])

    def _commands(self, attention: Attention) -> Iterator[ActionCount]:
        """PIM commands of all channels of all devices: those of one request, as often as there are."""
        device, shape = self.system.device, attention.shape
        assert isinstance(device, NeuralDevice)
        layout = device.layout(shape, self.system.share)
        for name, number in device.channel.commands(layout, shape.keys):
            many = number * shape.sequences * self.system.share
            yield ActionCount(self.system.memory.name, name, "cache", many)

    def _memory(self, op: Operator) -> Iterator[ActionCount]:
        traffic, memory = self.moved(op), self.system.memory
        device = self.system.device
        if not isinstance(device, NeuralDevice):
            width = memory_of(memory).width
            for action, size in (("read", traffic.reads), ("write", traffic.writes)):
                if size:
                    yield ActionCount(memory.name, action, "data", -(-size // width))
            return
        dram = device.channel.device
        unit, columns = dram.organization.request_bytes, 0
        kinds: tuple[tuple[Does, int], ...] = (("read", traffic.reads), ("write", traffic.writes))
        for does, size in kinds:
            if size:
                columns += -(-size // unit)
                yield ActionCount(memory.name, str(dram.standard.doing(does)), "data", -(-size // unit))
        if columns:
            rows = -(-columns // dram.organization.bursts_per_row)
            yield ActionCount(memory.name, str(dram.standard.doing("open")), "data", rows)
        yield from self._scratchpad(op)

    def _scratchpad(self, op: Operator) -> Iterator[ActionCount]:
        """Every operand once in and once out of the memory beside the arrays."""
        place = next((part for part in self.system.arch.walk() if isinstance(part.attributes, Sram)), None)
        if place is None:
            return
        width = memory_of(place).width
        for action, parts in (("read", op.inputs), ("write", op.outputs)):
            size = sum(touched_bytes(op, part, self.workload.tensors) for part in parts)
            if size:
                yield ActionCount(place.name, action, "data", -(-size // width))

    def _work(self, op: Operator) -> Iterator[ActionCount]:
        device = self.system.device
        if isinstance(device, NeuralDevice):
            if op.macs:
                yield ActionCount(device.npu.array, "mac", "compute", op.macs)
            for function, number in op.functions:
                yield ActionCount(device.npu.vector, function, "compute", number)
            return
        macs, scalars = op.macs, sum(number for _, number in op.functions)
        for action, number in ((f"mac_{device.datatype}", macs), ("scalar", scalars)):
            if number:
                yield ActionCount(device.engine, action, "compute", number)

    @cached_property
    def _attended(self) -> frozenset[str]:
        return frozenset(op.name for each in pieces_of(self.workload).attentions for op in each.operators)
