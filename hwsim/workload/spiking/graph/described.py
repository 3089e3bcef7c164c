"""A workload's YAML file with ``nodes`` and ``edges`` of NIR: its time steps, and its input."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, PositiveInt

from hwsim.spec.document import Document
from hwsim.spec.errors import InputError
from hwsim.spec.files import read_bytes
from hwsim.spec.imported import original_file
from hwsim.spec.model import Spec, validate
from hwsim.spec.quantity import PositiveTime, format_quantity
from hwsim.spec.units import TIME
from hwsim.workload.spiking.graph.arrays import named_arrays
from hwsim.workload.spiking.graph.build import Discretised, network_of
from hwsim.workload.spiking.graph.dynamics import Method
from hwsim.workload.spiking.graph.network_graph import NetworkGraph, graph_in
from hwsim.workload.spiking.graph.node_types import LINEAR
from hwsim.workload.spiking.network import SpikingNetwork
from hwsim.workload.spiking.stimulus import random_trains, trains_in
from hwsim.workload.workload import Workload

MOST_STEPS = 10_000_000
"""Limit of the models: time steps of one run."""

_PASSING = ("Identity", "Flatten")
"""Nodes that compute nothing."""


class GraphParameters(Spec):
    """What ``--set workload.NAME=VALUE`` changes."""

    timesteps: Annotated[PositiveInt, Field(le=MOST_STEPS)] = 100
    """Time steps to run."""
    dt: PositiveTime = 1e-3
    """Seconds of one time step; time constants are divided by it."""
    method: Method = "forward_euler"
    """How the neurons' equations are integrated."""
    input_spikes: str | None = None
    """CSV: id (inputs are numbered from 0), steps from 1; named from the folder of the workload."""
    input_rate: Annotated[float, Field(ge=0, le=1)] = 0.1
    """Without ``input_spikes``: the probability that an input fires in a step."""
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    """Of random input."""


class GraphWorkload(Spec):
    """The top of the file."""

    name: str
    """The workload's name."""
    description: str = ""
    """What it is, in a sentence."""
    source: str | None = None
    """Where the network comes from."""
    notes: tuple[str, ...] = ()
    """Assumptions for the result to repeat."""
    arrays: str | None = None
    """HDF5 file with the arrays that nodes name as ``{dataset: PATH}``, from the folder of this file."""
    nodes: dict[str, dict[str, Any]] = Field(min_length=1)
    """NIR's nodes by name: ``type`` and its attributes."""
    edges: list[list[str]]
    """Pairs of nodes."""
    parameters: GraphParameters = GraphParameters()
    """Time steps, their length and method, and the input."""


def is_graph(document: Document) -> bool:
    """Whether a document describes a network layer by layer."""
    return isinstance(document.data, dict) and "nodes" in document.data


def build_graph(document: Document) -> Workload:
    """The workload with the network that ``document`` describes.

    Raises:
        InputError: something is wrong, at its place in the document or of a file it names.
    """
    given = validate(GraphWorkload, document)
    folder, parameters = original_file(document.file).parent, given.parameters
    arrays = folder / given.arrays if given.arrays else None
    graph = graph_in(document, _datasets(document, arrays))
    how = Discretised(parameters.timesteps, parameters.dt, parameters.method, parameters.seed)
    network, inputs = network_of(graph, how)
    fed = _fed(network, inputs, parameters, folder)
    return Workload(
        name=given.name,
        tensors={},
        operators=(),
        parameters=parameters.model_dump(),
        notes=(*given.notes, *_notes(graph, parameters, inputs)),
        content_hash=_hash(document, arrays, folder, parameters),
        network=fed,
    )


def _datasets(document: Document, arrays: Path | None) -> Any:
    named = [
        ("nodes", name, key)
        for name, node in document.value(("nodes",)).items()
        for key, value in node.items()
        if isinstance(value, dict)
    ]
    if named and arrays is None:
        message = "the node names a dataset, and the file names no 'arrays' to find it in"
        raise InputError(message, document.position(named[0]))
    return named_arrays(document, arrays) if arrays else {}


def _fed(network: SpikingNetwork, inputs: int, parameters: GraphParameters, folder: Path) -> SpikingNetwork:
    """The network with its inputs' spike trains."""
    if parameters.input_spikes is not None:
        begin, trains = trains_in(folder / parameters.input_spikes, network, inputs)
    else:
        begin, trains = random_trains(network, inputs, parameters.input_rate)
    return replace(network, train_begin=begin, trains=trains)


def _notes(graph: NetworkGraph, parameters: GraphParameters, inputs: int) -> tuple[str, ...]:
    """What NIR leaves open and was decided here."""
    dt, method = format_quantity(parameters.dt, TIME), parameters.method.replace("_", " ")
    notes = [
        f"time steps of {dt}, {method}; states start at 0; a spike is an input of 1 for one step, and is "
        "heard in the step after"
    ]
    if parameters.input_spikes is None and inputs:
        rate, seed = parameters.input_rate, parameters.seed
        notes.append(f"assumed: each of {inputs} inputs fires with probability {rate:g} a step, seed {seed}")
    silent = sorted(
        name for name, node in graph.nodes.items() if node.type not in _PASSING and _read_out(graph, name)
    )
    if silent:
        notes.append(f"left out, no neuron is behind: {', '.join(silent)} (read out by the host)")
    return tuple(notes)


def _read_out(graph: NetworkGraph, name: str) -> bool:
    """Whether a linear node leads to nothing but ends of the network."""
    if graph.nodes[name].type not in LINEAR:
        return False
    return all(graph.nodes[after].type == "Output" or _read_out(graph, after) for after in graph.after[name])


def _hash(document: Document, arrays: Path | None, folder: Path, parameters: GraphParameters) -> str:
    """The hash of the document and of the files it names."""
    digest = hashlib.sha256(document.content_hash.encode())
    spikes = folder / parameters.input_spikes if parameters.input_spikes else None
    for file in (arrays, spikes):
        if file is not None:
            digest.update(hashlib.sha256(read_bytes(file)).digest())
    return digest.hexdigest()
