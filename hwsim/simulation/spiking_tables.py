"""What a run on neuromorphic cores has to say beyond time and actions: spikes, steps, cores."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

from hwsim.engines.neuromorphic.chip import Chip
from hwsim.engines.neuromorphic.counts import Counts, counts_by_step
from hwsim.engines.neuromorphic.raster import raster_text
from hwsim.engines.neuromorphic.run import SpikeRun
from hwsim.workload.spiking.network import SpikingNetwork

if TYPE_CHECKING:
    from hwsim.workload.spiking.network import Floats, Ints

MOST_SPIKES_LISTED = 100_000
"""Above so many spikes the raster is told by its hash alone."""


def spiking_tables(
    chip: Chip, network: SpikingNetwork, run: SpikeRun, cores: Ints, steps: Floats
) -> dict[str, Any]:
    """Totals, a row for each time step, a row for each core in use, and the raster.

    Args:
        chip: the machine.
        network: what was run.
        run: the finished run.
        cores: the core of each neuron.
        steps: seconds of each time step, the barrier included.
    """
    counts = counts_by_step(run)
    per_step = _steps(counts, run, steps)
    return {
        "neurons": network.neurons,
        "synapses": network.synapses,
        "timesteps": run.steps,
        "spikes": run.spikes,
        "updates": int(run.record.updates.sum()),
        "packets": int(counts.of("axon_out").sum()),
        "hops": int(counts.of("hop").sum()),
        "synaptic_ops": int(counts.of("synapse").sum()),
        "spike_rate": run.spikes / (network.neurons * run.steps),
        "bottleneck": _bottleneck(run),
        "barrier_s": run.barrier,
        "steps": per_step,
        "cores": _cores(chip, network, run, cores),
        "raster_sha256": hashlib.sha256(raster_text(run, network).encode()).hexdigest(),
        "raster": _raster(run, network),
    }


def _steps(counts: Counts, run: SpikeRun, steps: Floats) -> dict[str, list[float]]:
    """Columns over the time steps."""
    return {
        "spikes": np.diff(run.begin).tolist(),
        "updates": run.record.updates.sum(axis=1).tolist(),
        "packets": counts.of("axon_out").tolist(),
        "hops": counts.of("hop").tolist(),
        "synaptic_ops": counts.of("synapse").tolist(),
        "latency_s": steps.tolist(),
        "bottleneck_core": (run.record.busiest // 2).tolist(),
    }


def _bottleneck(run: SpikeRun) -> dict[str, Any]:
    """The core that is busiest in most of the time, and with what."""
    time = np.bincount(run.record.busiest, weights=run.record.simple)
    worst = int(np.argmax(time))
    total = float(run.record.simple.sum())
    return {
        "core": worst // 2,
        "doing": "receiving" if worst % 2 else "sending",
        "fraction": float(time[worst]) / total if total else 0.0,
    }


def _cores(chip: Chip, network: SpikingNetwork, run: SpikeRun, cores: Ints) -> list[dict[str, Any]]:
    """Every core with neurons: where it is, what it did, how long it sent and received."""
    neurons = np.bincount(cores, minlength=len(chip.cores))
    spikes = np.bincount(cores, weights=run.record.spikes_of, minlength=len(chip.cores))
    synapses = np.bincount(cores[network.target], minlength=len(chip.cores))
    return [
        {
            "core": number,
            "tile": core.tile,
            "x": core.tile // chip.mesh.height,
            "y": core.tile % chip.mesh.height,
            "neurons": int(neurons[number]),
            "synapses": int(synapses[number]),
            "spikes": int(spikes[number]),
            "sending_s": float(run.record.sent[number]),
            "receiving_s": float(run.record.received[number]),
        }
        for number, core in enumerate(chip.cores)
        if neurons[number]
    ]


def _raster(run: SpikeRun, network: SpikingNetwork) -> dict[str, list[int]] | None:
    """Who fired in which step, from 1; None where that are too many to list."""
    if run.spikes > MOST_SPIKES_LISTED:
        return None
    steps = np.repeat(np.arange(1, run.steps + 1), np.diff(run.begin))
    return {"step": steps.tolist(), "neuron": network.ids[run.fired].tolist()}
