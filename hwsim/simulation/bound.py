"""Running a plan at ``bound`` fidelity: lower bounds only, of time, traffic and actions."""

from __future__ import annotations

from hwsim.arch.machine import Arch, memory_of
from hwsim.mapping.plan import Plan, Task
from hwsim.simulation.execution import ActionCount, Execution, OperatorRun, Stalls
from hwsim.simulation.scene import Scene
from hwsim.workload.workload import Workload


def run_bound(arch: Arch, workload: Workload, plan: Plan) -> Execution:
    """What no schedule can beat: compute and compulsory traffic, each operator on the component of the plan.

    The operators' cycles are their own bounds; the whole run's is the largest sum over one resource, since
    different resources may overlap fully.
    """
    scene = Scene.of(arch, workload, plan.datatype)
    runs, now = [], 0
    for number, step in enumerate(plan.steps):
        cycles = scene.step_bound(step)
        for task in step.tasks:
            own = cycles if task is step.tasks[0] else 0
            runs.append(_run(scene, number, now, task, own))
        now += cycles
    bounds = scene.bounds()
    return Execution(
        fidelity="bound",
        cycles=max((bound.cycles for bound in bounds), default=0),
        operators=tuple(runs),
        bounds=bounds,
        compulsory_dram_bytes=scene.total_compulsory.bytes,
        busy=(),
    )


def _run(scene: Scene, number: int, start: int, task: Task, cycles: int) -> OperatorRun:
    op = scene.operator(task)
    root = scene.arch.root
    outside = scene.compulsory[op.name].bytes
    actions = (
        [ActionCount(root.name, "read", "compulsory", -(-outside // memory_of(root).width))]
        if outside
        else []
    )
    engine_actions = scene.engine_actions(task)
    actions += [ActionCount(task.component, each.action, each.role, each.count) for each in engine_actions]
    return OperatorRun(
        name=op.name,
        kind=op.kind,
        component=task.component,
        step=number,
        start=start,
        cycles=cycles,
        compute_cycles=min(cycles, scene.compute_bound(task)),
        stalls=Stalls(),
        bound_by="compute" if scene.compute_bound(task) >= cycles else root.name,
        lower_bound_cycles=cycles,
        macs=op.macs,
        peak_macs=scene.peak_macs(task),
        dram_bytes=outside,
        traffic=((root.name, outside),) if outside else (),
        actions=tuple(actions),
        mapping=None,
    )
