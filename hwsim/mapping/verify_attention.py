"""The part of a plan's check that looks at fused attention: whether it is one, has its room, moves enough."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from hwsim.arch.machine import Arch
from hwsim.mapping.attention import fused_tasks, planned_attention
from hwsim.mapping.attention_transfers import fused_transfers
from hwsim.mapping.fused.search import lacking, points
from hwsim.mapping.fused.shape import AttentionShape
from hwsim.mapping.fused_group import FusedGroup
from hwsim.mapping.plan import Plan, Residency, Step, Transfer
from hwsim.mapping.sites import Sites, sites_of
from hwsim.mapping.verify_tasks import broken
from hwsim.spec.errors import InputError
from hwsim.workload.workload import Workload


def check_attention(plan: Plan, arch: Arch, workload: Workload) -> None:
    """Check every fused attention of a plan.

    Raises:
        InputError: the operators are no attention, the choice is none of the space, room or bytes are
            missing; says which step.
    """
    if not any(step.attention for step in plan.steps):
        return
    sites = sites_of(arch)
    for number, step in enumerate(plan.steps):
        if step.attention is not None:
            fused = _attention(number, sites, workload, step)
            _check_choice(number, fused)
            _check_room(number, step, fused)
            _check_tasks(number, step, fused, workload)
            _check_bytes(number, step, fused, workload, plan.residencies)


def _attention(number: int, sites: Sites, workload: Workload, step: Step) -> FusedGroup:
    try:
        found = planned_attention(sites, workload, step)
    except InputError as error:
        raise broken(f"step {number}: {error.message}") from error
    if found is None:
        raise broken(f"step {number}: {step.tasks[0].operator!r} begins no attention that can be fused")
    return found


def _check_choice(number: int, fused: FusedGroup) -> None:
    machine, shape, choice = fused.site.machine, fused.group.shape, fused.choice
    lack = lacking(machine, choice.configuration, shape)
    if lack is not None:
        raise broken(f"step {number}: {lack}")
    if (choice.tile is None) != (machine.tiled is None) or (choice.tile and not _may_be(choice.tile, shape)):
        raise broken(f"step {number}: fused attention on {machine.grid.component} has no tiles {choice.tile}")
    if replace(choice, tile=None) not in points(machine, choice.configuration, shape):
        raise broken(f"step {number}: fused attention has no choice {str(choice)!r}")


def _may_be(tile: tuple[int, int], shape: AttentionShape) -> bool:
    """Whether a tile has keys and queries, and no more than there are."""
    keys, queries = tile
    return 0 < keys <= shape.keys and 0 < queries <= shape.queries


def _check_tasks(number: int, step: Step, fused: FusedGroup, workload: Workload) -> None:
    for task, wanted in zip(step.tasks, fused_tasks(fused, workload.tensors), strict=True):
        if task != wanted:
            raise broken(f"step {number}: {task.operator!r} is not what its part of the attention is")


def _check_room(number: int, step: Step, fused: FusedGroup) -> None:
    room = {space.memory: space.bytes for space in step.workspaces}
    needed = {**fused.site.inner, fused.site.machine.buffer: fused.work.buffer_bytes}
    for memory, size in needed.items():
        if room.get(memory, 0) < size:
            raise broken(
                f"step {number}: its attention needs {size} bytes of {memory}, has {room.get(memory, 0)}"
            )


def _check_bytes(
    number: int, step: Step, fused: FusedGroup, workload: Workload, stays: Iterable[Residency]
) -> None:
    resident = frozenset(stay.tensor for stay in stays if stay.first_step <= number <= stay.last_step)
    moved = _totals(move for move in step.transfers if move.role != "spill")
    for key, least in _totals(fused_transfers(fused, workload.tensors, resident)).items():
        if moved.get(key, 0) < least:
            tensor, source, destination = key
            raise broken(
                f"step {number}: {moved.get(key, 0)} bytes of {tensor!r} go from {source} to {destination}, "
                f"its attention moves {least}"
            )


def _totals(moves: Iterable[Transfer]) -> dict[tuple[str, str, str], int]:
    total: dict[tuple[str, str, str], int] = {}
    for move in moves:
        key = (move.tensor, move.source, move.destination)
        total[key] = total.get(key, 0) + move.bytes
    return total
