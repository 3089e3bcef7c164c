"""A workload given operator by operator: the ``tensors:`` and ``operators:`` of a YAML file."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, PositiveInt

from hwsim.spec.document import Document
from hwsim.spec.errors import InputError, did_you_mean
from hwsim.spec.model import Spec, validate
from hwsim.workload.graph import Graph
from hwsim.workload.kinds.base import Dimension, OperatorHead, OperatorSpec, operator_kinds
from hwsim.workload.ordering import find_cycle, topological_order
from hwsim.workload.tensor import DATATYPE_BITS
from hwsim.workload.workload import Workload


class TensorSpec(Spec):
    """A tensor that no operator of the file produces."""

    shape: tuple[Dimension, ...]
    """The size of each axis: a number, or the name of a parameter."""
    kind: Literal["input", "weight", "state"] = "input"
    """``input`` comes from outside, ``weight`` is learned, ``state`` outlives the run."""
    datatype: str | None = None
    """The type of its elements; left to the machine where none is given."""
    density: Annotated[float, Field(gt=0, le=1)] = 1.0
    """The fraction of its elements that are not zero."""


class ExplicitWorkload(Spec):
    """The top of a workload's YAML file that lists its operators."""

    name: str
    """The workload's name."""
    description: str = ""
    """What it is, in a sentence."""
    source: str | None = None
    """Where the numbers come from."""
    notes: tuple[str, ...] = ()
    """Assumptions for the result to repeat."""
    parameters: dict[str, PositiveInt] = Field(default_factory=dict)
    """Sizes that shapes may name, such as ``batch: 1``; ``--set workload.batch=8`` changes them."""
    tensors: dict[str, TensorSpec]
    """Inputs, shared weights and states, by name."""
    operators: Annotated[list[dict[str, Any]], Field(min_length=1)]
    """What is computed, in any order."""
    outputs: tuple[str, ...] = ()
    """Tensors that are results though operators read them too; what nothing reads is a result anyway."""


def build_explicit(document: Document) -> Workload:
    """The workload that lists its operators in ``document``.

    Raises:
        InputError: something is wrong, at its place in the document.
    """
    header = validate(ExplicitWorkload, document)
    graph = Graph(header.parameters)
    for name, tensor in header.tensors.items():
        try:
            _declare(graph, name, tensor)
        except InputError as error:
            raise error.at(document.position(("tensors", name))) from error
    specs = [_operator(document, index) for index in range(len(header.operators))]
    for index in _order(document, specs):
        try:
            specs[index].build(graph)
        except InputError as error:
            raise error.at(document.position(("operators", index))) from error
    _mark_outputs(document, graph, header.outputs)
    return graph.finish(header.name, header.parameters, header.notes, document.content_hash)


def _declare(graph: Graph, name: str, tensor: TensorSpec) -> None:
    if tensor.datatype is not None and tensor.datatype not in DATATYPE_BITS:
        raise InputError(
            f"unknown datatype {tensor.datatype!r}", hint=did_you_mean(tensor.datatype, DATATYPE_BITS)
        )
    graph.declare(name, graph.shape(tensor.shape), tensor.kind, tensor.datatype, tensor.density)


def _operator(document: Document, index: int) -> OperatorSpec:
    path = ("operators", index)
    kinds = operator_kinds()
    entry = document.value(path)
    if "kind" not in entry:
        validate(OperatorHead, document, path)
    kind = entry["kind"]
    if not isinstance(kind, str) or kind not in kinds:
        where = document.position((*path, "kind"))
        raise InputError(f"no operator kind {kind!r}", where, did_you_mean(str(kind), kinds))
    return validate(kinds[kind], document, path)


def _order(document: Document, specs: list[OperatorSpec]) -> list[int]:
    """An order in which every operator comes after those it reads from.

    Raises:
        InputError: two operators produce one tensor, or the operators form a cycle.
    """
    producer: dict[str, int] = {}
    for index, spec in enumerate(specs):
        for name in spec.produces:
            first = producer.setdefault(name, index)
            if first != index:
                where = document.position(("operators", index))
                before = document.position(("operators", first)).line
                raise InputError(f"{name!r} is produced twice, the first time in line {before}", where)
    sources = [{producer[name] for name in spec.inputs if name in producer} for spec in specs]
    cycle = find_cycle(sources)
    if cycle:
        names = " -> ".join(repr(specs[index].name) for index in (*cycle, cycle[0]))
        raise InputError(f"the operators form a cycle: {names}", document.position(("operators", cycle[0])))
    return topological_order(sources)


def _mark_outputs(document: Document, graph: Graph, outputs: tuple[str, ...]) -> None:
    for index, name in enumerate(outputs):
        try:
            graph.mark_output(graph.find(name))
        except InputError as error:
            raise error.at(document.position(("outputs", index))) from error
