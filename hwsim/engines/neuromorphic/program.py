"""A network on a chip as arrays for the kernel: neurons on cores, messages, routes, kinds of events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hwsim.engines.neuromorphic.arrays import Cores, Messages, Neurons, Routes, Synapses
from hwsim.engines.neuromorphic.chip import Chip
from hwsim.engines.neuromorphic.events import Events, events_of
from hwsim.engines.neuromorphic.parts import DIRECTIONS
from hwsim.engines.neuromorphic.routes import routes_of
from hwsim.engines.neuromorphic.units import CoreUnits, Placing, core_units, placing_of
from hwsim.spec.errors import InputError, did_you_mean
from hwsim.workload.spiking.models import MOST_PARAMETERS, NEURON_MODELS
from hwsim.workload.spiking.network import SpikingNetwork

if TYPE_CHECKING:
    from hwsim.workload.spiking.network import Floats, Ints


@dataclass(frozen=True, eq=False)
class Program:
    """What the kernel needs; ``events`` says what the columns of its counts mean, ``placing`` where each
    neuron is, ``dendrites`` the name of the dendrite component of each neuron.
    """

    neurons: Neurons
    synapses: Synapses
    cores: Cores
    messages: Messages
    routes: Routes
    places: int
    events: Events
    placing: Placing
    dendrites: NDArray[np.str_]


@dataclass(frozen=True, eq=False)
class _Fan:
    """Every message that a spike may send: its source, the core it goes to, and its synapses there."""

    source: Ints
    core: Ints
    synapses: Ints


def program_of(chip: Chip, network: SpikingNetwork, cores: Ints) -> Program:
    """The program of a network whose neuron i is on core ``cores[i]``.

    Raises:
        InputError: a neuron asks for a unit or a model that its core does not have.
    """
    placing = placing_of(chip, network, cores)
    units = core_units(chip, network)
    fan = _fan(network, cores, len(chip.cores))
    pairs, route = np.unique(cores[fan.source] * len(chip.cores) + fan.core, return_inverse=True)
    table = routes_of(chip, pairs // len(chip.cores), pairs % len(chip.cores))
    events = events_of(chip)
    work = units.axon_in_latency[fan.core] + fan.synapses * units.synapse_latency[fan.core]
    return Program(
        neurons=Neurons(
            model=placing.models,
            parameters=_parameters(network, placing.models),
            unit=placing.somas,
            train_begin=network.train_begin,
            trains=network.trains,
            actions=_actions(placing, units, events, fan, table.hops[route], cores),
            seed=network.seed,
        ),
        synapses=Synapses(
            begin=network.synapse_begin,
            target=network.target.astype(np.int32),
            weight=network.weight,
            delay=network.delay.astype(np.int32),
            steps=network.longest_delay + 1,
        ),
        cores=_cores(placing, units, fan, cores, len(chip.cores)),
        messages=Messages(fan.core.astype(np.int32), work, route.astype(np.int32)),
        routes=table.routes,
        places=table.places,
        events=events,
        placing=placing,
        dendrites=np.array(units.dendrite)[cores],
    )


def _fan(network: SpikingNetwork, cores: Ints, count: int) -> _Fan:
    """Synapses grouped by source and core of the target, both ascending."""
    key = network.source * count + cores[network.target]
    found, synapses = np.unique(key, return_counts=True)
    return _Fan(found // count, found % count, synapses)


def _cores(placing: Placing, units: CoreUnits, fan: _Fan, cores: Ints, count: int) -> Cores:
    order = np.argsort(cores, kind="stable")
    neurons = len(cores)
    return Cores(
        begin=np.searchsorted(cores[order], np.arange(count + 1)).astype(np.int64),
        neurons=order.astype(np.int64),
        message_begin=np.searchsorted(fan.source, np.arange(neurons + 1)).astype(np.int64),
        visit_latency=placing.access_latency + units.waiting_latency[cores],
        update_latency=placing.update_latency,
        spike_latency=placing.spike_latency,
        send_latency=units.axon_out_latency,
    )


def _parameters(network: SpikingNetwork, codes: Ints) -> Floats:
    """The parameters of each neuron in the order of its model, defaults filled in."""
    table = np.zeros((network.neurons, MOST_PARAMETERS))
    for name, model in NEURON_MODELS.items():
        chosen = codes == model.code
        _refuse_others(network, name, chosen)
        for column, (parameter, default) in enumerate(model.defaults.items()):
            given = network.parameters.get(parameter)
            values = np.full(network.neurons, default) if given is None else given
            table[chosen, column] = np.where(np.isnan(values), default, values)[chosen]
    return table


def _refuse_others(network: SpikingNetwork, model: str, chosen: NDArray[np.bool_]) -> None:
    """Refuse a parameter of neurons whose model does not have it."""
    for name, values in network.parameters.items():
        given = chosen & ~np.isnan(values)
        if name not in NEURON_MODELS[model].defaults and given.any():
            neuron = network.ids[int(np.argmax(given))]
            hint = did_you_mean(name, NEURON_MODELS[model].defaults)
            raise InputError(f"neuron {neuron}: the model {model!r} has no parameter {name!r}", hint=hint)


def _actions(
    placing: Placing, units: CoreUnits, events: Events, fan: _Fan, hops: Ints, cores: Ints
) -> np.ndarray[tuple[int, int], np.dtype[np.int32]]:
    """How often each kind of event happens when a neuron fires (neurons x kinds)."""
    counts = np.zeros((len(cores), len(events.per_spike)), dtype=np.int32)
    counts[np.arange(len(cores)), placing.spike_columns(events)] = 1
    sent = np.bincount(fan.source, minlength=len(cores))
    counts[np.arange(len(cores)), units.columns(events, "axon_out")[cores]] += sent.astype(np.int32)
    for part, many in (("axon_in", 1), ("synapse", fan.synapses), ("dendrite", fan.synapses)):
        np.add.at(counts, (fan.source, units.columns(events, part)[fan.core]), many)
    for direction, name in enumerate(DIRECTIONS):
        column = events.columns(["hop"])[direction]
        assert events.per_spike[column].action == f"hop_{name}"
        np.add.at(counts[:, column], fan.source, hops[:, direction])
    return counts
