"""Counting what a step does: traffic and actions of every operator, and which of them carries the time."""

from __future__ import annotations

from math import ceil

from hwsim.arch.machine import memory_of
from hwsim.mapping.nest import describe
from hwsim.mapping.plan import Step, Task, Transfer
from hwsim.mapping.tiles import largest_tile
from hwsim.simulation.execution import ActionCount, OperatorRun, Stalls, StepTime
from hwsim.simulation.scene import Scene


def operator_runs(
    scene: Scene, number: int, start: int, step: Step, time: StepTime
) -> tuple[OperatorRun, ...]:
    """The operators of a step; the first carries the time, those fused into it none of their own."""
    anchor = step.tasks[0]
    moves: dict[str, list[Transfer]] = {}
    for move in step.transfers:
        moves.setdefault(move.operator, []).append(move)
    hidden = StepTime(0, 0, 0, 0, 0, Stalls())
    return tuple(
        _run(
            scene, number, start, step, task, moves.get(task.operator, []), time if task is anchor else hidden
        )
        for task in step.tasks
    )


def _run(
    scene: Scene, number: int, start: int, step: Step, task: Task, moves: list[Transfer], time: StepTime
) -> OperatorRun:
    op, anchor = scene.operator(task), step.tasks[0]
    leads = task is anchor
    traffic = _traffic(scene, moves)
    return OperatorRun(
        name=op.name,
        kind=op.kind,
        component=task.component,
        step=number,
        start=start,
        cycles=time.cycles,
        compute_cycles=time.compute,
        stalls=time.stalls,
        bound_by=_bound_by(scene, step, time) if leads else f"fused into {anchor.operator}",
        lower_bound_cycles=scene.step_bound(step) if leads else 0,
        macs=op.macs,
        peak_macs=scene.peak_macs(task),
        dram_bytes=traffic.get(scene.root, 0),
        traffic=tuple(traffic.items()),
        actions=_memory_actions(scene, moves) + engine_actions(scene, step, task),
        mapping=_mapping(scene, step, task),
    )


def _traffic(scene: Scene, moves: list[Transfer]) -> dict[str, int]:
    """Bytes into and out of each memory."""
    found: dict[str, int] = {}
    for move in moves:
        for name in (move.source, move.destination):
            if scene.stores(name):
                found[name] = found.get(name, 0) + move.bytes
    return found


def _memory_actions(scene: Scene, moves: list[Transfer]) -> tuple[ActionCount, ...]:
    """A transfer reads its source and writes its destination, ``width`` bytes an action."""
    moved: dict[tuple[str, str, str], int] = {}
    for move in moves:
        for name, action in ((move.source, "read"), (move.destination, "write")):
            if scene.stores(name):
                key = (name, action, move.role)
                moved[key] = moved.get(key, 0) + move.bytes
    return tuple(
        ActionCount(name, action, role, -(-size // memory_of(scene.parts[name]).width))
        for (name, action, role), size in moved.items()
        if size
    )


def engine_actions(scene: Scene, step: Step, task: Task) -> tuple[ActionCount, ...]:
    """What happens inside the components that compute for a task."""
    if step.attention is not None:
        counts = scene.fused(step).counts(task.operator)
        return tuple(
            ActionCount(one.component, one.action, "compute", ceil(one.count)) for one in counts if one.count
        )
    return tuple(
        ActionCount(task.component, each.action, each.role, each.count)
        for each in scene.engine_actions(task)
        if each.count
    )


def _bound_by(scene: Scene, step: Step, time: StepTime) -> str:
    """The resource that works longest during the step; the lanes of a fused attention by their name."""
    lanes = scene.fused(step).site.machine.lanes.component if step.attention else "epilogue"
    causes = {
        "compute": time.compute,
        scene.root: time.outer,
        "on-chip bandwidth": time.on_chip,
        lanes: time.riders,
    }
    return max(causes, key=lambda cause: causes[cause])


def _mapping(scene: Scene, step: Step, task: Task) -> str | None:
    if step.attention is not None:
        return str(step.attention) if task is step.tasks[0] else None
    if task.problem is None:
        return None
    tile = largest_tile(task.problem, task.levels)
    return f"{scene.matrix[task.component].describe(tile)} | {describe(task.levels, task.problem)}"
