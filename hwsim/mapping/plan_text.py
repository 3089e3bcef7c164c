"""A plan as indented text: for every step its operators, for every contraction its loop nest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hwsim.arch.machine import Arch
from hwsim.arch.memory import ROLES, Role
from hwsim.mapping.nest import RELEVANT
from hwsim.mapping.plan import Plan, Step, Task
from hwsim.workload.contraction import Matmul

_INDENT = "  "
_AXES = ("batch", "M", "N", "K")


def plan_text(plan: Plan, arch: Arch) -> Iterator[str]:
    """The lines of the text."""
    for number, step in enumerate(plan.steps):
        yield f"step {number}: {', '.join(f'{task.operator} on {task.component}' for task in step.tasks)}"
        if step.attention is not None:
            yield f"{_INDENT}fused attention, {step.attention}"
        for task in step.tasks:
            yield from (_INDENT + line for line in _task(task, _tensors(step, task), arch))
        yield from (_INDENT + line for line in _places(step))
    for stay in plan.residencies:
        steps = f"steps {stay.first_step} to {stay.last_step}"
        yield f"{stay.tensor} stays in {stay.memory} at {_range(stay.address, stay.bytes)}, {steps}"


def nests(plan: Plan, arch: Arch) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every contraction's name, and the lines of its loop nest: a line encloses those indented further."""
    for step in plan.steps:
        for task in step.tasks:
            if task.problem is not None:
                yield task.operator, tuple(_nest(task, task.problem, _tensors(step, task), arch))


def _tensors(step: Step, task: Task) -> dict[str, str]:
    """The tensor of each role of a task: what moves in its name."""
    return {move.role: move.tensor for move in step.transfers if move.operator == task.operator}


def _task(task: Task, tensors: Mapping[str, str], arch: Arch) -> Iterator[str]:
    if task.problem is not None:
        whole = (task.problem.batch, task.problem.M, task.problem.N, task.problem.K)
        yield f"{task.operator}: {_sizes(whole)}"
        yield from _nest(task, task.problem, tensors, arch)
    elif task.chunks > 1:
        yield f"{task.operator}: {task.chunks} chunks"


def _nest(task: Task, problem: Matmul, tensors: Mapping[str, str], arch: Arch) -> Iterator[str]:
    """One line a loop that turns more than once; behind the loops of each level what its memories hold."""
    outer, depth = (problem.batch, problem.M, problem.N, problem.K), 0
    for number, level in enumerate(task.levels, start=1):
        for axis in ("batch", *level.order):
            size, tile = outer[_AXES.index(axis)], level.tile[_AXES.index(axis)]
            if tile < size:
                yield f"{_INDENT * depth}for {axis} in 0..{size} by {tile}"
                depth += 1
        for role, memory in _holders(task, number, arch):
            kept = f"{role} {tensors[role]}" if role in tensors else role
            sides = _sizes(level.tile, ("batch", *RELEVANT[role]))
            yield f"{_INDENT * depth}[{memory}] {kept}: {sides}"
        outer = level.tile
    yield f"{_INDENT * depth}{task.component}: {_sizes(outer)}"


def _holders(task: Task, depth: int, arch: Arch) -> Iterator[tuple[Role, str]]:
    """Each role with its memory that is ``depth`` steps below the outermost one."""
    for role in ROLES:
        path = [part for part in arch.memory_path(task.component, role) if part is not arch.root]
        if len(path) >= depth:
            yield role, path[depth - 1].name


def _places(step: Step) -> Iterator[str]:
    for space in step.workspaces:
        if space.bytes:
            yield f"tiles take {space.memory} at {_range(space.address, space.bytes)}"


def _range(address: int, size: int) -> str:
    return f"[{address}, {address + size})"


def _sizes(sizes: tuple[int, int, int, int], axes: tuple[str, ...] = _AXES) -> str:
    shown = zip(_AXES, sizes, strict=True)
    return " ".join(
        f"{axis}={size}" for axis, size in shown if axis in axes and (axis != "batch" or size > 1)
    )
