"""Operators on engines below memories: tiles, fusion, residency, and a timeline of steps."""

from __future__ import annotations

from hwsim.arch.machine import Arch
from hwsim.arch.memory import Memory
from hwsim.engines.neuromorphic.chip import is_chip
from hwsim.mapping.attention import fusing_all
from hwsim.mapping.choices import MappingChoices
from hwsim.mapping.plan import Plan
from hwsim.mapping.planner import make_plan, native_datatype
from hwsim.mapping.sites import sites_of
from hwsim.mapping.verify import verify_plan
from hwsim.simulation.fastest import fastest_plan
from hwsim.simulation.run import execute
from hwsim.simulation.way import Way
from hwsim.spec.errors import InputError
from hwsim.workload.workload import Workload


def _prepare(arch: Arch, workload: Workload) -> Workload:
    """The workload in the machine's datatype."""
    if workload.network is not None:
        raise InputError(
            f"workload {workload.name!r} is a network of neurons, machine {arch.name!r} has no cores for it",
            hint="run it on one of 'hwsim list arch' that has, such as loihi",
        )
    if is_chip(arch) and not isinstance(arch.root.attributes, Memory):
        raise InputError(
            f"machine {arch.name!r} runs networks of neurons, workload {workload.name!r} is one of operators",
            hint="give a network: a folder with neurons.csv and edges.csv, or a workload that names these",
        )
    return workload.with_datatype(native_datatype(arch))


def _plan(arch: Arch, workload: Workload, choices: MappingChoices) -> Plan:
    how = choices.attention
    if how == "auto" or choices.residency == "schedule":
        return fastest_plan(arch, workload, choices, native_datatype(arch))
    return make_plan(arch, workload, choices, fusing_all(sites_of(arch), workload, how))


WAY = Way(
    name="dataflow",
    particular=0,
    runs=lambda _: True,
    prepare=_prepare,
    plan=_plan,
    verify=verify_plan,
    execute=execute,
)
