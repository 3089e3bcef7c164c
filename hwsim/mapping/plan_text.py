"""A plan as indented text: for every step its operators, for every contraction its loop nest."""

from __future__ import annotations

from collections.abc import Iterator

from hwsim.arch.machine import Arch
from hwsim.arch.memory import ROLES
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
            yield from (_INDENT + line for line in _task(task, arch))
        yield from (_INDENT + line for line in _places(step))
    for stay in plan.residencies:
        steps = f"steps {stay.first_step} to {stay.last_step}"
        yield f"{stay.tensor} stays in {stay.memory} at {_range(stay.address, stay.bytes)}, {steps}"


def _task(task: Task, arch: Arch) -> Iterator[str]:
    if task.problem is not None:
        whole = (task.problem.batch, task.problem.M, task.problem.N, task.problem.K)
        yield f"{task.operator}: {_sizes(whole)}"
        yield from _nest(task, task.problem, arch)
    elif task.chunks > 1:
        yield f"{task.operator}: {task.chunks} chunks"


def _nest(task: Task, problem: Matmul, arch: Arch) -> Iterator[str]:
    """One line a loop that turns more than once; behind the loops of each level the memories of its tile."""
    outer, depth = (problem.batch, problem.M, problem.N, problem.K), 0
    for number, level in enumerate(task.levels, start=1):
        for axis in ("batch", *level.order):
            size, tile = outer[_AXES.index(axis)], level.tile[_AXES.index(axis)]
            if tile < size:
                yield f"{_INDENT * depth}for {axis} in 0..{size} by {tile}"
                depth += 1
        holders = ", ".join(_holders(task, number, arch)) or "no memory"
        yield f"{_INDENT * depth}{_sizes(level.tile)} in {holders}"
        outer = level.tile


def _holders(task: Task, depth: int, arch: Arch) -> list[str]:
    """The memories, each with what it holds, that are ``depth`` steps below the outermost one."""
    held: dict[str, list[str]] = {}
    for role in ROLES:
        path = [part for part in arch.memory_path(task.component, role) if part is not arch.root]
        if len(path) >= depth:
            held.setdefault(path[depth - 1].name, []).append(role)
    return [f"{name} ({', '.join(roles)})" for name, roles in held.items()]


def _places(step: Step) -> Iterator[str]:
    for space in step.workspaces:
        if space.bytes:
            yield f"tiles take {space.memory} at {_range(space.address, space.bytes)}"


def _range(address: int, size: int) -> str:
    return f"[{address}, {address + size})"


def _sizes(sizes: tuple[int, int, int, int]) -> str:
    shown = zip(_AXES, sizes, strict=True)
    return " ".join(f"{axis}={size}" for axis, size in shown if axis != "batch" or size > 1)
