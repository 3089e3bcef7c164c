"""A graph of nodes as a network of neurons and synapses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from hwsim.workload.spiking.graph.dynamics import MODEL, Method, Parameters, parameters_of, with_threshold
from hwsim.workload.spiking.graph.network_graph import NetworkGraph
from hwsim.workload.spiking.graph.signals import Wiring, wiring_of
from hwsim.workload.spiking.network import Population, SpikingNetwork, synapse_order

if TYPE_CHECKING:
    from hwsim.workload.spiking.network import Floats, Ints


@dataclass(frozen=True, slots=True)
class Discretised:
    """How a network in continuous time is run: steps, seconds of one, method; ``seed`` of random input."""

    timesteps: int
    dt: float
    method: Method
    seed: int


@dataclass(frozen=True, eq=False)
class _Synapses:
    """The network's columns of the same names."""

    source: Ints
    target: Ints
    weight: Floats
    delay: Ints
    word: Ints


def network_of(graph: NetworkGraph, how: Discretised) -> tuple[SpikingNetwork, int]:
    """The network of a graph without spike trains, and how many of its first neurons are inputs.

    Raises:
        InputError: a node is at fault.
    """
    wiring = wiring_of(graph)
    names = _inputs_first(graph, wiring)
    counts = np.array([prod(wiring.shapes[name]) for name in names], dtype=np.int64)
    begin = dict(zip(names, (np.cumsum(counts) - counts).tolist(), strict=True))
    synapses = _synapses(wiring, begin, how.dt)
    neurons = int(counts.sum())
    inputs = sum(prod(wiring.shapes[name]) for name in names if graph.nodes[name].type == "Input")
    network = SpikingNetwork(
        timesteps=how.timesteps,
        ids=np.arange(neurons, dtype=np.int64),
        populations=tuple(
            Population(name, None, "input" if graph.nodes[name].type == "Input" else MODEL) for name in names
        ),
        population=np.repeat(np.arange(len(names), dtype=np.int64), counts),
        parameters=_parameters(graph, wiring, begin, neurons, how),
        cores=np.full(neurons, -1, dtype=np.int64),
        source=synapses.source,
        target=synapses.target,
        weight=synapses.weight,
        delay=synapses.delay,
        train_begin=np.zeros(neurons + 1, dtype=np.int64),
        trains=np.zeros(0, dtype=np.int64),
        seed=how.seed,
        word=synapses.word,
    )
    return network, inputs


def _inputs_first(graph: NetworkGraph, wiring: Wiring) -> list[str]:
    return sorted(wiring.shapes, key=lambda name: graph.nodes[name].type != "Input")


def _synapses(wiring: Wiring, begin: Mapping[str, int], dt: float) -> _Synapses:
    """Every synapse of every pair of populations, in the network's order; delays in whole steps."""
    none = np.zeros(0, dtype=np.int64)
    source, target, delay, word = [none], [none], [none], [none]
    weight = [np.zeros(0)]
    words = 0
    for name, signal in wiring.inputs.items():
        for other, found in signal.maps.items():
            source.append(found.source + begin[other])
            target.append(found.target + begin[name])
            weight.append(found.weight)
            delay.append(np.rint(found.delay / dt).astype(np.int64))
            word.append(found.word + words)
            words += int(found.word.max(initial=-1)) + 1
    columns = [np.concatenate(each) for each in (source, target, delay, word)]
    weights = np.concatenate(weight)
    order = synapse_order(columns[0], columns[1], columns[2], weights)
    return _Synapses(
        source=columns[0][order],
        target=columns[1][order],
        weight=weights[order],
        delay=columns[2][order],
        word=columns[3][order],
    )


def _parameters(
    graph: NetworkGraph, wiring: Wiring, begin: Mapping[str, int], neurons: int, how: Discretised
) -> Mapping[str, Floats]:
    """The kernel's parameters of all neurons, NaN where a population has none."""
    table: dict[str, Floats] = {}
    for name, shape in wiring.shapes.items():
        if graph.nodes[name].type == "Input":
            continue
        for parameter, values in _of_population(graph, wiring, name, how).items():
            column = table.setdefault(parameter, np.full(neurons, np.nan))
            column[begin[name] : begin[name] + prod(shape)] = values
    return table


def _of_population(graph: NetworkGraph, wiring: Wiring, name: str, how: Discretised) -> Parameters:
    shape, node = wiring.shapes[name], graph.nodes[name]
    constant = wiring.inputs[name].constant if name in wiring.inputs else np.zeros(prod(shape))
    found = parameters_of(node, shape, constant, how.dt, how.method)
    behind = wiring.thresholds.get(name)
    return with_threshold(found, behind, shape) if behind else found
