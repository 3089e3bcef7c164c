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
from hwsim.engines.neuromorphic.tally_kernels import tally_events
from hwsim.engines.neuromorphic.units import CoreUnits, Placing, core_units, placing_of
from hwsim.spec.errors import InputError, did_you_mean
from hwsim.workload.spiking.models import MOST_PARAMETERS, NEURON_MODELS, PORTS
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
    _refuse_graded(chip, network, placing)
    units = core_units(chip, network)
    fan = _fan(network, cores, len(chip.cores))
    pairs, route = np.unique(cores[fan.source] * len(chip.cores) + fan.core, return_inverse=True)
    table = routes_of(chip, pairs // len(chip.cores), pairs % len(chip.cores))
    events = events_of(chip)
    work = units.axon_in_latency[fan.core] + fan.synapses * units.synapse_latency[fan.core]
    return Program(
        neurons=Neurons(
            model=placing.models,
            member_begin=np.searchsorted(np.sort(placing.models), np.arange(len(NEURON_MODELS) + 1)),
            members=np.argsort(placing.models, kind="stable"),
            parameters=_parameters(network, placing.models),
            unit=placing.somas,
            train_begin=network.train_begin,
            trains=network.trains,
            actions=_actions(placing, units, events, fan, table.hops[route], cores),
            seed=network.seed,
        ),
        synapses=Synapses(
            begin=network.synapse_begin,
            target=_ends(network),
            weight=network.weight,
            delay=network.delay.astype(np.int32),
            steps=network.longest_delay + 1,
            ports=_ports(network, placing),
        ),
        cores=_cores(placing, units, fan, cores, len(chip.cores)),
        messages=Messages(fan.core.astype(np.int32), work, route.astype(np.int32)),
        routes=table.routes,
        places=table.places,
        events=events,
        placing=placing,
        dendrites=np.array(units.dendrite)[cores],
    )


def _refuse_graded(chip: Chip, network: SpikingNetwork, placing: Placing) -> None:
    """Refuse spikes that carry numbers from units that cannot send any.

    Raises:
        InputError: names the neuron and its unit.
    """
    given = network.parameters.get("graded")
    sends = placing.models == NEURON_MODELS["egru"].code
    if given is not None:
        sends = sends | (np.nan_to_num(given) != 0.0)
    able = [getattr(unit.component.attributes, "graded", False) for kind in chip.kinds for unit in kind.somas]
    wrong = np.flatnonzero(sends & ~np.array(able)[placing.somas])
    if len(wrong):
        neuron, unit = network.ids[wrong[0]], placing.somas_of[placing.somas[wrong[0]]]
        raise InputError(
            f"neuron {neuron} sends graded spikes, {unit!r} of {chip.arch.name!r} only plain ones",
            hint="take a machine with graded spikes (loihi2, spinnaker2)",
        )


def _ends(network: SpikingNetwork) -> NDArray[np.int32]:
    """Where each synapse's current goes: a neuron, further back for higher ports."""
    if network.port is None:
        return network.target.astype(np.int32)
    return (network.target + network.port * network.neurons).astype(np.int32)


def _ports(network: SpikingNetwork, placing: Placing) -> int:
    """How many ports the neurons have.

    Raises:
        InputError: a synapse ends at a port that its target does not have.
    """
    known = {model.code: PORTS.get(name, 1) for name, model in NEURON_MODELS.items()}
    ports = np.array([known[code] for code in range(len(known))], dtype=np.int64)[placing.models]
    if network.port is not None:
        wrong = np.flatnonzero(network.port >= ports[network.target])
        if len(wrong):
            place = wrong[0]
            source, target = network.ids[network.source[place]], network.ids[network.target[place]]
            raise InputError(
                f"the synapse {source} -> {target} ends at port {network.port[place]}, its target has "
                f"{ports[network.target[place]]} (from 0)"
            )
    return int(ports.max())


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
    each = np.ones_like(fan.synapses)
    for part, many in (("axon_in", each), ("synapse", fan.synapses), ("dendrite", fan.synapses)):
        tally_events(counts, fan.source, units.columns(events, part)[fan.core], many)
    for direction, name in enumerate(DIRECTIONS):
        column = events.columns(["hop"])[direction]
        assert events.per_spike[column].action == f"hop_{name}"
        tally_events(counts, fan.source, np.full(len(fan.source), column), hops[:, direction])
    return counts
