"""Planning a fused attention: one step of all its operators, with everything that moves for them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from hwsim.arch.component import Component
from hwsim.arch.machine import memory_of
from hwsim.arch.memory import Role
from hwsim.mapping.attention_site import AttentionSite, site_of
from hwsim.mapping.fused.actions import Count, summed
from hwsim.mapping.fused.choice import FusedAttention
from hwsim.mapping.fused.groups import AttentionGroup, NotFused, attention_groups, group_of
from hwsim.mapping.fused.machine import TwoArrayMachine
from hwsim.mapping.fused.search import best_choice, flat_choice, fusemax_choice, lacking
from hwsim.mapping.fused.shape import AttentionShape
from hwsim.mapping.fused.variants import BIAS, BIASED, MASKED, SCORES
from hwsim.mapping.fused.work import AttentionWork, attention_work
from hwsim.mapping.plan import Step, Task, Transfer
from hwsim.mapping.products import product_of
from hwsim.mapping.protocol import MatrixEngine, VectorEngine
from hwsim.mapping.sites import Sites
from hwsim.mapping.situation import Situation
from hwsim.spec.errors import InputError
from hwsim.workload.operator import Operator
from hwsim.workload.tensor import Tensor
from hwsim.workload.workload import Workload

AttentionMapping = Literal["unfused", "flat", "fusemax", "fused"]
"""How one attention runs: operator by operator, or in one step with the choice of that name; ``fused`` is the
best of all fused points.
"""

CHOICES: Mapping[str, Callable[[TwoArrayMachine, AttentionShape], FusedAttention]] = {
    "flat": flat_choice,
    "fusemax": fusemax_choice,
    "fused": best_choice,
}


UNFUSED = "attention runs unfused"
"""How a note on an attention that is not fused begins."""


@dataclass(frozen=True, slots=True)
class FusedGroup:
    """An attention to be fused, where, and how."""

    group: AttentionGroup
    site: AttentionSite
    choice: FusedAttention

    @property
    def work(self) -> AttentionWork:
        """What the choice costs."""
        return attention_work(self.site.machine, self.choice, self.group.shape)

    def counts(self, operator: str) -> tuple[Count, ...]:
        """The actions inside both arrays for one of the operators, all attentions together."""
        work = self.work
        own = (each for each in work.actions if _operator(self.group, work, each.name).name == operator)
        return summed(
            Count(one.component, one.action, one.count * work.instances)
            for each in own
            for one in each.inside
        )


@dataclass(frozen=True, slots=True)
class Fusing:
    """The attentions of a workload to be fused, by the name of their first operator, and what is not, why."""

    groups: Mapping[str, FusedGroup]
    notes: tuple[str, ...]


def fusing(
    sites: Sites, workload: Workload, how: Callable[[AttentionGroup | NotFused], AttentionMapping]
) -> Fusing:
    """Every attention of a workload with the choice that ``how`` names; what cannot be fused runs unfused."""
    groups: dict[str, FusedGroup] = {}
    reasons: dict[str, int] = {}
    for found in attention_groups(workload):
        if how(found) == "unfused":
            continue
        fused = _fused_or_why(sites, workload, found, how(found))
        if isinstance(fused, FusedGroup):
            groups[fused.group.name] = fused
        else:
            reasons[fused] = reasons.get(fused, 0) + 1
    notes = tuple(f"{UNFUSED} in {count} layers: {reason}" for reason, count in reasons.items())
    return Fusing(groups, (*notes, *_remarks(tuple(groups.values()))))


def _fused_or_why(
    sites: Sites, workload: Workload, found: AttentionGroup | NotFused, how: AttentionMapping
) -> FusedGroup | str:
    if isinstance(found, NotFused):
        return found.reason
    try:
        return fused_group(sites, found, workload.tensors, how)
    except InputError as error:
        return error.message


def _remarks(groups: tuple[FusedGroup, ...]) -> Iterator[str]:
    """What a reader of the result should know about fused attention, each remark once."""
    for each in groups:
        lack = lacking(each.site.machine, "fusemax", each.group.shape)
        if each.choice.configuration == "fusemax_cascade" and lack:
            yield f"{lack}: the 1-pass cascade of FuseMax runs with all but its products on the lanes"
            break
    if any(each.group.key == each.group.value for each in groups):
        yield "fused attention reads a tensor that is both keys and values for each of the two"
    if any(each.group.shape.masked for each in groups):
        yield "fused attention works on masked scores, too, as unfused attention does: no tile is skipped"


def fused_group(
    sites: Sites, group: AttentionGroup, tensors: Mapping[str, Tensor], how: AttentionMapping
) -> FusedGroup:
    """``group`` with the choice called ``how``.

    Raises:
        InputError: it cannot run so on this machine; says why.
    """
    site = site_of(sites, group, tensors)
    return FusedGroup(group, site, CHOICES[how](site.machine, group.shape))


def planned_attention(sites: Sites, workload: Workload, step: Step) -> FusedGroup | None:
    """The attention that a step of a plan runs fused; None where its operators are none that can be.

    Raises:
        InputError: it cannot run fused on this machine.
    """
    group = group_of(workload, tuple(workload.by_name[task.operator] for task in step.tasks))
    if group is None or step.attention is None:
        return None
    return FusedGroup(group, site_of(sites, group, workload.tensors), step.attention)


def fused_step(fused: FusedGroup, tensors: Mapping[str, Tensor], situation: Situation) -> Step | None:
    """The step of a fused attention; None if it does not fit beside the residents."""
    machine, work = fused.site.machine, fused.work
    if work.buffer_bytes > situation.room(machine.buffer):
        return None
    spaces = [situation.workspace(machine.buffer, work.buffer_bytes)]
    spaces += [situation.workspace(name, size) for name, size in fused.site.inner.items() if size]
    moves = fused_transfers(fused, tensors, situation.resident)
    return Step(fused_tasks(fused, tensors), moves, tuple(spaces), fused.choice)


def fused_tasks(fused: FusedGroup, tensors: Mapping[str, Tensor]) -> tuple[Task, ...]:
    """The tasks: products on the grid, all else on the lanes; the first has the pieces that data comes in."""
    group, site = fused.group, fused.site
    home = memory_of(site.sites.arch.find(site.machine.buffer))
    grid, lanes = site.grid.component.name, site.lanes.component.name
    products = {op.name: product_of(op, tensors) for op in (group.scores, group.values)}
    first = Task(
        group.scores.name,
        grid,
        products[group.scores.name],
        chunks=fused.work.tiles,
        buffers=2 if home.double_buffered else 1,
    )
    between = (Task(op.name, lanes) for op in (*group.between, group.softmax))
    return (first, *between, Task(group.values.name, grid, products[group.values.name]))


def fused_transfers(
    fused: FusedGroup, tensors: Mapping[str, Tensor], resident: frozenset[str]
) -> tuple[Transfer, ...]:
    """Everything that moves: over the outermost boundary, then between the buffer and the arrays."""
    moves = (*_outside(fused, tensors, resident), *_inside(fused))
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
            first = _path(fused, role)[1].name
            yield _Move(_owner(group, fused.work, name).name, tensor, role, root, first, moved)
    for name, size in fused.work.written.items():
        tensor = _tensor(group, fused.work, name)
        op = _owner(group, fused.work, name).name
        if tensor not in resident:
            yield _Move(op, tensor, "output", fused.site.machine.buffer, root, size)
        elif tensor == group.result and tensors[tensor].kind != "activation":
            yield _Move(op, tensor, "output", fused.site.machine.buffer, root, tensors[tensor].bytes)


def _inside(fused: FusedGroup) -> Iterator[_Move]:
    """What passes between the buffer and the arrays, over every memory on the way."""
    group, work, site = fused.group, fused.work, fused.site
    word = site.machine.word_bytes * work.instances
    for each in work.actions:
        on_grid = each.component == site.grid.component.name
        engine: MatrixEngine | VectorEngine = site.grid if on_grid else site.lanes
        op = _operator(group, work, each.name).name
        for name, words in each.read.items():
            role: Role = _role(name) if on_grid else "input"
            way = [*(part.name for part in site.sites.path(engine, role)[1:]), each.component]
            for source, destination in pairwise(way):
                yield _Move(op, _tensor(group, work, name), role, source, destination, words * word)
        way = [*(part.name for part in site.sites.path(engine, "output")[1:]), each.component]
        for destination, source in reversed(list(pairwise(way))):
            tensor = _tensor(group, work, each.name)
            yield _Move(op, tensor, "output", source, destination, each.written * word)


def _at_home(fused: FusedGroup, tensor: str, role: Role, resident: frozenset[str]) -> bool:
    return tensor in resident and fused.site.sites.meets(fused.site.grid, role)


def _path(fused: FusedGroup, role: Role) -> tuple[Component, ...]:
    return fused.site.sites.path(fused.site.grid, role)


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
    return group.softmax if name.startswith(BIAS) else _operator(group, work, name)


def _operator(group: AttentionGroup, work: AttentionWork, einsum: str) -> Operator:
    """The operator that an Einsum of the cascade belongs to."""
    if einsum in SCORES:
        return group.scores
    return group.values if "F" in work.cascade.tensor_ranks[einsum] else group.softmax


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
