"""Kernels on a GPU or CPU, one after another as libraries run them; gated activations fused."""

from __future__ import annotations

from hwsim.arch.machine import Arch
from hwsim.engines.gpu.processor import datasheet_of, processor_of, runs_kernels
from hwsim.mapping.choices import MappingChoices
from hwsim.mapping.fused.groups import AttentionGroup
from hwsim.mapping.plan import Plan, Step, Task
from hwsim.simulation.execution import Execution, Fidelity
from hwsim.simulation.way import Way
from hwsim.spec.errors import InputError
from hwsim.workload.workload import Workload

PREFERRED = ("bf16", "fp16", "fp32")
"""Datatype of tensors that have none: the first that the processor has a fast rate for."""


def _prepare(arch: Arch, workload: Workload) -> Workload:
    """The workload in the processor's datatype."""
    if workload.network is not None:
        message = f"workload {workload.name!r} is a network of neurons, machine {arch.name!r} runs kernels"
        raise InputError(message, hint="run it on one of 'hwsim list arch' with cores for it, such as loihi")
    return workload.with_datatype(_datatype(arch))


def _datatype(arch: Arch) -> str:
    peaks = datasheet_of(arch).peaks
    return max((name for name in PREFERRED if name in peaks), key=lambda name: peaks[name], default="fp32")


def _plan(arch: Arch, workload: Workload, choices: MappingChoices) -> Plan:
    """A step a kernel, in the workload's order.

    Raises:
        InputError: attention is to be divided between two arrays.
    """
    from hwsim.simulation.fastest_kernels import fastest_attentions
    from hwsim.simulation.kernel_steps import attentions_of

    attentions = attentions_of(workload)
    if choices.attention in ("flat", "fusemax") and attentions:
        raise InputError(
            f"machine {arch.name!r} runs the kernels of a library: it has no matrix engine and vector unit "
            f"between which a mapping such as {choices.attention!r} could divide attention",
            hint="'--mapping auto' takes the faster of one kernel and one an operator, 'unfused' the latter",
        )
    if choices.attention == "unfused":
        attentions = ()
    elif choices.attention == "auto" and attentions:
        whole, apart = (_kernel_plan(arch, workload, choices, each) for each in (attentions, ()))
        attentions = fastest_attentions(arch, workload, whole, apart)
    return _kernel_plan(arch, workload, choices, attentions)


def _kernel_plan(
    arch: Arch, workload: Workload, choices: MappingChoices, attentions: tuple[AttentionGroup, ...]
) -> Plan:
    """The plan with each of these attentions in one kernel."""
    from hwsim.simulation.kernel_steps import kernels_of

    cores, _ = processor_of(arch)
    kernels = kernels_of(workload, attentions)
    steps = tuple(Step(tuple(Task(op.name, cores.name) for op in kernel), ()) for kernel in kernels)
    return Plan(
        arch=arch.name,
        workload=workload.name,
        mapping=choices.name,
        datatype=_datatype(arch),
        steps=steps,
        residencies=(),
        notes=workload.notes,
        arch_hash=arch.content_hash,
        workload_hash=workload.content_hash,
    )


def _verify(plan: Plan, arch: Arch, workload: Workload) -> None:
    """Every operator is in one kernel, after those it reads from; and everything fits the memory.

    Raises:
        InputError: one is not, or it does not.
    """
    done: set[str] = set()
    for step in plan.steps:
        names = [task.operator for task in step.tasks]
        for name in names:
            _check_operator(name, done, {*names}, workload)
            done.add(name)
    missing = next((op.name for op in workload.operators if op.name not in done), None)
    if missing:
        raise InputError(f"the plan leaves out operator {missing!r}", hint="'hwsim map' makes a new plan")
    _check_room(arch, workload)


def _check_operator(name: str, done: set[str], together: set[str], workload: Workload) -> None:
    """It runs once, after all it reads, unless one kernel does it together with that."""
    if name not in workload.by_name or name in done:
        what = "does not have" if name not in workload.by_name else "runs once"
        raise InputError(f"the plan runs operator {name!r}, which {workload.name!r} {what}")
    for part in workload.by_name[name].inputs:
        producer = workload.producers.get(part.tensor, name)
        if producer not in done | together:
            raise InputError(f"the plan runs {name!r} before {producer!r}, whose result it reads")


def _check_room(arch: Arch, workload: Workload) -> None:
    """Weights, inputs and states must be in the memory together."""
    needed = sum(tensor.bytes for tensor in workload.tensors.values() if tensor.kind != "activation")
    room = datasheet_of(arch).capacity
    if needed > room:
        message = f"{workload.name!r} needs {needed / 1e9:.4g} GB, {arch.name!r} has {room / 1e9:.4g} GB"
        raise InputError(message, hint="fewer or narrower weights, a smaller batch, or another machine")


def _execute(arch: Arch, workload: Workload, plan: Plan, fidelity: Fidelity) -> Execution:
    from hwsim.simulation.kernel_run import run_kernels

    if fidelity == "event":
        raise InputError(
            "GPUs and CPUs have no model at fidelity 'event'", hint="use 'analytical' or 'bound'"
        )
    return run_kernels(arch, workload, plan, fidelity)


WAY = Way(
    name="kernels",
    particular=1,
    runs=runs_kernels,
    prepare=_prepare,
    plan=_plan,
    verify=_verify,
    execute=_execute,
)
