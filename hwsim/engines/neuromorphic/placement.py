"""Which core each neuron is on, checked against what the cores hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hwsim.engines.neuromorphic.capacity import check_capacity
from hwsim.engines.neuromorphic.chip import Chip
from hwsim.spec.errors import InputError
from hwsim.workload.spiking.network import SpikingNetwork

if TYPE_CHECKING:
    from hwsim.workload.spiking.network import Ints


def placed(chip: Chip, network: SpikingNetwork) -> Ints:
    """The cores that a network fixes its neurons to.

    Raises:
        InputError: a neuron has no core, or one that the chip does not have, or more is on a core than fits.
    """
    cores = network.cores
    beyond = np.flatnonzero((cores < 0) | (cores >= len(chip.cores)))
    if len(beyond):
        neuron, core = network.ids[beyond[0]], cores[beyond[0]]
        where = "no core" if core < 0 else f"core {core}"
        message = f"neuron {neuron} is on {where}; {chip.arch.name!r} has cores 0 to {len(chip.cores) - 1}"
        raise InputError(message)
    check_capacity(chip, network, cores)
    return cores
