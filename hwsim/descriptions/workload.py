"""Workloads: what there is to say about one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from hwsim.descriptions.kind import Kind
from hwsim.descriptions.sheet import Sheet, Table
from hwsim.workload.explicit import ExplicitWorkload
from hwsim.workload.families.registry import FamilyWorkload
from hwsim.workload.importers.registry import importer_for
from hwsim.workload.load import read_workload, workload_of
from hwsim.workload.schema import starter, workload_schema
from hwsim.workload.spiking.described import SpikingWorkload
from hwsim.workload.spiking.graph.described import GraphWorkload
from hwsim.workload.workload import Workload


def describe(name_or_path: str) -> Sheet:
    """The workload in a file, of whatever format hwsim imports, or in the library.

    Raises:
        InputError: it is at fault, with its position.
    """
    document = read_workload(name_or_path)
    workload = workload_of(document)
    return Sheet(
        kind="workload",
        name=workload.name,
        description=document.data.get("description", ""),
        file=document.file,
        content_hash=workload.content_hash,
        facts={
            "parameters": dict(workload.parameters),
            **_size(workload),
            "notes": list(workload.notes),
        },
        tables=(
            Table("tensors_by_kind", tuple(_tensors(workload))),
            Table("operators_by_kind", tuple(_kinds(workload))),
            Table("operators", tuple(_operators(workload))),
        ),
    )


def _size(workload: Workload) -> dict[str, int]:
    """How big it is: neurons and synapses, or multiply-accumulates and weights."""
    if workload.network is not None:
        return {"neurons": workload.network.neurons, "synapses": workload.network.synapses}
    return {"macs": workload.macs, "parameter_count": workload.parameter_count}


def _tensors(workload: Workload) -> Iterator[dict[str, Any]]:
    """How many tensors and elements of each kind; bytes depend on the machine's datatype."""
    tensors = workload.tensors.values()
    for kind, count in sorted(Counter(tensor.kind for tensor in tensors).items()):
        elements = sum(tensor.elements for tensor in tensors if tensor.kind == kind)
        yield {"kind": kind, "tensors": count, "elements": elements}


def _kinds(workload: Workload) -> Iterator[dict[str, Any]]:
    """How many operators of each kind and their multiply-accumulates, the most first."""
    macs: Counter[str] = Counter()
    count = Counter(op.kind for op in workload.operators)
    for op in workload.operators:
        macs[op.kind] += op.macs
    for kind in sorted(count, key=lambda kind: (-macs[kind], kind)):
        share = macs[kind] / workload.macs if workload.macs else 0.0
        yield {"kind": kind, "operators": count[kind], "macs": macs[kind], "macs_fraction": share}


def _operators(workload: Workload) -> Iterator[dict[str, Any]]:
    for op in workload.operators:
        shapes = [list(workload.tensors[part.tensor].shape) for part in op.outputs]
        inputs = [part.tensor for part in op.inputs]
        yield {"name": op.name, "kind": op.kind, "inputs": inputs, "output_shapes": shapes, "macs": op.macs}


KIND = Kind(
    name="workload",
    says="what is computed: a graph of operators over tensors",
    read=describe,
    keys=lambda: frozenset(
        {
            *ExplicitWorkload.model_fields,
            *FamilyWorkload.model_fields,
            *SpikingWorkload.model_fields,
            *GraphWorkload.model_fields,
        }
    ),
    reads_file=lambda path: importer_for(path) is not None,
    shelf="workload",
    schema=workload_schema,
    starter=starter,
)
