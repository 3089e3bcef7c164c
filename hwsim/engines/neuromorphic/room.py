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


@dataclass(frozen=True, eq=False)
class Room:
    """By neuron and resource (``RESOURCES``) the demand, by core and resource the limit.

    Where kinds of cores keep things differently, the demand is that of the kind that needs most.
    """

    demand: Floats
    limit: Floats


def room_of(chip: Chip, network: SpikingNetwork, inputs: NDArray[np.bool_]) -> Room:
    """The room that a network takes on a chip; ``inputs`` are its input neurons."""
    synapses = np.bincount(network.target, minlength=network.neurons)
    synapse = max(bytes_per_synapse(kind, network) for kind in chip.kinds)
    neuron = max(bytes_per_neuron(unit) for kind in chip.kinds for unit in kind.somas)
    ones = np.ones(network.neurons)
    return Room(
        demand=np.stack([ones, inputs.astype(np.float64), synapse * synapses, neuron * ones], axis=1),
        limit=np.stack(
            [
                limits(chip, "neurons"),
                input_limits(chip),
                limits(chip, "synapse_memory"),
                limits(chip, "neuron_memory"),
            ],
            axis=1,
        ),
    )
