"""Running a plan at ``bound`` fidelity: lower bounds only, of time, traffic and actions."""

from __future__ import annotations

from hwsim.arch.machine import Arch, memory_of
from hwsim.mapping.plan import Plan, Step, Task
from hwsim.simulation.account import engine_actions
from hwsim.simulation.execution import ActionCount, Execution, OperatorRun, Stalls
from hwsim.simulation.scene import Scene
from hwsim.workload.workload import Workload


def run_bound(arch: Arch, workload: Workload, plan: Plan) -> Execution:
    """What no schedule can beat: compute and compulsory traffic, each operator on the component of the plan.

    The operators' cycles are their own bounds; the whole run's is the largest sum over one resource, since
    different resources may overlap fully. No operator has to wait for another: all start at 0.
    """
    scene = Scene.of(arch, workload, plan.datatype)
    runs = []
    for number, step in enumerate(plan.steps):
        cycles = scene.step_bound(step)
        runs += [
            _run(scene, number, step, task, cycles if task is step.tasks[0] else 0) for task in step.tasks
        ]
    bounds = scene.bounds(plan)
    busy: dict[str, float] = {}
    for bound in bounds:
        busy[bound.component] = max(busy.get(bound.component, 0), bound.cycles)
    return Execution(
        fidelity="bound",
        cycles=max(bound.cycles for bound in bounds),
        operators=tuple(runs),
        bounds=bounds,
        compulsory_dram_bytes=scene.total_compulsory.bytes,
        busy=tuple(sorted(busy.items())),
    )


def _run(scene: Scene, number: int, step: Step, task: Task, cycles: int) -> OperatorRun:
    op, root = scene.operator(task), scene.root
    compute = _compute(scene, step, task)
    outside = scene.compulsory[op.name].bytes
    return OperatorRun(
        name=op.name,
        kind=op.kind,
        component=task.component,
        step=number,
        start=0,
        cycles=cycles,
        compute_cycles=min(cycles, compute),
        stalls=Stalls(bandwidth=cycles - min(cycles, compute)),
        bound_by="compute" if compute >= cycles else root,
        lower_bound_cycles=cycles,
        macs=op.macs,
        peak_macs=scene.peak_macs(task),
        dram_bytes=outside,
        traffic=((root, outside),) if outside else (),
        actions=_compulsory_actions(scene, op.name) + engine_actions(scene, step, task),
        mapping=None,
    )


def _compulsory_actions(scene: Scene, operator: str) -> tuple[ActionCount, ...]:
    moved, width = scene.compulsory[operator], memory_of(scene.arch.root).width
    return tuple(
        ActionCount(scene.root, action, "compulsory", -(-size // width))
        for action, size in (("read", moved.reads), ("write", moved.writes))
        if size
    )


def _compute(scene: Scene, step: Step, task: Task) -> int:
    """The bound of a task's work; of a fused attention the first task has that of the busier array."""
    if step.attention is None:
        return scene.compute_bound(task)
    return max(scene.work_bounds((step,)).values()) if task is step.tasks[0] else 0
