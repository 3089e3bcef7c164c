"""One iteration of a workload on a system as an execution: operators with times, actions and bounds."""

from __future__ import annotations

from collections.abc import Mapping

from hwsim.arch.machine import Arch
from hwsim.simulation.execution import Bound, Execution, Fidelity, OperatorRun
from hwsim.simulation.serving.actions import Accountant
from hwsim.simulation.serving.assignment import Channels
from hwsim.simulation.serving.capacity import check_fits, room_of
from hwsim.simulation.serving.iteration import Iteration, Timer
from hwsim.simulation.serving.neural import NeuralDevice
from hwsim.simulation.serving.operators import operator_runs, places_in
from hwsim.simulation.serving.pieces import Pieces, pieces_of
from hwsim.simulation.serving.stages import Model, StageTime
from hwsim.simulation.serving.system import System, system_of
from hwsim.simulation.serving.tables import serving_tables
from hwsim.workload.workload import Workload

BANDS = {
    "banks": "+-1.3 % cycles (NewtonSim, 22 runs); layout of NeuPIMs",
    "npu": "formula: NeuPIMs' array rule, unvalidated",
    "gpu": "kernel models of the GPU, see 'hwsim validate gpu'",
}


def places_of(arch: Arch, workload: Workload) -> Mapping[str, str]:
    """The component that each operator runs on."""
    return places_in(system_of(arch), pieces_of(workload))


def check_room(arch: Arch, workload: Workload) -> None:
    """Refuse a model, or caches, that do not fit.

    Raises:
        InputError: with how many gigabytes lack.
    """
    system, pieces = system_of(arch), pieces_of(workload)
    if not pieces.attentions:
        return
    shape = pieces.attentions[0].shape
    room = room_of(system, shape, len(pieces.attentions), pieces.weight_bytes)
    check_fits(system, room, Timer(system).assigned(shape, [shape.keys] * shape.sequences))


def execute_model(arch: Arch, workload: Workload, fidelity: Fidelity) -> Execution:
    """Run an iteration; ``bound`` takes its lower bounds, ``event`` every command of every channel."""
    system, pieces = system_of(arch), pieces_of(workload)
    timer = Timer(system, commands=fidelity == "event")
    model, channels = microbatch(timer, pieces)
    iteration = timer.iteration(model, channels)
    accountant = Accountant(system, workload, iteration, _in_banks(timer, model))
    bounds = _bounds(system, workload, accountant)
    least = max(bound.cycles for bound in bounds)
    if fidelity == "bound":
        iteration = _shortened(iteration, least / arch.clock)
    cycles = max(iteration.seconds * arch.clock, least)
    runs = operator_runs(timer, pieces, iteration, accountant)
    return Execution(
        fidelity=fidelity,
        cycles=cycles,
        operators=runs,
        bounds=bounds,
        compulsory_dram_bytes=sum(accountant.least_bytes(op) for op in workload.operators),
        busy=_busy(system, iteration, cycles),
        tables={
            "serving": serving_tables(timer, pieces, iteration, model, channels, runs, cycles / arch.clock)
        },
        bands=_bands(system, pieces, runs),
    )


def microbatch(timer: Timer, pieces: Pieces) -> tuple[Model, Channels]:
    """What one group of devices has at a time: of several groups each has its share of the batch."""
    groups = timer.system.groups
    sequences = pieces.attentions[0].shape.sequences if pieces.attentions else 1
    whole = Model(
        tuple(tuple(piece.shape for piece in segment) for segment in pieces.segments),
        tuple(each.shape for each in pieces.attentions),
        sequences,
    )
    share = -(-sequences // groups)
    model = whole.part(share) if groups > 1 else whole
    if not pieces.attentions:
        return model, ((),)
    shape = pieces.attentions[0].shape
    return model, timer.assigned(shape, [shape.keys] * share)


def _in_banks(timer: Timer, model: Model) -> bool:
    decodes = bool(model.attentions) and all(shape.tokens == 1 for shape in model.attentions)
    return timer.in_banks is not None and decodes


def _shortened(iteration: Iteration, seconds: float) -> Iteration:
    """The same stages, each as much shorter as makes them all take ``seconds``."""
    factor = min(1.0, seconds / iteration.seconds) if iteration.seconds else 1.0
    times = (StageTime(*(factor * part for part in (t.seconds, t.npu, t.pim))) for t in iteration.times)
    return Iteration(iteration.stages, tuple(times))


def _bounds(system: System, workload: Workload, accountant: Accountant) -> tuple[Bound, ...]:
    """Least cycles: of all arithmetic on all devices, of all bytes over all memory boundaries."""
    clock, device, devices = system.arch.clock, system.device, system.devices
    macs = sum(op.macs for op in workload.operators if not accountant.in_memory(op))
    moved = sum(accountant.least_bytes(op) for op in workload.operators)
    memory = system.memory.name
    found = [
        Bound(device.engine, "compute", macs / device.peak_macs / devices * clock),
        Bound(memory, "bandwidth", moved / device.peak_bandwidth / devices * clock),
    ]
    if accountant.banks and isinstance(device, NeuralDevice):
        inside = accountant.cached_bytes() / device.inner_bandwidth / devices
        found.append(Bound(memory, "bandwidth inside the banks", inside * clock))
    return tuple(found)


def _busy(system: System, iteration: Iteration, cycles: float) -> tuple[tuple[str, float], ...]:
    clock = system.arch.clock
    device = system.device
    busy = {system.memory.name: min(cycles, iteration.seconds * clock)}
    if isinstance(device, NeuralDevice):
        busy[device.npu.array] = min(cycles, iteration.npu * clock)
    return tuple(sorted(busy.items()))


def _bands(system: System, pieces: Pieces, runs: tuple[OperatorRun, ...]) -> dict[str, str]:
    attended = {op.name for each in pieces.attentions for op in each.operators}
    kind = "npu" if isinstance(system.device, NeuralDevice) else "gpu"
    memory = system.memory.name
    return {
        run.name: BANDS["banks" if run.name in attended and run.component == memory else kind] for run in runs
    }
