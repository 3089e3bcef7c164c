"""Planning a fused attention: one step of all its operators, with everything that moves for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from hwsim.arch.machine import memory_of
from hwsim.mapping.attention_site import AttentionSite, site_of, sites_with_tiles, with_tile
from hwsim.mapping.attention_transfers import fused_transfers
from hwsim.mapping.fused.choice import FusedAttention
from hwsim.mapping.fused.groups import AttentionGroup, NotFused, attention_groups, group_of
from hwsim.mapping.fused.machine import TwoArrayMachine
from hwsim.mapping.fused.search import best_choice, flat_choice, fusemax_choice, lacking
from hwsim.mapping.fused.shape import AttentionShape
from hwsim.mapping.fused.work import measure
from hwsim.mapping.fused_group import FusedGroup
from hwsim.mapping.plan import Step, Task
from hwsim.mapping.products import product_of
from hwsim.mapping.sites import Sites
from hwsim.mapping.situation import Situation
from hwsim.spec.errors import InputError
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


def fusing_all(sites: Sites, workload: Workload, how: AttentionMapping) -> Fusing:
    """Every attention of a workload mapped as the user asks; where only some cannot be, notes say why.

    Raises:
        InputError: there are attentions, and none of them can be; says why.
    """
    found = fusing(sites, workload, lambda _: how)
    if found.notes and not found.groups:
        reason = found.notes[0].partition(": ")[2]
        raise InputError(
            f"no attention of {workload.name!r} runs {how!r} on {sites.arch.name!r}: {reason}",
            hint="'--mapping auto' fuses what can be fused, '--mapping unfused' nothing",
        )
    return found


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
    if site.machine.tiled is None:
        return FusedGroup(group, site, CHOICES[how](site.machine, group.shape))
    found = list(_tiled_groups(site, group, how))
    if not found:
        smallest = with_tile(site, group.shape, (1, 1))
        found = [FusedGroup(group, smallest, CHOICES[how](smallest.machine, group.shape))]
    return min(found, key=lambda each: measure(each.site.machine, each.choice, group.shape))


def _tiled_groups(site: AttentionSite, group: AttentionGroup, how: str) -> Iterator[FusedGroup]:
    """The choice called ``how`` for every tile with which it is possible."""
    for each in sites_with_tiles(site, group.shape):
        try:
            choice = CHOICES[how](each.machine, group.shape)
        except InputError:
            continue
        tile = each.machine.rows, each.machine.columns
        yield FusedGroup(group, each, replace(choice, tile=tile))


def planned_attention(sites: Sites, workload: Workload, step: Step) -> FusedGroup | None:
    """The attention that a step of a plan runs fused; None where its operators are none that can be.

    Raises:
        InputError: it cannot run fused on this machine.
    """
    group = group_of(workload, tuple(workload.by_name[task.operator] for task in step.tasks))
    if group is None or step.attention is None:
        return None
    site = site_of(sites, group, workload.tensors)
    if step.attention.tile is not None:
        site = with_tile(site, group.shape, step.attention.tile)
    return FusedGroup(group, site, step.attention)


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
