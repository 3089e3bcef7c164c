"""What each node of a graph gets: which neurons' spikes, through which linear map, and what is constant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from hwsim.workload.spiking.graph.linear_map import LinearMap, both, identity, then
from hwsim.workload.spiking.graph.network_graph import NetworkGraph, Node
from hwsim.workload.spiking.graph.node_types import LINEAR, NEURONS, SILENT
from hwsim.workload.spiking.graph.operations import Operation, operation_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MOST_SYNAPSES = 200_000_000
"""Limit of the models: synapses of one network."""


@dataclass(frozen=True, eq=False)
class Signal:
    """The sum over populations (by name) of a map of their spikes, and a ``constant``."""

    shape: tuple[int, ...]
    maps: Mapping[str, LinearMap]
    constant: Floats


@dataclass(frozen=True, eq=False)
class Wiring:
    """``shapes`` of the populations, in the order in which spikes reach them; the ``inputs`` signal of each
    that has one; ``thresholds``: the Threshold node that makes a silent population fire.
    """

    shapes: Mapping[str, tuple[int, ...]]
    inputs: Mapping[str, Signal]
    thresholds: Mapping[str, Node]


def wiring_of(graph: NetworkGraph) -> Wiring:
    """How the populations of a graph hear each other.

    Raises:
        InputError: a node is at fault, sizes do not match, a potential is sent where only spikes can be, or
            nodes form a loop without a neuron.
    """
    fused = _fused(graph)
    given: dict[str, Signal] = {}
    while True:
        ready = [name for name in graph.nodes if name not in given and _ready(graph, name, given)]
        ready = ready or [name for name in graph.nodes if name not in given and _sized(graph.nodes[name])][:1]
        if not ready:
            break
        for name in ready:
            given[name] = _given(graph, name, given, fused)
    _refuse_unreached(graph, given)
    populations = [name for name in given if _speaks(graph.nodes[name]) and name not in fused]
    inputs = {
        name: _sum(graph.nodes[name], [given[each] for each in graph.before[name]], given[name].shape)
        for name in populations
        if graph.before[name]
    }
    return Wiring(
        {name: given[name].shape for name in populations},
        inputs,
        {silent: graph.nodes[name] for name, silent in fused.items()},
    )


def _speaks(node: Node) -> bool:
    return node.type in NEURONS or node.type == "Input"


def _fused(graph: NetworkGraph) -> dict[str, str]:
    """Each Threshold right behind a silent neuron, with that neuron; whoever else hears one is refused."""
    found: dict[str, str] = {}
    for name, node in graph.nodes.items():
        if node.type not in SILENT:
            continue
        for after in graph.after[name]:
            kind = graph.nodes[after].type
            if kind == "Threshold" and len(graph.before[after]) == 1 and name not in found.values():
                found[after] = name
            elif kind != "Output":
                raise node.wrong(
                    f"sends its potential to {after!r} ({kind}), and cores send spikes only",
                    "put one Threshold right behind it, or a node that spikes in its place",
                )
    return found


def _ready(graph: NetworkGraph, name: str, given: Mapping[str, Signal]) -> bool:
    """Whether enough is known: every way into a linear node, any way into a neuron."""
    node, before = graph.nodes[name], graph.before[name]
    if node.type == "Input":
        return True
    known = [each in given for each in before]
    return bool(before) and (any(known) if node.type in NEURONS else all(known))


def _sized(node: Node) -> bool:
    """Whether a neuron's own attributes say how many there are."""
    return node.type in NEURONS and any(each.size > 1 for each in node.values.values())


def _given(graph: NetworkGraph, name: str, given: Mapping[str, Signal], fused: Mapping[str, str]) -> Signal:
    """What a node gives."""
    node = graph.nodes[name]
    if name in fused:
        return given[fused[name]]
    if node.type == "Input":
        return _spikes(name, tuple(int(each) for each in node.value("shape").reshape(-1)), node)
    known = [given[each] for each in graph.before[name] if each in given]
    if node.type in NEURONS:
        own = max((each.shape for each in node.values.values()), key=prod, default=())
        return _spikes(name, known[0].shape if known else own, node)
    total = _sum(node, known, known[0].shape)
    return total if node.type == "Output" else _through(operation_of(node, total.shape), total, node)


def _spikes(name: str, shape: tuple[int, ...], node: Node) -> Signal:
    count = prod(shape)
    if count < 1 or min(shape, default=1) < 1:
        raise node.wrong(f"has the shape {list(shape)}: no neurons")
    return Signal(shape or (1,), {name: identity(count)}, np.zeros(count))


def _through(operation: Operation, signal: Signal, node: Node) -> Signal:
    if len(operation.map.source) > MOST_SYNAPSES:
        raise node.wrong(f"has {len(operation.map.source)} synapses, at most {MOST_SYNAPSES} are modelled")
    maps = {name: then(each, operation.map) for name, each in signal.maps.items()}
    return Signal(operation.shape, maps, operation.map.applied(signal.constant) + operation.constant)


def _sum(node: Node, signals: Iterable[Signal], shape: tuple[int, ...]) -> Signal:
    """Everything that arrives at a node."""
    maps: dict[str, LinearMap] = {}
    constant = np.zeros(prod(shape))
    for signal in signals:
        if prod(signal.shape) != prod(shape):
            raise node.wrong(f"gets inputs of different sizes: {list(shape)} and {list(signal.shape)}")
        constant = constant + signal.constant
        for name, each in signal.maps.items():
            maps[name] = both(maps[name], each) if name in maps else each
    return Signal(shape, maps, constant)


def _refuse_unreached(graph: NetworkGraph, given: Mapping[str, Signal]) -> None:
    for name, node in graph.nodes.items():
        if name in given:
            continue
        if not graph.before[name]:
            if node.type == "Output":
                continue
            raise node.wrong("nothing leads to it, and it is no Input")
        waiting = [
            each for each in graph.before[name] if each not in given and graph.nodes[each].type in LINEAR
        ]
        if waiting or node.type in NEURONS:
            loop = ", ".join(repr(each) for each in graph.nodes if each not in given)
            raise node.wrong(
                f"its size cannot be told: {loop} wait for each other", "put a neuron in the loop"
            )
