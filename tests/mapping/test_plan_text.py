from __future__ import annotations

from hwsim import pipeline
from hwsim.mapping.plan_text import plan_text


def test_every_loop_that_turns_and_every_memory_of_a_tile_is_shown():
    arch, workload = pipeline.describe("tpu_v1", "resnet50")
    plan = pipeline.map_workload(arch, workload)
    text = list(plan_text(plan, arch))
    for number, step in enumerate(plan.steps):
        assert sum(line.startswith(f"step {number}: ") for line in text) == 1
        assert all(any(task.operator in line for line in text) for task in step.tasks)
    loops = [line for line in text if line.strip().startswith("for ")]
    trips = [
        (axis, outer)
        for step in plan.steps
        for task in step.tasks
        if task.problem
        for axis, outer in _turning(task)
    ]
    assert len(loops) == len(trips)
    assert sum("[accumulators] output " in line for line in text) == sum(
        task.problem is not None for step in plan.steps for task in step.tasks
    )
    conv1 = next(at for at, line in enumerate(text) if line.startswith("  conv1: M="))
    assert any(line.strip().startswith("[weight_fifo] weight conv1.weight: N=64 K=") for line in text[conv1:])
    assert sum("stays in unified_buffer" in line for line in text) == len(plan.residencies)


def _turning(task):
    outer = {"batch": task.problem.batch, "M": task.problem.M, "N": task.problem.N, "K": task.problem.K}
    for level in task.levels:
        inner = dict(zip(("batch", "M", "N", "K"), level.tile, strict=True))
        yield from ((axis, outer[axis]) for axis in outer if inner[axis] < outer[axis])
        outer = inner
