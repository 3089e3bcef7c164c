"""Kernels one after another on one processor: times from the kernel models, bounds, actions, error bands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hwsim.arch.component import Component
from hwsim.arch.machine import Arch, memory_of
from hwsim.engines.gpu.bands import band_of
from hwsim.engines.gpu.calls import Call, price_calls
from hwsim.engines.gpu.datasheet import Datasheet
from hwsim.engines.gpu.processor import datasheet_of, processor_of
from hwsim.mapping.plan import Plan
from hwsim.mapping.vector import touched_bytes
from hwsim.simulation.bounds import Traffic, compulsory_traffic
from hwsim.simulation.execution import ActionCount, Bound, Execution, Fidelity, OperatorRun, Stalls
from hwsim.simulation.kernel_steps import Kernel, call_of
from hwsim.workload.operator import Operator
from hwsim.workload.workload import Workload

STARTING = 0.2
"""Share of a kernel's time that compute or memory must explain to be what bounds it."""
OVERHEAD = "launch and latency"


@dataclass(frozen=True, slots=True)
class Processor:
    """The parts of the machine, and what it can do."""

    memory: Component
    cache: Component
    cores: Component
    sheet: Datasheet

    @staticmethod
    def of(arch: Arch) -> Processor:
        """The parts of a machine of kernels."""
        cores, _ = processor_of(arch)
        memory, cache = arch.memories_above(cores.name)
        return Processor(memory, cache, cores, datasheet_of(arch))


@dataclass(frozen=True, slots=True)
class Timed:
    """A kernel, in cycles of the machine's clock: those it takes, those of its arithmetic and of the bytes
    that must come from or go to the memory, and its roofline with all its bytes.
    """

    kernel: Kernel
    call: Call | None
    cycles: float
    compute: float
    memory: float
    roofline: float

    @property
    def bound(self) -> float:
        """Cycles below which it cannot be."""
        return max(self.compute, self.memory)


def run_kernels(arch: Arch, workload: Workload, plan: Plan, fidelity: Fidelity) -> Execution:
    """Run a plan of kernels; ``bound`` takes each at its roofline.

    Raises:
        InputError: an operator has no kernel on the processor.
    """
    machine = Processor.of(arch)
    kernels = [tuple(workload.by_name[task.operator] for task in step.tasks) for step in plan.steps]
    compulsory = compulsory_traffic(workload)
    timed = _timed(arch, machine, workload, kernels, compulsory, fidelity)
    bounds = _bounds(machine, timed)
    cycles = max(sum(each.cycles for each in timed), *(bound.cycles for bound in bounds))
    runs: list[OperatorRun] = []
    now = 0.0
    for number, each in enumerate(timed):
        runs += [_run(machine, workload, each, op, number, now) for op in each.kernel]
        now += each.cycles
    return Execution(
        fidelity=fidelity,
        cycles=cycles,
        operators=tuple(runs),
        bounds=bounds,
        compulsory_dram_bytes=sum(traffic.bytes for traffic in compulsory.values()),
        busy=_busy(machine, timed),
        bands=_bands(machine, arch, timed),
    )


def _timed(
    arch: Arch,
    machine: Processor,
    workload: Workload,
    kernels: Sequence[Kernel],
    compulsory: Mapping[str, Traffic],
    fidelity: Fidelity,
) -> list[Timed]:
    calls = [call_of(workload, kernel) for kernel in kernels]
    priced = price_calls(arch, [call for call in calls if call])
    times = iter(zip(priced.estimated.tolist(), priced.roofline.tolist(), strict=True))
    found = []
    for kernel, call in zip(kernels, calls, strict=True):
        seconds, roofline = next(times) if call else (0.0, 0.0)
        compute = sum(op.macs for op in kernel) / _macs_per_s(machine, call)
        memory = sum(compulsory[op.name].bytes for op in kernel) / machine.sheet.bandwidth
        least = max(compute, memory)
        cycles = least if fidelity == "bound" else max(seconds, least)
        found.append(
            Timed(kernel, call, *(each * arch.clock for each in (cycles, compute, memory, roofline)))
        )
    return found


def _macs_per_s(machine: Processor, call: Call | None) -> float:
    peaks = machine.sheet.peaks
    return peaks.get(call.datatype if call else "", max(peaks.values())) / 2.0


