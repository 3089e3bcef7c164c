"""A run on neuromorphic cores as an execution: one row a population, times in fractions of cycles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hwsim.engines.neuromorphic.chip import Chip
from hwsim.engines.neuromorphic.counts import counts_by_population
from hwsim.engines.neuromorphic.run import SpikeRun, resting_run, run_network
from hwsim.mapping.plan import Plan
from hwsim.simulation.execution import ActionCount, Bound, Execution, Fidelity, OperatorRun, Stalls
from hwsim.simulation.spiking_tables import spiking_tables
from hwsim.workload.spiking.network import SpikingNetwork

if TYPE_CHECKING:
    from hwsim.workload.spiking.network import Floats, Ints

KIND = "spiking"
_TENSORS = {"soma": "state", "dendrite": "state", "synapse": "weight"}
"""What an event touches, by the part of a core; messages and hops carry spikes."""


def execute_spiking(chip: Chip, network: SpikingNetwork, plan: Plan, fidelity: Fidelity) -> Execution:
    """Run a network where the plan places it.

    An operator is a population. All are at work in every time step, so each takes the whole run; its compute
    cycles are those of the core that works longest for it. At ``bound`` no neuron fires.
    """
    cores = np.array(plan.cores, dtype=np.int64)
    run = (resting_run if fidelity == "bound" else run_network)(chip, network, cores)
    steps = (run.record.detailed if fidelity == "event" else run.record.simple) + run.barrier
    bounds = _bounds(chip, run, cores)
    cycles = max(float(steps.sum()) * chip.arch.clock, *(bound.cycles for bound in bounds))
    return Execution(
        fidelity=fidelity,
        cycles=cycles,
        operators=_operators(chip, network, run, cores, cycles),
        bounds=bounds,
        compulsory_dram_bytes=0,
        busy=_busy(chip, run, cycles),
        tables={} if fidelity == "bound" else {KIND: spiking_tables(chip, network, run, cores, steps)},
        bands=_bands(chip, network, fidelity),
    )


def _bands(chip: Chip, network: SpikingNetwork, fidelity: Fidelity) -> dict[str, str]:
    """What was compared holds for links told by density; by flits there is no reference."""
    if fidelity != "event" or chip.mesh.flits is None:
        return {}
    return dict.fromkeys((each.name for each in network.populations), "flit by flit: no reference")


def _bounds(chip: Chip, run: SpikeRun, cores: Ints) -> tuple[Bound, ...]:
    """Least times: of the barriers, of visiting every neuron, and of the busiest core in each step."""
    visits = np.bincount(cores, weights=run.program.cores.visit_latency, minlength=len(chip.cores))
    clock, mesh = chip.arch.clock, chip.component.name
    barriers = run.steps * run.barrier
    return (
        Bound(mesh, "barriers", barriers * clock),
        Bound(mesh, "barriers and visits to every neuron", (barriers + run.steps * visits.max()) * clock),
        Bound(
            mesh, "barriers and the busiest core of each step", (barriers + run.record.simple.sum()) * clock
        ),
    )


def _operators(
    chip: Chip, network: SpikingNetwork, run: SpikeRun, cores: Ints, cycles: float
) -> tuple[OperatorRun, ...]:
    counts = counts_by_population(run, network)
    work = _work(chip, network, run, cores) * chip.arch.clock
    bound_by = _bound_by(run)
    return tuple(
        OperatorRun(
            name=population.name,
            kind=KIND,
            component=chip.component.name,
            step=0,
            start=0,
            cycles=cycles,
            compute_cycles=min(float(work[number]), cycles),
            stalls=Stalls(waiting=cycles - min(float(work[number]), cycles)),
            bound_by=bound_by,
            lower_bound_cycles=min(float(work[number]), cycles),
            macs=0,
            peak_macs=0,
            dram_bytes=0,
            traffic=(),
            actions=tuple(
                ActionCount(kind.component, kind.action, _TENSORS.get(kind.bucket, "spike"), int(count))
                for kind, count in zip(counts.kinds, counts.table[number], strict=True)
                if count
            ),
            mapping=_mapping(network, cores, number),
        )
        for number, population in enumerate(network.populations)
    )


def _work(chip: Chip, network: SpikingNetwork, run: SpikeRun, cores: Ints) -> Floats:
    """Seconds that the busiest core of each population works for its neurons, messages sent included."""
    arrays, record = run.program.cores, run.record
    sends = np.diff(arrays.message_begin) * arrays.send_latency[cores]
    own = (
        run.steps * arrays.visit_latency
        + record.updates_of * arrays.update_latency
        + record.spikes_of * (arrays.spike_latency + sends)
    )
    table = np.zeros((len(network.populations), len(chip.cores)))
    np.add.at(table, (network.population, cores), own)
    return np.asarray(table.max(axis=1))


def _bound_by(run: SpikeRun) -> str:
    """What takes most of the time: the barrier, full links, or cores that send or receive."""
    record = run.record
    receiving = record.busiest % 2 == 1
    causes = {
        "sending": float(record.simple[~receiving].sum()),
        "receiving": float(record.simple[receiving].sum()),
        "barrier": run.steps * run.barrier,
        "network": float((record.detailed - record.simple).sum()),
    }
    return max(causes, key=lambda cause: causes[cause])


def _busy(chip: Chip, run: SpikeRun, cycles: float) -> tuple[tuple[str, float], ...]:
    """Cycles that the busiest core of each kind works, sending or receiving."""
    most = np.maximum(run.record.sent, run.record.received) * chip.arch.clock
    busy: dict[str, float] = {chip.component.name: cycles}
    for core, work in zip(chip.cores, most.tolist(), strict=True):
        name = core.kind.component.name
        busy[name] = max(busy.get(name, 0.0), min(work, cycles))
    return tuple(sorted(busy.items()))


def _mapping(network: SpikingNetwork, cores: Ints, population: int) -> str:
    used = np.unique(cores[network.population == population])
    count = int((network.population == population).sum())
    return (
        f"{count} neurons on {len(used)} cores, {used.min()} to {used.max()}" if len(used) else "no neurons"
    )
