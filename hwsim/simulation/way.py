"""How a machine runs a workload: chosen by what the two are.

A dataflow machine runs operators, neuromorphic cores run a network of neurons. A way says how to prepare,
map, verify and execute; what comes before (describing) and after (pricing, reporting) is the same for all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hwsim.arch.machine import Arch
from hwsim.mapping.choices import MappingChoices
from hwsim.mapping.plan import Plan
from hwsim.simulation.execution import Execution, Fidelity
from hwsim.workload.workload import Workload


def _any(workload: Workload) -> bool:
    """Takes every workload."""
    del workload
    return True


@dataclass(frozen=True, slots=True)
class Way:
    """One way. ``runs`` says whether a machine, ``takes`` whether a workload is of its kind; the more
    ``particular`` of two goes first.

    ``prepare`` gives the workload as the machine runs it; ``plan``, ``verify`` and ``execute`` are the steps
    of the pipeline. All raise InputError where the machine cannot run the workload.
    """

    name: str
    particular: int
    runs: Callable[[Arch], bool]
    prepare: Callable[[Arch, Workload], Workload]
    plan: Callable[[Arch, Workload, MappingChoices], Plan]
    verify: Callable[[Plan, Arch, Workload], None]
    execute: Callable[[Arch, Workload, Plan, Fidelity], Execution]
    takes: Callable[[Workload], bool] = _any
