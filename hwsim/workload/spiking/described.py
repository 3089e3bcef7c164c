"""A spiking workload's YAML file: the tables of its network, and how long it runs."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated

from pydantic import Field, PositiveInt

from hwsim.spec.document import Document
from hwsim.spec.files import read_bytes
from hwsim.spec.imported import original_file
from hwsim.spec.model import Spec, validate
from hwsim.workload.spiking.tables import NetworkTables, read_network
from hwsim.workload.workload import Workload

MOST_STEPS = 10_000_000
"""Limit of the models: time steps of one run."""


class SpikingParameters(Spec):
    """What ``--set workload.NAME=VALUE`` changes."""

    timesteps: Annotated[PositiveInt, Field(le=MOST_STEPS)]
    """Time steps to run."""
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    """Of stochastic thresholds."""


class SpikingWorkload(Spec):
    """The top of a spiking workload's YAML file; files are named from the folder it is in."""

    name: str
    """The workload's name."""
    description: str = ""
    """What it is, in a sentence."""
    source: str | None = None
    """Where the network comes from."""
    notes: tuple[str, ...] = ()
    """Assumptions for the result to repeat."""
    neurons: str
    """CSV: id, optional core, unit, population, model, and a column for each parameter."""
    edges: str
    """CSV: src, dst, weight, optional delay."""
    input_spikes: str | None = None
    """CSV: id, and the steps, from 1, at which that input neuron fires."""
    synapse: str | None = None
    """The synapse unit that the network asks for; by default a core's first."""
    dendrite: str | None = None
    """The dendrite unit that the network asks for; by default a core's first."""
    parameters: SpikingParameters
    """How long to run."""


def is_spiking(document: Document) -> bool:
    """Whether a document describes a spiking network."""
    return isinstance(document.data, dict) and "neurons" in document.data


def build_spiking(document: Document) -> Workload:
    """The workload with the network that ``document`` describes.

    Raises:
        InputError: something is wrong, at its place in the document or in a table.
    """
    given = validate(SpikingWorkload, document)
    folder = _folder(document)
    tables = NetworkTables(
        neurons=folder / given.neurons,
        edges=folder / given.edges,
        input_spikes=folder / given.input_spikes if given.input_spikes else None,
        timesteps=given.parameters.timesteps,
        synapse=given.synapse,
        dendrite=given.dendrite,
        seed=given.parameters.seed,
    )
    return Workload(
        name=given.name,
        tensors={},
        operators=(),
        parameters=given.parameters.model_dump(),
        notes=given.notes,
        content_hash=_hash(document, tables),
        network=read_network(tables),
    )


def _folder(document: Document) -> Path:
    """The folder that the document is in, or that it was made of."""
    path = original_file(document.file)
    return path if path.is_dir() else path.parent


def _hash(document: Document, tables: NetworkTables) -> str:
    """The hash of the document and of the tables it names."""
    digest = hashlib.sha256(document.content_hash.encode())
    for file in (tables.neurons, tables.edges, tables.input_spikes):
        if file is not None:
            digest.update(hashlib.sha256(read_bytes(file)).digest())
    return digest.hexdigest()
