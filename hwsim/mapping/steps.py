"""Planning one step: a contraction with its riders, or one operator of vector work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal

from hwsim.arch.component import Component
from hwsim.arch.machine import memory_of
from hwsim.arch.memory import ROLES, Dram, Role
from hwsim.mapping.fusion import Group
from hwsim.mapping.matrix import (
    Depth,
    Movement,
    Need,
    buffers,
    lacking,
    levels_of,
    movements,
    needs,
    plan_depths,
)
from hwsim.mapping.nest import Level
from hwsim.mapping.plan import Step, Task, Transfer, Workspace
from hwsim.mapping.products import product_of
from hwsim.mapping.protocol import MatrixEngine
from hwsim.mapping.request import MatrixRequest
from hwsim.mapping.search_memory import SearchMemory
from hwsim.mapping.sites import Sites, matrix_engine, vector_engine
from hwsim.mapping.situation import Situation
from hwsim.mapping.vector import VectorPlanner, distinct, operand, read_transfers, write_transfers
from hwsim.workload.operator import Operator
from hwsim.workload.tensor import Tensor


@dataclass(frozen=True, slots=True)
class _Nest:
    """A contraction planned: what does not depend on the names of its tensors."""

    levels: tuple[Level, ...]
    moved: tuple[Movement, ...]
    needs: tuple[Need, ...]
    buffers: Literal[1, 2]


Searched = dict[tuple[object, ...], _Nest | None]
"""The best nest of each contraction in each situation met so far on one machine."""


@lru_cache(maxsize=8)
def searched_on(content_hash: str) -> Searched:
    """What was searched on the machine of this content before: layers and workloads share it in a process."""
    del content_hash
    return {}


@dataclass(frozen=True, slots=True)
class StepPlanner:
    """Plans steps on one machine; equal contractions in equal situations are searched once."""

    sites: Sites
    tensors: Mapping[str, Tensor]
    stream_chunks: int
    capacities: Mapping[str, int]
    searched: Searched
    memory: SearchMemory = field(default_factory=SearchMemory)

    def plan(self, group: Group, situation: Situation) -> Step | None:
        """The step for ``group``; None if its tiles do not fit beside the residents."""
        if not group[0].is_contraction:
            return self._vector.plan(group[0], situation)
        request = self.request(group, situation)
        nest = self._nest(request)
        return None if nest is None else self._matrix_step(group, situation, request, nest)

    def chosen(self, group: Group, situation: Situation) -> tuple[tuple[Depth, ...], Literal[1, 2]] | None:
        """The loop nest that is chosen for a contraction, and how many tiles its memories hold; None: none
        fits.
        """
        request = self.request(group, situation)
        depths = plan_depths(request, self.memory)
        if depths is None or not _fits(needs(request, depths), request.free):
            return None
        return depths, buffers(request, depths[0])

    def step_of(self, group: Group, situation: Situation, depths: tuple[Depth, ...]) -> Step:
        """The step for a contraction and its riders with a loop nest chosen elsewhere."""
        request = self.request(group, situation)
        return self._matrix_step(group, situation, request, _nest_of(request, depths))

    def lacking(self, group: Group, situation: Situation) -> tuple[Need, ...]:
        """The memories that are too small for the smallest tile of ``group``."""
        if group[0].is_contraction:
            return lacking(self.request(group, situation))
        return self._vector.lacking(group[0], situation)

    @property
    def _vector(self) -> VectorPlanner:
        return VectorPlanner(self.sites, self.tensors, self.stream_chunks)

    def _matrix_step(self, group: Group, situation: Situation, request: MatrixRequest, nest: _Nest) -> Step:
        anchor, result = group[0], group[-1].outputs[0].tensor
        transfers = [each for movement in nest.moved for each in _transfers(anchor, result, movement)]
        transfers += self._bias_transfers(anchor, request.engine, situation)
        for position, op in enumerate(group[1:]):
            transfers += self._rider_transfers(op, group[position].outputs[0].tensor, situation)
        transfers += self._saving_transfers(group[-1], situation)
        anchored = Task(
            anchor.name,
            request.engine.component.name,
            request.problem,
            nest.levels,
            streamed=tuple(request.streaming(1)),
            buffers=nest.buffers,
        )
        riders = (Task(op.name, vector_engine(self.sites, op).component.name) for op in group[1:])
        return Step((anchored, *riders), tuple(transfers), _workspaces(nest.needs, situation))

    def _nest(self, request: MatrixRequest) -> _Nest | None:
        """The best nest for the room there is: the one for empty memories if it fits, else another."""
        empty = self._searched(replace(request, free=self.capacities))
        if empty is None or _fits(empty.needs, request.free):
            return empty
        return self._searched(request)

    def _searched(self, request: MatrixRequest) -> _Nest | None:
        key = (request.problem, *request.setting)
        if key not in self.searched:
            self.searched[key] = _nest(request, self.memory)
        return self.searched[key]

    def request(self, group: Group, situation: Situation) -> MatrixRequest:
        """What planning the contraction of ``group`` starts from."""
        anchor = group[0]
        engine = matrix_engine(self.sites, anchor)
        names = {role: tensor_of(anchor, role, group[-1].outputs[0].tensor) for role in ROLES}
        return MatrixRequest(
            problem=product_of(anchor, self.tensors),
            engine=engine,
            paths={role: self.sites.path(engine, role) for role in ROLES},
            bits={role: self.tensors[name].bits for role, name in names.items()},
            resident=frozenset(
                role
                for role, name in names.items()
                if name in situation.resident and self.sites.meets(engine, role)
            ),
            free={name: size for name, (_, size) in situation.free.items()},
            rider_bits=self._rider_bits(group, situation),
            root_rate=root_rate(self.sites.arch.root, engine.component.clock),
        )

    def _rider_bits(self, group: Group, situation: Situation) -> int:
        """Bits that stream in beside each element of the result, for the riders' other operands."""
        inside = {out.tensor for op in group for out in op.outputs}
        others = {part.tensor for op in group[1:] for part in op.inputs} - inside - situation.resident
        elements = self.tensors[group[-1].outputs[0].tensor].elements
        return sum(-(-8 * self.tensors[name].bytes // elements) for name in others)

    def _bias_transfers(self, anchor: Operator, engine: MatrixEngine, situation: Situation) -> list[Transfer]:
        """A third operand of the contraction comes once, the way weights come."""
        found: list[Transfer] = []
        for part in anchor.inputs[2:]:
            bias = operand(self.sites, self.tensors, anchor, part, "weight", engine, situation)
            found += read_transfers(anchor, bias, "bias", engine.component.name, 1)
        return found

    def _rider_transfers(self, op: Operator, carried: str, situation: Situation) -> list[Transfer]:
        """The carried tile is read and written at home, where the contraction left it; the rest comes from
        outside.
        """
        engine = vector_engine(self.sites, op)
        at_home = Situation(
            situation.resident | {carried, op.outputs[0].tensor}, situation.free, situation.top
        )
        found: list[Transfer] = []
        for part in distinct(op.inputs):
            read = operand(self.sites, self.tensors, op, part, "input", engine, at_home)
            found += read_transfers(op, read, "input", engine.component.name, 1)
        written = operand(self.sites, self.tensors, op, op.outputs[0], "output", engine, at_home)
        return found + write_transfers(op, written, engine.component.name, saved=False)

    def _saving_transfers(self, op: Operator, situation: Situation) -> list[Transfer]:
        """A result that stays at home and must be saved all the same leaves once, whole."""
        tensor = self.tensors[op.outputs[0].tensor]
        if tensor.name not in situation.resident or tensor.kind == "activation" or self.sites.home is None:
            return []
        home, root = self.sites.home.name, self.sites.arch.root.name
        return [Transfer(op.name, tensor.name, "output", home, root, tensor.bytes)]


def _nest(request: MatrixRequest, memory: SearchMemory) -> _Nest | None:
    depths = plan_depths(request, memory)
    return None if depths is None else _nest_of(request, depths)


def _nest_of(request: MatrixRequest, depths: tuple[Depth, ...]) -> _Nest:
    levels = levels_of(depths)
    return _Nest(levels, movements(request, levels), needs(request, depths), buffers(request, depths[0]))


def tensor_of(anchor: Operator, role: Role, result: str) -> str:
    """The tensor of ``role`` of a contraction whose step makes ``result``."""
    return {"input": anchor.inputs[0].tensor, "weight": anchor.inputs[1].tensor, "output": result}[role]


def root_rate(root: Component, clock: float) -> float | None:
    """Bits the root memory delivers a cycle of ``clock`` hertz, its efficiency included; None without a
    limit.
    """
    memory = memory_of(root)
    if memory.bandwidth is None:
        return None
    efficiency = memory.efficiency if isinstance(memory, Dram) else 1.0
    return 8 * memory.bandwidth.per_second(root.clock) * efficiency / clock


def _transfers(anchor: Operator, result: str, moved: Movement) -> list[Transfer]:
    tensor = tensor_of(anchor, moved.role, result)
    found = []
    if moved.down:
        found.append(Transfer(anchor.name, tensor, moved.role, moved.outer, moved.inner, moved.down))
    if moved.up:
        found.append(Transfer(anchor.name, tensor, moved.role, moved.inner, moved.outer, moved.up))
    return found


def _sizes(needed: tuple[Need, ...]) -> dict[str, int]:
    """The bytes of all depths, by memory."""
    sizes: dict[str, int] = {}
    for need in needed:
        sizes[need.memory] = sizes.get(need.memory, 0) + need.bytes
    return sizes


def _fits(needed: tuple[Need, ...], free: Mapping[str, int]) -> bool:
    return all(size <= free[memory] for memory, size in _sizes(needed).items())


def _workspaces(needed: tuple[Need, ...], situation: Situation) -> tuple[Workspace, ...]:
    """The room of all depths, one range a memory."""
    return tuple(situation.workspace(memory, size) for memory, size in _sizes(needed).items() if size)
