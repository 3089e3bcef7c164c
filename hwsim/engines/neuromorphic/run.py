"""Running a network on a chip, and what the run leaves behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hwsim.engines.neuromorphic.arrays import Positions, Record
from hwsim.engines.neuromorphic.chip import Chip
from hwsim.engines.neuromorphic.program import Program, program_of
from hwsim.engines.neuromorphic.step_kernels import run_steps
from hwsim.workload.spiking.network import SpikingNetwork

if TYPE_CHECKING:
    from hwsim.workload.spiking.network import Ints


@dataclass(frozen=True, eq=False)
class SpikeRun:
    """A finished run: who fired in step t (from 0) is ``fired[begin[t]:begin[t + 1]]``, positions in the
    network's ``ids``; ``barrier`` is the seconds at the end of each step, which ``record`` leaves out.
    """

    program: Program
    begin: Ints
    fired: Positions
    record: Record
    barrier: float

    @property
    def steps(self) -> int:
        """Time steps."""
        return len(self.record.simple)

    @property
    def spikes(self) -> int:
        """How often any neuron fired."""
        return len(self.fired)


def run_network(chip: Chip, network: SpikingNetwork, cores: Ints) -> SpikeRun:
    """Run a network, spike by spike; the same inputs always give the same bits.

    Args:
        chip: the machine.
        network: neurons, synapses, spike trains and how many steps.
        cores: the core of each neuron.

    Raises:
        InputError: a core lacks a unit or a neuron model.
    """
    return run_program(chip, network, cores, program_of(chip, network, cores))


def run_program(chip: Chip, network: SpikingNetwork, cores: Ints, program: Program) -> SpikeRun:
    """Run what :func:`hwsim.engines.neuromorphic.program.program_of` made of the same arguments."""
    record = _empty_record(chip, network, program)
    begin, fired = run_steps(
        program.neurons,
        program.synapses,
        program.cores,
        program.messages,
        program.routes,
        float(chip.mesh.link_buffer),
        -1.0 if chip.mesh.flits is None else chip.mesh.flits * chip.mesh.flit_latency,
        program.places,
        record,
    )
    return SpikeRun(program, begin, fired, record, _barrier(chip, cores))


def resting_run(chip: Chip, network: SpikingNetwork, cores: Ints) -> SpikeRun:
    """What every run has though no neuron is updated or fires: each is visited in every step.

    The arguments are those of :func:`run_network`.
    """
    program = program_of(chip, network, cores)
    record = _empty_record(chip, network, program)
    visits = np.bincount(cores, weights=program.cores.visit_latency, minlength=len(chip.cores))
    for times in (record.simple, record.detailed):
        times[:] = visits.max()
    record.busiest[:] = 2 * int(np.argmax(visits))
    record.sent[:] = visits * network.timesteps
    begin = np.zeros(network.timesteps + 1, dtype=np.int64)
    return SpikeRun(program, begin, np.zeros(0, dtype=np.int32), record, _barrier(chip, cores))


def _barrier(chip: Chip, cores: Ints) -> float:
    return chip.barrier(len({chip.cores[core].tile for core in np.unique(cores)}))


def _empty_record(chip: Chip, network: SpikingNetwork, program: Program) -> Record:
    steps, neurons, cores = network.timesteps, network.neurons, len(chip.cores)
    return Record(
        events=np.zeros((steps, len(program.events.per_spike)), dtype=np.int64),
        updates=np.zeros((steps, len(program.events.somas)), dtype=np.int64),
        simple=np.zeros(steps),
        detailed=np.zeros(steps),
        busiest=np.zeros(steps, dtype=np.int64),
        spikes_of=np.zeros(neurons, dtype=np.int64),
        updates_of=np.zeros(neurons, dtype=np.int64),
        sent=np.zeros(cores),
        received=np.zeros(cores),
    )
