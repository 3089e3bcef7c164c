"""Which unit of its core each neuron and each synapse is on, and what these cost in seconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hwsim.arch.component import Component
from hwsim.engines.neuromorphic.chip import Chip, CoreKind
from hwsim.engines.neuromorphic.events import Events
from hwsim.engines.neuromorphic.parts import AxonIn, AxonOut, Dendrite, Soma, Synapse
from hwsim.spec.errors import InputError, did_you_mean
from hwsim.workload.spiking.models import NEURON_MODELS
from hwsim.workload.spiking.network import SpikingNetwork

if TYPE_CHECKING:
    from hwsim.workload.spiking.network import Floats, Ints


@dataclass(frozen=True, eq=False)
class CoreUnits:
    """By core: the components that a network uses there, and their latencies in seconds.

    ``synapse_latency`` is of one synaptic operation and the dendrite's update after it; ``waiting_latency``
    of the update that a dendrite with the time-step buffer makes for every neuron in every step.
    """

    axon_in: tuple[str, ...]
    synapse: tuple[str, ...]
    dendrite: tuple[str, ...]
    axon_out: tuple[str, ...]
    axon_in_latency: Floats
    synapse_latency: Floats
    waiting_latency: Floats
    axon_out_latency: Floats

    def columns(self, events: Events, part: str) -> Ints:
        """By core: the column of the events of one of its parts."""
        action = {"axon_in": "message", "axon_out": "message", "synapse": "synaptic_op"}.get(part, "update")
        names: tuple[str, ...] = getattr(self, part)
        column = {name: events.column(name, action) for name in set(names)}
        return np.array([column[name] for name in names], dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Placing:
    """By neuron: its soma unit (position in ``Events.somas``), the code of its model, latencies in seconds.

    ``somas_of`` are the names of the soma units in that order.
    """

    somas: Ints
    somas_of: tuple[str, ...]
    models: Ints
    access_latency: Floats
    update_latency: Floats
    spike_latency: Floats

    def spike_columns(self, events: Events) -> Ints:
        """By neuron: the column of its spikes."""
        columns = np.array([events.column(name, "spike") for name in self.somas_of], dtype=np.int64)
        return np.asarray(columns[self.somas])


def core_units(chip: Chip, network: SpikingNetwork) -> CoreUnits:
    """The units that a network uses on each core.

    Raises:
        InputError: a core has no unit that the network names.
    """
    by_kind = {kind.component.name: _used(kind, network) for kind in chip.kinds}
    used = [by_kind[core.kind.component.name] for core in chip.cores]

    def latency(of: Callable[[_Used], float]) -> Floats:
        return np.array([of(each) for each in used])

    return CoreUnits(
        axon_in=tuple(each.axon_in.name for each in used),
        synapse=tuple(each.synapse.name for each in used),
        dendrite=tuple(each.dendrite.name for each in used),
        axon_out=tuple(each.axon_out.name for each in used),
        axon_in_latency=latency(lambda each: _seconds(each.axon_in)),
        synapse_latency=latency(lambda each: _seconds(each.synapse) + _seconds(each.dendrite)),
        waiting_latency=latency(lambda each: _seconds(each.dendrite) if each.waits else 0.0),
        axon_out_latency=latency(lambda each: _seconds(each.axon_out)),
    )


@dataclass(frozen=True, slots=True)
class _Used:
    axon_in: Component
    synapse: Component
    dendrite: Component
    axon_out: Component
    waits: bool


def _used(kind: CoreKind, network: SpikingNetwork) -> _Used:
    return _Used(
        axon_in=kind.axon_in,
        synapse=kind.unit("synapse", kind.synapses, network.synapse).component,
        dendrite=kind.unit("dendrite", kind.dendrites, network.dendrite).component,
        axon_out=kind.axon_out,
        waits=kind.attributes.buffer == "dendrite",
    )


def _seconds(component: Component) -> float:
    attributes = component.attributes
    assert isinstance(attributes, AxonIn | AxonOut | Synapse | Dendrite)
    return attributes.latency


def placing_of(chip: Chip, network: SpikingNetwork, cores: Ints) -> Placing:
    """The soma unit and the model of each neuron.

    Raises:
        InputError: a core lacks the unit or the model that a population asks for.
    """
    somas = [unit for kind in chip.kinds for unit in kind.somas]
    place = {unit.component.name: number for number, unit in enumerate(somas)}
    kinds = {kind.component.name: number for number, kind in enumerate(chip.kinds)}
    kind_of_core = np.array([kinds[core.kind.component.name] for core in chip.cores])
    key = network.population * len(kinds) + kind_of_core[cores]
    found, inverse = np.unique(key, return_inverse=True)
    chosen = [_soma(chip.kinds[int(each) % len(kinds)], network, int(each) // len(kinds)) for each in found]
    latencies = [_latency(component) for component, _ in chosen]
    return Placing(
        somas=np.array([place[component.name] for component, _ in chosen], dtype=np.int64)[inverse],
        somas_of=tuple(place),
        models=np.array([code for _, code in chosen], dtype=np.int64)[inverse],
        access_latency=np.array([each[0] for each in latencies])[inverse],
        update_latency=np.array([each[1] for each in latencies])[inverse],
        spike_latency=np.array([each[2] for each in latencies])[inverse],
    )


def _soma(kind: CoreKind, network: SpikingNetwork, population: int) -> tuple[Component, int]:
    """The soma component for a population on a kind of core, and the code of the model it runs there."""
    wanted = network.populations[population]
    component = soma_for(kind, wanted.unit, wanted.model)
    attributes = component.attributes
    assert isinstance(attributes, Soma)
    return component, NEURON_MODELS[wanted.model or attributes.models[0]].code


def soma_for(kind: CoreKind, unit: str | None, model: str | None) -> Component:
    """The soma of a kind of core that has the unit name and the neuron model asked for.

    Raises:
        InputError: there is none.
    """
    if unit is not None:
        return kind.unit("soma", kind.somas, unit).component
    known: list[str] = []
    for each in kind.somas:
        assert isinstance(each.component.attributes, Soma)
        known += each.component.attributes.models
        if model is None or model in each.component.attributes.models:
            return each.component
    message = f"core {kind.component.name!r} has no soma for neurons of model {model!r}"
    raise InputError(message, hint=did_you_mean(model or "", known))


def _latency(component: Component) -> tuple[float, float, float]:
    attributes = component.attributes
    assert isinstance(attributes, Soma)
    return attributes.latency.access, attributes.latency.update, attributes.latency.spike
