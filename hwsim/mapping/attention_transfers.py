"""What moves for a fused attention: over the outermost boundary, and between the buffer and the arrays."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from hwsim.arch.memory import Role
from hwsim.mapping.fused.groups import AttentionGroup
from hwsim.mapping.fused.variants import BIAS, BIASED, MASKED, SCORES
from hwsim.mapping.fused.work import AttentionWork
from hwsim.mapping.fused_group import FusedGroup, operator_of
from hwsim.mapping.plan import Transfer
from hwsim.mapping.protocol import MatrixEngine, VectorEngine
from hwsim.workload.operator import Operator
from hwsim.workload.tensor import Tensor


def fused_transfers(
    fused: FusedGroup, tensors: Mapping[str, Tensor], resident: frozenset[str]
) -> tuple[Transfer, ...]:
    """Everything that moves: over the outermost boundary, then between the buffer and the arrays."""
    moves = (*_outside(fused, tensors, resident), *_handed(fused), *_inside(fused))
    total: dict[tuple[str, str, str, str, str], float] = {}
    for move in moves:
        key = (move.operator, move.tensor, move.role, move.source, move.destination)
        total[key] = total.get(key, 0) + move.bytes
    return tuple(Transfer(*key, math.ceil(size)) for key, size in total.items() if size)


@dataclass(frozen=True, slots=True)
class _Move:
    """A transfer of so many bytes, not yet whole."""

    operator: str
    tensor: str
    role: str
    source: str
    destination: str
    bytes: float


def _outside(fused: FusedGroup, tensors: Mapping[str, Tensor], resident: frozenset[str]) -> Iterator[_Move]:
    """What crosses the boundary of the outermost memory; residents do not, results that stay do not."""
    group, root = fused.group, fused.site.machine.dram
    for name, size in fused.work.read.items():
        tensor, role = _tensor(group, fused.work, name), _role(name)
        if not _at_home(fused, tensor, role, resident):
            moved = _bias_bytes(fused, tensors[tensor], size) if name.startswith(BIAS) else size
            first = _entrance(fused, role, on_grid=_taken_by_grid(fused, name))
            yield _Move(_owner(group, fused.work, name).name, tensor, role, root, first, moved)
    for name, size in fused.work.written.items():
        tensor = _tensor(group, fused.work, name)
        op = _owner(group, fused.work, name).name
        last = _exit(fused, name)
        if tensor not in resident:
            yield _Move(op, tensor, "output", last, root, size)
        elif tensor == group.result and tensors[tensor].kind != "activation":
            yield _Move(op, tensor, "output", last, root, tensors[tensor].bytes)


def _handed(fused: FusedGroup) -> Iterator[_Move]:
    """What the arrays hand to each other by way of the outermost memory."""
    group, work, root = fused.group, fused.work, fused.site.machine.dram
    for on_grid, read in ((False, work.handed.to_lanes), (True, work.handed.to_grid)):
        for name, size in read.items():
            op = operator_of(group, work, name).name
            first = _entrance(fused, "input", on_grid)
            yield _Move(op, _tensor(group, work, name), "input", root, first, size)
    for name, size in work.handed.written.items():
        op = operator_of(group, work, name).name
        yield _Move(op, _tensor(group, work, name), "output", _exit(fused, name), root, size)


def _inside(fused: FusedGroup) -> Iterator[_Move]:
    """What passes between the buffer and the arrays, over every memory on the way."""
    group, work, site = fused.group, fused.work, fused.site
    word = site.machine.word_bytes * work.instances
    for each in work.actions:
        on_grid = each.component == site.grid.component.name
        engine: MatrixEngine | VectorEngine = site.grid if on_grid else site.lanes
        op = operator_of(group, work, each.name).name
        for name, words in each.read.items():
            own: Role = "output" if name == each.name else _role(name)
            role: Role = own if on_grid else "input"
            way = [*(part.name for part in site.sites.path(engine, role)[1:]), each.component]
            for source, destination in pairwise(way):
                yield _Move(op, _tensor(group, work, name), role, source, destination, words * word)
        way = [*(part.name for part in site.sites.path(engine, "output")[1:]), each.component]
        for destination, source in reversed(list(pairwise(way))):
            tensor = _tensor(group, work, each.name)
            yield _Move(op, tensor, "output", source, destination, each.written * word)


def _at_home(fused: FusedGroup, tensor: str, role: Role, resident: frozenset[str]) -> bool:
    return tensor in resident and fused.site.sites.meets(fused.site.grid, role)


def _entrance(fused: FusedGroup, role: Role, on_grid: bool) -> str:
    """The first place on the chip for what comes from the outermost memory to an array."""
    engine: MatrixEngine | VectorEngine = fused.site.grid if on_grid else fused.site.lanes
    return _outermost(fused, engine, role if on_grid else "input")


def _exit(fused: FusedGroup, name: str) -> str:
    """The last place on the chip for what goes to the outermost memory."""
    engine = fused.site.grid if name in fused.work.configuration.grid else fused.site.lanes
    return _outermost(fused, engine, "output")


def _outermost(fused: FusedGroup, engine: MatrixEngine | VectorEngine, role: Role) -> str:
    """The memory next to the outermost one on a way; the array itself where there is none."""
    on_chip = fused.site.sites.path(engine, role)[1:]
    return on_chip[0].name if on_chip else engine.component.name


def _taken_by_grid(fused: FusedGroup, name: str) -> bool:
    """Whether the grid takes a tensor from outside; where both arrays meet, the lanes find it there, too."""
    grid = fused.work.configuration.grid
    return fused.site.machine.meets or any(
        name in each.read for each in fused.work.actions if each.name in grid
    )


def _bias_bytes(fused: FusedGroup, bias: Tensor, whole: float) -> float:
    """A bias that serves many scores comes once a band of every attention, if that is less."""
    bands = math.ceil(fused.group.shape.queries / fused.choice.rows)
    return min(whole, float(bias.bytes * fused.work.instances * bands))


def _role(name: str) -> Role:
    return "weight" if name in ("K", "BK", "V", "BV") else "input"


def _owner(group: AttentionGroup, work: AttentionWork, name: str) -> Operator:
    """The operator for which a tensor of the cascade crosses the outermost boundary."""
    if name in ("Q", "K", "BK"):
        return group.scores
    if name in ("V", "BV", "AV"):
        return group.values
    return group.softmax if name.startswith(BIAS) else operator_of(group, work, name)


def _tensor(group: AttentionGroup, work: AttentionWork, name: str) -> str:
    """The tensor of the workload that a tensor of the cascade is, or is a part of the making of."""
    outside = {"Q": group.query, "K": group.key, "BK": group.key, "V": group.value, "BV": group.value}
    if name in outside:
        return outside[name]
    if name.startswith(BIAS):
        return group.biases[int(name.removeprefix(BIAS)) - 1]
    if name in SCORES or name == MASKED or name.startswith(BIASED):
        return group.scores.outputs[0].tensor
    return group.result if "F" in work.cascade.tensor_ranks[name] else group.softmax.outputs[0].tensor
