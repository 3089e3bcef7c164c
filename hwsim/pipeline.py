"""The whole pipeline on one screen: describe, map, execute, price. Start reading here."""

from __future__ import annotations

from pathlib import Path

from hwsim.arch.load import load_arch
from hwsim.arch.machine import Arch
from hwsim.energy.bands import error_bands
from hwsim.energy.load import load_technology
from hwsim.energy.price import price
from hwsim.energy.result import Result
from hwsim.mapping.choices import MappingChoices, load_mapping, mapping_document
from hwsim.mapping.constraints import RuleError
from hwsim.mapping.plan import Plan, plan_from_json
from hwsim.simulation.execution import fidelity_called
from hwsim.simulation.ways import way_of
from hwsim.spec.document import load_document
from hwsim.spec.errors import InputError
from hwsim.workload.load import load_workload
from hwsim.workload.workload import Workload


def simulate(
    arch: str | Arch,
    workload: str | Workload,
    mapping: str | MappingChoices = "auto",
    *,
    plan: Plan | None = None,
    fidelity: str = "analytical",
    overrides: tuple[str, ...] = (),
    allow_unknown: bool = False,
    objective: str | None = None,
) -> Result:
    """Run a workload on a machine.

    Args:
        arch: a machine, or its file or library name.
        workload: a workload, or its file or library name.
        mapping: what to fix about the mapping, or its file or library name; the rest is searched.
        plan: a plan to follow instead of making one.
        fidelity: ``bound`` (lower bounds only), ``analytical`` or ``event``.
        overrides: ``component.attribute=value`` for the machine, ``workload.key=value`` for the workload,
            where these are given by name.
        allow_unknown: model operators nobody knows by the bytes they touch, instead of refusing them.
        objective: ``latency``, ``energy``, ``edp`` or ``pareto``: the loop nests are the best of their
            declared sets by what the run itself reports, which takes longer; without one, the fastest by an
            estimate.

    Raises:
        InputError: some input is at fault, or an operator fits nowhere.
    """
    level = fidelity_called(fidelity)
    machine, network = describe(arch, workload, overrides, allow_unknown)
    way = way_of(machine, network)
    plan = plan or map_workload(machine, network, mapping, objective)
    way.verify(plan, machine, network)
    execution = way.execute(machine, network, plan, level)
    prices = price(execution, machine, load_technology(machine.technology))
    bands = {**error_bands(machine, plan), **execution.bands}
    return Result(machine, network, plan, execution, prices, bands)


def describe(
    arch: str | Arch, workload: str | Workload, overrides: tuple[str, ...] = (), allow_unknown: bool = False
) -> tuple[Arch, Workload]:
    """The machine, and the workload as the machine runs it; the arguments are those of :func:`simulate`.

    Raises:
        InputError: one of them is at fault.
    """
    for_workload = tuple(each.removeprefix("workload.") for each in overrides if each.startswith("workload."))
    for_arch = tuple(each for each in overrides if not each.startswith("workload."))
    machine = arch if isinstance(arch, Arch) else load_arch(arch, for_arch)
    if not isinstance(workload, Workload):
        workload = load_workload(workload, for_workload, allow_unknown)
    return machine, way_of(machine, workload).prepare(machine, workload)


def map_workload(
    arch: Arch, workload: Workload, mapping: str | MappingChoices = "auto", objective: str | None = None
) -> Plan:
    """A plan, not yet verified, for what :func:`describe` returned.

    Raises:
        InputError: the mapping is at fault, or an operator fits nowhere.
    """
    choices = mapping if isinstance(mapping, MappingChoices) else load_mapping(mapping)
    way = way_of(arch, workload)
    plan = way.plan(arch, workload, choices)
    if objective is None and not choices.constraints:
        return plan
    from hwsim.energy.objective.refine import objective_called, refined

    wanted = objective_called(objective or "latency")
    if way.name != "dataflow":
        raise InputError(
            f"loop nests on {arch.name!r} are not searched: {way.name} run as they are",
            hint="leave --objective and constraints out",
        )
    if choices.residency == "schedule":
        raise InputError(
            f"mapping {choices.name!r} leaves loop nests to the schedule, they are not searched",
            hint="residency: greedy or none",
        )
    try:
        return refined(plan, arch, workload, choices, wanted)
    except RuleError as error:
        if isinstance(mapping, MappingChoices):
            raise
        raise error.at(mapping_document(mapping).position(error.where)) from error


def verify(plan: Plan, arch: Arch, workload: Workload) -> None:
    """Check a plan for what :func:`describe` returned, apart from how it was made.

    Raises:
        InputError: the plan breaks a rule.
    """
    way_of(arch, workload).verify(plan, arch, workload)


def read_plan(path: Path) -> Plan:
    """A plan from a file that ``hwsim map`` wrote.

    Raises:
        InputError: the file holds no plan.
    """
    return plan_from_json(load_document(path))
