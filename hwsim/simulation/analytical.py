"""Running a plan at ``analytical`` fidelity: steps one after another, tiles overlapped inside each step."""

from __future__ import annotations

from hwsim.arch.machine import Arch
from hwsim.mapping.plan import Plan, Step
from hwsim.simulation.account import operator_runs
from hwsim.simulation.execution import Execution, OperatorRun, StepTime
from hwsim.simulation.scene import Scene
from hwsim.simulation.step import time_step
from hwsim.workload.workload import Workload


def run_analytical(arch: Arch, workload: Workload, plan: Plan) -> Execution:
    """Time and count everything a plan does.

    Args:
        arch: the machine the plan is for.
        workload: the workload the plan is for.
        plan: from :func:`hwsim.mapping.planner.make_plan` or a file, verified.
    """
    scene = Scene.of(arch, workload, plan.datatype)
    runs: list[OperatorRun] = []
    busy: dict[str, int] = {}
    now = 0
    for number, step in enumerate(plan.steps):
        time = time_step(scene, step)
        runs += operator_runs(scene, number, now, step, time)
        now += time.cycles
        for name, cycles in busy_cycles(scene, step, time).items():
            busy[name] = busy.get(name, 0) + cycles
    return Execution(
        fidelity="analytical",
        cycles=now,
        operators=tuple(runs),
        bounds=scene.bounds(plan),
        compulsory_dram_bytes=scene.total_compulsory.bytes,
        busy=tuple(sorted(busy.items())),
    )


def busy_cycles(scene: Scene, step: Step, time: StepTime) -> dict[str, int]:
    """Cycles each component works for a step."""
    if step.attention is not None:
        lanes = scene.fused(step).site.machine.lanes.component
        own = {step.tasks[0].component: time.compute, scene.root: time.outer, lanes: time.riders}
        return own | scene.on_chip_cycles(step.transfers)
    busy = {step.tasks[0].component: time.compute, scene.root: time.outer}
    for task in step.tasks[1:]:
        busy[task.component] = busy.get(task.component, 0) + scene.vector_cycles(task)
    return busy | scene.on_chip_cycles(step.transfers)
