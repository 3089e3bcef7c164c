"""Planning one step: a contraction with its riders, or one operator of vector work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hwsim.arch.component import Component
from hwsim.arch.machine import memory_of
from hwsim.arch.memory import ROLES, Dram, Memory, Role
from hwsim.mapping.fusion import Group
from hwsim.mapping.matrix import (
    Lack,
    MatrixRequest,
    Movement,
    lack_of,
    movements,
    plan_levels,
    workspace_bytes,
)
from hwsim.mapping.nest import Level
from hwsim.mapping.plan import Step, Task, Transfer, Workspace
from hwsim.mapping.protocol import MatrixEngine, VectorEngine
from hwsim.mapping.sites import Sites, matrix_engine, vector_engine
from hwsim.mapping.vector import Operand, fiber_bytes, read_transfers, touched_bytes, write_transfers
from hwsim.workload.contraction import as_matmul
from hwsim.workload.operator import Access, Operator
from hwsim.workload.tensor import Tensor

SearchKey = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Situation:
    """What a step finds at home: the resident tensors and the free range ``[address, address + bytes)`` for
    tiles.

    Steps take turns at the two ends of the range (``top``), so that one may load while the other still
    computes.
    """

    resident: frozenset[str]
    address: int
    bytes: int
    top: bool

    def address_of(self, size: int) -> int:
        """Where ``size`` bytes of tiles go."""
        return self.address + (self.bytes - size if self.top else 0)


@dataclass(frozen=True, slots=True)
class StepPlanner:
    """Plans steps on one machine; equal contractions in equal situations are searched once (``searched``)."""

    sites: Sites
    tensors: Mapping[str, Tensor]
    stream_chunks: int
    searched: dict[SearchKey, tuple[Level, ...] | None]

    def plan(self, group: Group, situation: Situation) -> Step | None:
        """The step for ``group``; None if its tiles do not fit beside the residents."""
        if group[0].is_contraction:
            return self._matrix_step(group, situation)
        return self._vector_step(group[0], situation)

    def lack(self, group: Group, situation: Situation) -> Lack:
        """What is too small for the contraction of ``group``, for which there is no plan."""
        return lack_of(self._request(group, situation))

    def _matrix_step(self, group: Group, situation: Situation) -> Step | None:
        request = self._request(group, situation)
        levels = self._levels(request)
        if levels is None:
            return None
        anchor, result = group[0], group[-1].outputs[0].tensor
        moved = movements(request, levels)
        transfers = [
            transfer
            for movement in moved
            for transfer in _transfers(anchor, _tensor_of(anchor, movement.role, result), movement)
        ]
        transfers += self._result_transfers(group, situation)
        transfers += self._side_transfers(group, situation)
        streamed = tuple(_tensor_of(anchor, role, result) for role in ROLES if role not in request.resident)
        tasks = [Task(anchor.name, request.engine.component.name, request.problem, levels, streamed=streamed)]
        tasks += [Task(op.name, vector_engine(self.sites, op).component.name) for op in group[1:]]
        spaces = tuple(
            Workspace(memory, situation.address_of(size) if self._is_home(memory) else 0, size)
            for memory, size in workspace_bytes(request, levels).items()
        )
        return Step(tuple(tasks), tuple(transfers), spaces)

    def _request(self, group: Group, situation: Situation) -> MatrixRequest:
        anchor = group[0]
        engine = matrix_engine(self.sites, anchor)
        result = group[-1].outputs[0].tensor
        paths: dict[Role, tuple[Component, ...]] = {role: self.sites.path(engine, role) for role in ROLES}
        resident = frozenset(
            role
            for role in ROLES
            if _tensor_of(anchor, role, result) in situation.resident and self.sites.meets(engine, role)
        )
        return MatrixRequest(
            problem=as_matmul(anchor, self.tensors[anchor.inputs[0].tensor].shape),
            engine=engine,
            paths=paths,
            resident=resident,
            free=self._free(situation),
            riders=sum(name not in situation.resident for name in _side_inputs(group)),
            bandwidth=root_bytes_per_cycle(self.sites.arch.root, engine.component.clock),
        )

    def _levels(self, request: MatrixRequest) -> tuple[Level, ...] | None:
        home = self.sites.home.name if self.sites.home else ""
        key = (
            request.problem,
            request.engine.component.name,
            request.resident,
            request.free.get(home),
            request.riders,
        )
        if key not in self.searched:
            self.searched[key] = plan_levels(request)
        return self.searched[key]

    def _free(self, situation: Situation) -> dict[str, int]:
        """Bytes for tiles in every on-chip memory; one without a capacity has no limit worth a number."""
        free = {}
        for part in self.sites.arch.walk():
            if isinstance(part.attributes, Memory) and part is not self.sites.arch.root:
                free[part.name] = part.attributes.capacity if part.attributes.capacity is not None else 2**60
        if self.sites.home is not None:
            free[self.sites.home.name] = situation.bytes
        return free

    def _is_home(self, memory: str) -> bool:
        return self.sites.home is not None and self.sites.home.name == memory

    def _result_transfers(self, group: Group, situation: Situation) -> list[Transfer]:
        """A result that stays at home and must be saved all the same leaves once, whole."""
        tensor = self.tensors[group[-1].outputs[0].tensor]
        if tensor.name not in situation.resident or tensor.kind == "activation" or self.sites.home is None:
            return []
        home, root = self.sites.home.name, self.sites.arch.root.name
        return [Transfer(group[-1].name, tensor.name, "output", home, root, tensor.bytes)]

    def _side_transfers(self, group: Group, situation: Situation) -> list[Transfer]:
        """Biases of the contraction, and everything the riders read and write besides its tiles."""
        found: list[Transfer] = []
        engine = matrix_engine(self.sites, group[0])
        for part in group[0].inputs[2:]:
            operand = self._operand(group[0], part, "weight", engine, situation)
            found += read_transfers(group[0], operand, engine.component.name, 1)
        for position, op in enumerate(group[1:]):
            found += self._rider_transfers(op, group[position].outputs[0].tensor, situation)
        return found

    def _rider_transfers(self, op: Operator, carried: str, situation: Situation) -> list[Transfer]:
        """The carried tile is read and written where the contraction left it; the rest comes from outside."""
        engine = vector_engine(self.sites, op)
        found: list[Transfer] = []
        for part in op.inputs:
            if part.tensor == carried:
                home, size = self.sites.path(engine, "input")[-1].name, self.tensors[carried].bytes
                found.append(Transfer(op.name, carried, "input", home, engine.component.name, size))
            else:
                operand = self._operand(op, part, "input", engine, situation)
                found += read_transfers(op, operand, engine.component.name, 1)
        out = self.tensors[op.outputs[0].tensor]
        home = self.sites.path(engine, "output")[-1].name
        return [*found, Transfer(op.name, out.name, "output", engine.component.name, home, out.bytes)]

    def _operand(
        self,
        op: Operator,
        part: Access,
        role: Role,
        engine: MatrixEngine | VectorEngine,
        situation: Situation,
    ) -> Operand:
        tensor = self.tensors[part.tensor]
        resident = part.tensor in situation.resident and self.sites.meets(engine, role)
        saved = role != "output" or not resident or tensor.kind != "activation"
        size = touched_bytes(op, part, self.tensors)
        return Operand(part.tensor, role, size, self.sites.path(engine, role), resident, saved)

    def _vector_step(self, op: Operator, situation: Situation) -> Step | None:
        engine = vector_engine(self.sites, op)
        reads = tuple(self._operand(op, part, "input", engine, situation) for part in _distinct(op.inputs))
        writes = tuple(self._operand(op, part, "output", engine, situation) for part in op.outputs)
        free = self._vector_room(engine, situation)
        streamed = sum(operand.bytes for operand in (*reads, *writes) if not operand.resident)
        elements = max((self.tensors[part.tensor].elements for part in (*op.inputs, *op.outputs)), default=1)
        fits = 2 * fiber_bytes(op, (*reads, *writes), elements) <= free
        passes = 1 if fits else op.passes
        transfers = [
            t for operand in reads for t in read_transfers(op, operand, engine.component.name, passes)
        ]
        transfers += [t for operand in writes for t in write_transfers(op, operand, engine.component.name)]
        chunks = max(self.stream_chunks, -(-2 * streamed // max(free, 1))) if streamed else 1
        names = tuple(operand.tensor for operand in (*reads, *writes) if not operand.resident)
        task = Task(op.name, engine.component.name, chunks=min(chunks, max(elements, 1)), streamed=names)
        space = self._vector_space(engine, situation, min(free, 2 * -(-streamed // chunks)))
        return Step((task,), tuple(transfers), space)

    def _vector_room(self, engine: VectorEngine, situation: Situation) -> int:
        """Bytes for streamed chunks in the memory beside the unit; the root memory has room for all."""
        path = self.sites.path(engine, "input")
        return self._free(situation)[path[1].name] if len(path) > 1 else 2**60

    def _vector_space(self, engine: VectorEngine, situation: Situation, size: int) -> tuple[Workspace, ...]:
        path = self.sites.path(engine, "input")
        if len(path) == 1 or size == 0:
            return ()
        return (
            Workspace(path[1].name, situation.address_of(size) if self._is_home(path[1].name) else 0, size),
        )


def root_bytes_per_cycle(root: Component, clock: float) -> float | None:
    """What the root memory delivers a cycle of ``clock`` hertz, its efficiency included; None without a
    limit.
    """
    memory = memory_of(root)
    if memory.bandwidth is None:
        return None
    efficiency = memory.efficiency if isinstance(memory, Dram) else 1.0
    return memory.bandwidth.per_second(root.clock) * efficiency / clock


def _transfers(op: Operator, tensor: str, movement: Movement) -> list[Transfer]:
    found = []
    if movement.down:
        found.append(Transfer(op.name, tensor, movement.role, movement.outer, movement.inner, movement.down))
    if movement.up:
        found.append(Transfer(op.name, tensor, movement.role, movement.inner, movement.outer, movement.up))
    return found


def _tensor_of(anchor: Operator, role: Role, result: str) -> str:
    return {"input": anchor.inputs[0].tensor, "weight": anchor.inputs[1].tensor, "output": result}[role]


def _side_inputs(group: Group) -> list[str]:
    inside = {out.tensor for op in group for out in op.outputs}
    return [part.tensor for op in group[1:] for part in op.inputs if part.tensor not in inside]


def _distinct(parts: tuple[Access, ...]) -> tuple[Access, ...]:
    return tuple({part.tensor: part for part in parts}.values())
