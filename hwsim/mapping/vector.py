"""Planning what is not a contraction: the tensors stream past the vector unit in chunks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from hwsim.arch.component import Component
from hwsim.arch.machine import memory_of
from hwsim.arch.memory import Role
from hwsim.mapping.matrix import Need
from hwsim.mapping.plan import Step, Task, Transfer
from hwsim.mapping.sites import Engine, Sites, vector_engine
from hwsim.mapping.situation import UNLIMITED, Situation
from hwsim.workload.operator import Access, Operator
from hwsim.workload.tensor import Tensor


@dataclass(frozen=True, slots=True)
class Operand:
    """One tensor of an operator: how many of its bytes are touched, along which memories, and whether it lies
    whole in the first on-chip one.
    """

    tensor: str
    bytes: int
    path: tuple[Component, ...]
    resident: bool


@dataclass(frozen=True, slots=True)
class _Streams:
    """What streams past the unit: bytes in all, buffers for each piece, and the number of pieces at most."""

    bytes: int
    buffers: Literal[1, 2]
    most: int

    @property
    def least_room(self) -> int:
        """Bytes for the smallest pieces."""
        return self.room(self.most)

    def room(self, chunks: int) -> int:
        """Bytes for one of ``chunks`` pieces."""
        return self.buffers * -(-self.bytes // chunks)

    def chunks(self, wanted: int, free: int) -> int:
        """``wanted`` pieces, or as many more as ``free`` bytes ask for."""
        return min(self.most, max(wanted, -(-self.bytes // (free // self.buffers)))) if self.bytes else 1


@dataclass(frozen=True, slots=True)
class VectorPlanner:
    """Plans vector work on one machine, in ``stream_chunks`` pieces or more."""

    sites: Sites
    tensors: Mapping[str, Tensor]
    stream_chunks: int

    def plan(self, op: Operator, situation: Situation) -> Step | None:
        """The step for ``op``; None if not even single elements fit beside the residents."""
        name, place = vector_engine(self.sites, op).component.name, self._place(op)
        reads, writes = self._operands(op, situation)
        streams = self._streams(op, situation)
        free = UNLIMITED if place is None else situation.room(place.name)
        if streams.least_room > free:
            return None
        chunks = streams.chunks(self.stream_chunks, free)
        passes = 1 if streams.buffers * self._fiber_bytes(op, streams.bytes) <= free else op.passes
        moves = [move for each in reads for move in read_transfers(op, each, "input", name, passes)]
        for part, each in zip(op.outputs, writes, strict=True):
            saved = not each.resident or self.tensors[part.tensor].kind != "activation"
            moves += write_transfers(op, each, name, saved=saved)
        size = streams.room(chunks)
        spaces = () if place is None or not size else (situation.workspace(place.name, size),)
        return Step((Task(op.name, name, chunks=chunks, buffers=streams.buffers),), tuple(moves), spaces)

    def lacking(self, op: Operator, situation: Situation) -> tuple[Need, ...]:
        """The memory beside the unit, if single elements do not fit."""
        place = self._place(op)
        if place is None:
            return ()
        streams = self._streams(op, situation)
        need = Need(place.name, streams.least_room, situation.room(place.name))
        return (need,) if need.bytes > need.free else ()

    def _operands(self, op: Operator, situation: Situation) -> tuple[list[Operand], list[Operand]]:
        engine = vector_engine(self.sites, op)
        reads = [
            operand(self.sites, self.tensors, op, part, "input", engine, situation)
            for part in distinct(op.inputs)
        ]
        writes = [
            operand(self.sites, self.tensors, op, part, "output", engine, situation) for part in op.outputs
        ]
        return reads, writes

    def _streams(self, op: Operator, situation: Situation) -> _Streams:
        reads, writes = self._operands(op, situation)
        streamed = sum(each.bytes for each in (*reads, *writes) if not each.resident)
        place = self._place(op)
        twice = place is None or memory_of(place).double_buffered
        return _Streams(streamed, 2 if twice else 1, self._elements(op))

    def _elements(self, op: Operator) -> int:
        return max((self.tensors[part.tensor].elements for part in (*op.inputs, *op.outputs)), default=1) or 1

    def _fiber_bytes(self, op: Operator, streamed: int) -> int:
        """Bytes of one reduced fiber over the streamed operands; what must fit for one pass over the root
        memory.
        """
        return -(-streamed * op.fiber // max(self._elements(op), op.fiber))

    def _place(self, op: Operator) -> Component | None:
        """The memory in which chunks come and go; None where the unit works on the root memory."""
        path = self.sites.path(vector_engine(self.sites, op), "input")
        return path[1] if len(path) > 1 else None


def operand(
    sites: Sites,
    tensors: Mapping[str, Tensor],
    op: Operator,
    part: Access,
    role: Role,
    engine: Engine,
    situation: Situation,
) -> Operand:
    """The tensor of ``part`` as ``op`` meets it on ``engine``."""
    resident = part.tensor in situation.resident and sites.meets(engine, role)
    return Operand(part.tensor, touched_bytes(op, part, tensors), sites.path(engine, role), resident)


def touched_bytes(operator: Operator, part: Access, tensors: Mapping[str, Tensor]) -> int:
    """Bytes of ``part`` the operator reads: all of them, or what a gather touches."""
    whole = tensors[part.tensor].bytes
    if not operator.touched:
        return whole
    fraction = dict(operator.touched).get(part.tensor, 1.0)
    return min(whole, -int(-(whole * fraction) // 1))


def read_transfers(op: Operator, read: Operand, role: str, engine: str, outer_passes: int) -> list[Transfer]:
    """A read operand on its way in: once over each memory boundary, every pass over the engine's edge."""
    names = [memory.name for memory in read.path]
    first = 1 if read.resident else 0
    found = []
    for source, destination in zip(names[first:], names[first + 1 :], strict=False):
        times = outer_passes if source == names[0] else 1
        found.append(Transfer(op.name, read.tensor, role, source, destination, times * read.bytes))
    passes = op.passes if len(names) > 1 else max(op.passes, outer_passes)
    found.append(Transfer(op.name, read.tensor, role, names[-1], engine, passes * read.bytes))
    return found


def write_transfers(op: Operator, written: Operand, engine: str, saved: bool) -> list[Transfer]:
    """A result on its way out, to its resting place: home, the root memory (``saved``), or both."""
    chain = [engine, *(memory.name for memory in reversed(written.path[0 if saved else 1 :]))]
    return [
        Transfer(op.name, written.tensor, "output", source, destination, written.bytes)
        for source, destination in pairwise(chain)
    ]


def distinct(parts: Iterable[Access]) -> tuple[Access, ...]:
    """One of the accesses to each tensor."""
    return tuple({part.tensor: part for part in parts}.values())
