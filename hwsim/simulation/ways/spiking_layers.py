"""A spiking network told by its layers, on neuromorphic cores: closed forms."""

from __future__ import annotations

from hwsim.arch.machine import Arch
from hwsim.engines.neuromorphic.chip import chip_of, is_chip
from hwsim.engines.neuromorphic.layer_statistics import is_layered, statistics_of
from hwsim.mapping.choices import MappingChoices
from hwsim.mapping.plan import Plan, Step, Task
from hwsim.simulation.execution import Execution, Fidelity
from hwsim.simulation.way import Way
from hwsim.spec.errors import InputError
from hwsim.workload.workload import Workload

_UNCHARGED = "sums, pools and means between layers are not charged"
_MULTI_BIT = (
    "of {share:.2g} % of the operations the input is not binary: each counts as one synaptic operation"
)


def _prepare(arch: Arch, workload: Workload) -> Workload:
    """The workload as it is: spikes and synapses have no datatype to choose."""
    del arch
    return workload


def _plan(arch: Arch, workload: Workload, choices: MappingChoices) -> Plan:
    """One step in which every layer is a task."""
    chip = chip_of(arch)
    layers = statistics_of(workload)
    tasks = tuple(Task(each.name, chip.component.name) for each in layers)
    dense = sum(each.dense for each in layers)
    multi = sum(each.dense for each in layers if each.multi_bit)
    said = (_MULTI_BIT.format(share=100 * multi / dense),) if multi else ()
    return Plan(
        arch=arch.name,
        workload=workload.name,
        mapping=choices.name,
        datatype="spikes",
        steps=(Step(tasks, ()),),
        residencies=(),
        notes=(*workload.notes, *chip.notes, *said, _UNCHARGED),
        arch_hash=arch.content_hash,
        workload_hash=workload.content_hash,
    )


def _verify(plan: Plan, arch: Arch, workload: Workload) -> None:
    """Every layer is a task of the plan, on the machine's mesh.

    Raises:
        InputError: one is not.
    """
    mesh = chip_of(arch).component.name
    planned = {(task.operator, task.component) for step in plan.steps for task in step.tasks}
    missing = next((each.name for each in statistics_of(workload) if (each.name, mesh) not in planned), None)
    if missing is not None:
        hint = "make it anew with 'hwsim map'"
        raise InputError(f"the plan does not put {missing!r} on {mesh!r}", hint=hint)


def _execute(arch: Arch, workload: Workload, plan: Plan, fidelity: Fidelity) -> Execution:
    del plan
    from hwsim.simulation.spiking_layers import execute_layers

    if fidelity == "event":
        raise InputError(
            f"workload {workload.name!r} tells layers and spike rates, not neurons: no events can be run",
            hint="take --fidelity analytical, or give the network itself (.nir, or neurons and edges)",
        )
    return execute_layers(chip_of(arch), workload, fidelity)


WAY = Way(
    name="spiking_layers",
    particular=2,
    runs=is_chip,
    prepare=_prepare,
    plan=_plan,
    verify=_verify,
    execute=_execute,
    takes=is_layered,
)
