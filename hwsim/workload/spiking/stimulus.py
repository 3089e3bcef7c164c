"""Spike trains of input neurons: from a table, or random with a seed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hwsim.workload.spiking.network import SpikingNetwork
from hwsim.workload.spiking.tables import read_trains

if TYPE_CHECKING:
    from hwsim.workload.spiking.network import Ints


def trains_in(path: Path, network: SpikingNetwork, inputs: int) -> tuple[Ints, Ints]:
    """The trains in a CSV table (``id,steps``) of the first ``inputs`` neurons: begins, and steps from 1.

    Raises:
        InputError: the table is at fault, or names a neuron that is no input.
    """
    import numpy as np

    begin, trains = read_trains(path, network.ids[:inputs])
    none = np.full(network.neurons - inputs, begin[-1], dtype=np.int64)
    return np.concatenate((begin, none)), trains


def random_trains(network: SpikingNetwork, inputs: int, rate: float) -> tuple[Ints, Ints]:
    """Trains in which each of the first ``inputs`` neurons fires in a step with probability ``rate``."""
    import numpy as np

    found, generator = [], np.random.default_rng(network.seed)
    counts = np.zeros(network.neurons, dtype=np.int64)
    for neuron in range(inputs):
        fires = generator.random(network.timesteps) < rate
        found.append(np.flatnonzero(fires) + 1)
        counts[neuron] = len(found[-1])
    trains = np.concatenate(found) if found else np.zeros(0)
    return np.concatenate(([0], np.cumsum(counts))), trains.astype(np.int64)
