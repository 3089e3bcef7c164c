"""What each neuron asks of a core, and what each core has."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from hwsim.engines.neuromorphic.arrays import Cores, Flags
from hwsim.engines.neuromorphic.chip import Chip, CoreKind
from hwsim.engines.neuromorphic.placement_kernels import WORK
from hwsim.engines.neuromorphic.room import ATTRIBUTES, RESOURCES, room_of
from hwsim.engines.neuromorphic.run import run_network
from hwsim.engines.neuromorphic.units import core_units, soma_for
from hwsim.spec.errors import InputError
from hwsim.workload.spiking.models import NEURON_MODELS
from hwsim.workload.spiking.network import Population, SpikingNetwork

if TYPE_CHECKING:
    from hwsim.workload.spiking.network import Floats, Ints

LEAST_TRIED, MOST_TRIED = 24, 20_000_000
"""Steps that are run at least to see how often each neuron fires; neurons x steps that are run at most."""
LEAST_RATE = 1e-3
"""Spikes a step of a neuron that was not seen to fire."""


@dataclass(frozen=True, eq=False)
class Demand:
    """By neuron and resource the demand, by core and resource the limit: seconds of work
    a step, sending and receiving, then what is in ``RESOURCES``.

    ``allowed`` says which core may have neurons of which population; ``rate`` and ``updates`` are how often a
    neuron fires and is updated in a step.
    """

    table: Floats
    limit: Floats
    allowed: Flags
    rate: Floats
    updates: Floats

    def visits(self, cores: Cores) -> Floats:
        """Seconds that each neuron takes a step, its spikes apart."""
        return np.asarray(cores.visit_latency + self.updates * cores.update_latency)

    def fits(self, populations: Ints, cores: Ints) -> bool:
        """Whether every neuron may be on its core, and no core has more than it holds."""
        load = np.zeros_like(self.limit)
        np.add.at(load, cores, self.table)
        return bool(self.allowed[populations, cores].all() and (load <= self.limit).all())

    @property
    def scarcest_attribute(self) -> str:
        """The attribute of a core that limits that resource."""
        asked, there = self.table.sum(axis=0)[WORK:], self.limit.sum(axis=0)[WORK:]
        return ATTRIBUTES[int(np.argmax(asked / there))]

    @property
    def scarcest(self) -> str:
        """Which resource of all cores together is asked for most, in words."""
        asked, there = self.table.sum(axis=0)[WORK:], self.limit.sum(axis=0)[WORK:]
        worst = int(np.argmax(asked / there))
        return f"it asks for {asked[worst]:g} {RESOURCES[worst]}, the cores have {there[worst]:g}"


def demand_of(chip: Chip, network: SpikingNetwork) -> Demand:
    """What a network's neurons ask for, after a trial run of its first steps.

    Raises:
        InputError: no core has the unit or model that a population asks for.
    """
    allowed = np.array(
        [[_may(core.kind, each) for core in chip.cores] for each in network.populations], dtype=np.uint8
    )
    for row, population in zip(allowed, network.populations, strict=True):
        if not row.any():
            soma_for(chip.cores[0].kind, population.unit, population.model)
    anywhere = np.argmax(allowed, axis=1)[network.population]
    steps = max(LEAST_TRIED, MOST_TRIED // network.neurons)
    trial = replace(network, timesteps=min(network.timesteps, steps))
    run = run_network(chip, trial, anywhere)
    rate = np.maximum(run.record.spikes_of / run.steps, LEAST_RATE)
    updates = run.record.updates_of / run.steps
    arrays = run.program.cores
    heard = np.bincount(network.target, weights=rate[network.source], minlength=network.neurons)
    synapse = core_units(chip, network).synapse_latency[anywhere]
    sending = (
        arrays.visit_latency
        + updates * arrays.update_latency
        + rate * (arrays.spike_latency + arrays.send_latency[anywhere])
    )
    work = np.stack([sending, heard * synapse], axis=1)
    room = room_of(chip, network, run.program.placing.models == NEURON_MODELS["input"].code)
    table = np.hstack([work, room.demand])
    limit = np.hstack([np.full((len(chip.cores), WORK), np.inf), room.limit])
    return Demand(table, limit, allowed, rate, updates)


def _may(kind: CoreKind, population: Population) -> bool:
    """Whether a kind of core has what a population asks for."""
    try:
        soma_for(kind, population.unit, population.model)
    except InputError:
        return False
    return True