def _bounds(machine: Processor, timed: Sequence[Timed]) -> tuple[Bound, ...]:
    compute, memory = sum(each.compute for each in timed), sum(each.memory for each in timed)
    return (Bound(machine.cores.name, "compute", compute), Bound(machine.memory.name, "bandwidth", memory))


def _run(
    machine: Processor, workload: Workload, timed: Timed, op: Operator, step: int, start: float
) -> OperatorRun:
    """One operator; the first of a kernel has its time."""
    leads = op is timed.kernel[0]
    cycles = timed.cycles if leads else 0.0
    compute = min(timed.compute, timed.cycles) if leads else 0.0
    outer, inner = _moved(machine, workload, timed, op)
    bound_by = _bound_by(machine, timed)
    waits = (
        Stalls(bandwidth=cycles - compute)
        if bound_by == machine.memory.name
        else Stalls(fill=cycles - compute)
    )
    traffic = {machine.memory.name: outer.bytes, machine.cache.name: inner.bytes}
    return OperatorRun(
        name=op.name,
        kind=op.kind,
        component=machine.cores.name,
        step=step,
        start=start,
        cycles=cycles,
        compute_cycles=compute,
        stalls=waits,
        bound_by=bound_by if leads else f"fused into {timed.kernel[0].name}",
        lower_bound_cycles=timed.bound if leads else 0.0,
        macs=op.macs,
        peak_macs=round(_macs_per_s(machine, timed.call) / machine.cores.clock) if op.macs else 0,
        dram_bytes=outer.bytes,
        traffic=tuple((name, size) for name, size in traffic.items() if size),
        actions=_actions(machine, timed, op, outer, inner),
        mapping=_mapping(timed.call) if leads else None,
    )


def _bound_by(machine: Processor, timed: Timed) -> str:
    if max(timed.bound, timed.roofline) < STARTING * timed.cycles:
        return OVERHEAD
    if timed.compute >= 0.5 * timed.roofline:
        return "compute"
    return machine.memory.name if timed.memory else machine.cache.name


def _moved(machine: Processor, workload: Workload, timed: Timed, op: Operator) -> tuple[Traffic, Traffic]:
    """Traffic of the memory and of the cache: results that fit the cache are found there by their readers."""
    inside = {out.tensor for other in timed.kernel[:-1] for out in other.outputs}
    outer, inner = Traffic(), Traffic()
    for part, writes in (*((part, False) for part in op.inputs), *((part, True) for part in op.outputs)):
        if part.tensor in inside:
            continue
        tensor, size = workload.tensors[part.tensor], touched_bytes(op, part, workload.tensors)
        traffic = Traffic(0, size) if writes else Traffic(size, 0)
        inner += traffic
        if tensor.kind != "activation" or tensor.bytes > machine.sheet.l2:
            outer += traffic
    return outer, inner


def _actions(
    machine: Processor, timed: Timed, op: Operator, outer: Traffic, inner: Traffic
) -> tuple[ActionCount, ...]:
    moved = [
        (part, action, -(-size // memory_of(part).width))
        for part, traffic in ((machine.memory, outer), (machine.cache, inner))
        for action, size in (("read", traffic.reads), ("write", traffic.writes))
    ]
    datatype = timed.call.datatype if timed.call else "fp32"
    work = [(f"mac_{datatype}", op.macs), ("scalar", sum(count for _, count in op.functions))]
    found = [ActionCount(part.name, action, "data", count) for part, action, count in moved if count]
    return (
        *found,
        *(ActionCount(machine.cores.name, name, "compute", count) for name, count in work if count),
    )


def _mapping(call: Call | None) -> str | None:
    return f"{call.operator} {call.datatype} {call.dimensions}" if call else None


def _busy(machine: Processor, timed: Sequence[Timed]) -> tuple[tuple[str, float], ...]:
    busy = {
        machine.cores.name: sum(each.cycles for each in timed),
        machine.memory.name: sum(each.memory for each in timed),
    }
    return tuple(sorted(busy.items()))


def _bands(machine: Processor, arch: Arch, timed: Sequence[Timed]) -> dict[str, str]:
    """What is known of the error of every operator that has a kernel."""
    return {
        op.name: band_of(machine.sheet, each.call, each.cycles / arch.clock)
        for each in timed
        for op in each.kernel
        if each.call
    }
