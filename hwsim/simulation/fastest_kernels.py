"""Which attentions run faster as one kernel than as one an operator, as the kernel models time them."""

from __future__ import annotations

from hwsim.arch.machine import Arch
from hwsim.mapping.fused.groups import AttentionGroup
from hwsim.mapping.plan import Plan
from hwsim.simulation.kernel_run import run_kernels
from hwsim.simulation.kernel_steps import attentions_of
from hwsim.workload.workload import Workload


def fastest_attentions(
    arch: Arch, workload: Workload, whole: Plan, apart: Plan
) -> tuple[AttentionGroup, ...]:
    """The attentions that are no slower in ``whole``, where each is one kernel, than in ``apart``.

    Raises:
        InputError: an operator has no kernel on the processor.
    """
    one, each = (_cycles(arch, workload, plan) for plan in (whole, apart))
    return tuple(
        group
        for group in attentions_of(workload)
        if sum(one[op.name] for op in group.operators) <= sum(each[op.name] for op in group.operators)
    )


def _cycles(arch: Arch, workload: Workload, plan: Plan) -> dict[str, float]:
    runs = run_kernels(arch, workload, plan, "analytical").operators
    return {run.name: run.cycles for run in runs}
