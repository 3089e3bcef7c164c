"""Running a plan at the fidelity asked for."""

from __future__ import annotations

from collections.abc import Callable

from hwsim.arch.machine import Arch
from hwsim.mapping.plan import Plan
from hwsim.simulation.analytical import run_analytical
from hwsim.simulation.bound import run_bound
from hwsim.simulation.event import run_event
from hwsim.simulation.execution import Execution, Fidelity
from hwsim.workload.workload import Workload

_RUNNERS: dict[Fidelity, Callable[[Arch, Workload, Plan], Execution]] = {
    "bound": run_bound,
    "analytical": run_analytical,
    "event": run_event,
}


def execute(arch: Arch, workload: Workload, plan: Plan, fidelity: Fidelity) -> Execution:
    """The execution of ``plan``: times, stalls, action counts."""
    return _RUNNERS[fidelity](arch, workload, plan)
