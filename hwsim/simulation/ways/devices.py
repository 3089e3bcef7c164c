"""A language model on like devices that share it: NPUs with or without PIM in their memory, or GPUs."""

from __future__ import annotations

from hwsim.arch.machine import Arch
from hwsim.mapping.choices import MappingChoices
from hwsim.mapping.plan import Plan, Step, Task
from hwsim.simulation.execution import Execution, Fidelity
from hwsim.simulation.serving.system import is_system
from hwsim.simulation.way import Way
from hwsim.spec.errors import InputError
from hwsim.workload.workload import Workload


def _prepare(arch: Arch, workload: Workload) -> Workload:
    """The workload in the devices' datatype."""
    if workload.network is not None:
        message = f"workload {workload.name!r} is a network of neurons, machine {arch.name!r} runs operators"
        raise InputError(message, hint="run it on one of 'hwsim list arch' with cores for it, such as loihi")
    return workload.with_datatype(_datatype(arch))


def _datatype(arch: Arch) -> str:
    from hwsim.simulation.serving.system import system_of

    return system_of(arch).device.datatype


def _plan(arch: Arch, workload: Workload, choices: MappingChoices) -> Plan:
    """A step an operator, in the workload's order."""
    from hwsim.simulation.serving.execute import places_of

    places = places_of(arch, workload)
    return Plan(
        arch=arch.name,
        workload=workload.name,
        mapping=choices.name,
        datatype=_datatype(arch),
        steps=tuple(Step((Task(op.name, places[op.name]),), ()) for op in workload.operators),
        residencies=(),
        notes=workload.notes,
        arch_hash=arch.content_hash,
        workload_hash=workload.content_hash,
    )


def _verify(plan: Plan, arch: Arch, workload: Workload) -> None:
    """Every operator is where this machine runs it, once and after those it reads from; all fits the memory.

    Raises:
        InputError: one is not, or it does not fit.
    """
    from hwsim.simulation.serving.execute import check_room, places_of

    places, done = places_of(arch, workload), set[str]()
    for task in (task for step in plan.steps for task in step.tasks):
        name = task.operator
        if name not in workload.by_name or name in done:
            what = "does not have" if name not in workload.by_name else "runs once"
            raise InputError(f"the plan runs operator {name!r}, which {workload.name!r} {what}")
        if task.component != places[name]:
            raise InputError(f"the plan runs {name!r} on {task.component!r}; here it is on {places[name]!r}")
        for part in workload.by_name[name].inputs:
            producer = workload.producers.get(part.tensor, name)
            if producer not in done and producer != name:
                raise InputError(f"the plan runs {name!r} before {producer!r}, whose result it reads")
        done.add(name)
    missing = next((op.name for op in workload.operators if op.name not in done), None)
    if missing:
        raise InputError(f"the plan leaves out operator {missing!r}", hint="'hwsim map' makes a new plan")
    check_room(arch, workload)


def _execute(arch: Arch, workload: Workload, plan: Plan, fidelity: Fidelity) -> Execution:
    from hwsim.engines.gpu.processor import runs_kernels
    from hwsim.simulation.serving.execute import execute_model

    del plan  # there is nothing to choose beside what the machine's attributes say
    if fidelity == "event" and (runs_kernels(arch) or _in_stacks(arch)):
        what = "GPUs have" if runs_kernels(arch) else "stacks that spread heads over channels have"
        raise InputError(f"{what} no model at fidelity 'event'", hint="use 'analytical' or 'bound'")
    return execute_model(arch, workload, fidelity)


def _in_stacks(arch: Arch) -> bool:
    from hwsim.engines.pim.memory import ChannelMemory

    memory = arch.root.children[0].attributes
    return isinstance(memory, ChannelMemory) and memory.stack_unit is not None


WAY = Way(
    name="devices",
    particular=2,
    runs=is_system,
    prepare=_prepare,
    plan=_plan,
    verify=_verify,
    execute=_execute,
)
