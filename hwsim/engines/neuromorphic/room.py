"""What each neuron takes of a core's room, and how much room each core has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hwsim.engines.neuromorphic.capacity import (
    bytes_per_neuron,
    bytes_per_synapse,
    input_limits,
    limits,
)
from hwsim.engines.neuromorphic.chip import Chip
from hwsim.workload.spiking.network import SpikingNetwork

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hwsim.workload.spiking.network import Floats

RESOURCES = ("neurons", "input neurons", "bytes of synapses", "bytes of neurons")
ATTRIBUTES = ("neurons", "neurons", "synapse_memory", "neuron_memory")
"""The attributes of a core that limit them."""


@dataclass(frozen=True, eq=False)
class Room:
    """By neuron and resource (``RESOURCES``) the demand, by core and resource the limit.

    Where kinds of cores keep things differently, the demand is that of the kind that needs most.
    """

    demand: Floats
    limit: Floats


def room_of(chip: Chip, network: SpikingNetwork, inputs: NDArray[np.bool_]) -> Room:
    """The room that a network takes on a chip; ``inputs`` are its input neurons."""
    synapse = max(bytes_per_synapse(kind, network) for kind in chip.kinds)
    synapses = _own_synapses(network, synapse, limits(chip, "synapse_memory"))
    memory = limits(chip, "synapse_memory") - synapse * _shared_words(network, synapses)
    neuron = max(bytes_per_neuron(unit) for kind in chip.kinds for unit in kind.somas)
    ones = np.ones(network.neurons)
    return Room(
        demand=np.stack([ones, inputs.astype(np.float64), synapse * synapses, neuron * ones], axis=1),
        limit=np.stack(
            [
                limits(chip, "neurons"),
                input_limits(chip),
                memory,
                limits(chip, "neuron_memory"),
            ],
            axis=1,
        ),
    )


def _own_synapses(network: SpikingNetwork, size: float, memory: Floats) -> Floats:
    """Weights that each neuron needs for itself: none where every core has room for all shared weights twice
    over, else all of its synapses, which is more than it takes.
    """
    counts = np.bincount(network.target, minlength=network.neurons).astype(np.float64)
    if network.word is None:
        return counts
    shared = size * len(np.unique(network.word))
    return np.zeros_like(counts) if 2 * shared <= memory.min() else counts


def _shared_words(network: SpikingNetwork, own: Floats) -> int:
    """Weights that every core keeps for all of its neurons."""
    return 0 if network.word is None or own.any() else len(np.unique(network.word))
