"""A workload: a directed graph of operators over tensors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from hwsim.spec.errors import InputError
from hwsim.workload.operator import Operator
from hwsim.workload.ordering import find_cycle, topological_order
from hwsim.workload.tensor import Tensor, bits_of

if TYPE_CHECKING:
    import networkx as nx

    from hwsim.workload.spiking.network import SpikingNetwork

Parameter = int | float | str | bool | None


@dataclass(frozen=True)
class Workload:
    """Operators in an order that respects their data, and the tensors between them.

    ``parameters`` are the values it was built with (batch, sequence, phase ...); ``notes`` say what was
    assumed on the way in, for the result to repeat. ``network`` are the neurons of a spiking network, which
    machines of neuromorphic cores run spike by spike.
    """

    name: str
    tensors: Mapping[str, Tensor]
    operators: tuple[Operator, ...]
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    content_hash: str = ""
    network: SpikingNetwork | None = None

    @cached_property
    def by_name(self) -> dict[str, Operator]:
        """Each operator by its name."""
        return {op.name: op for op in self.operators}

    @cached_property
    def producers(self) -> dict[str, str]:
        """Which operator writes each tensor."""
        return {out.tensor: op.name for op in self.operators for out in op.outputs}

    @cached_property
    def consumers(self) -> dict[str, tuple[str, ...]]:
        """Which operators read each tensor, in order."""
        readers: dict[str, list[str]] = {}
        for op in self.operators:
            for tensor in dict.fromkeys(part.tensor for part in op.inputs):
                readers.setdefault(tensor, []).append(op.name)
        return {tensor: tuple(names) for tensor, names in readers.items()}

    @property
    def macs(self) -> int:
        """Multiply-accumulates of all operators."""
        return sum(op.macs for op in self.operators)

    @property
    def size(self) -> str:
        """How big it is, in words."""
        if self.network is not None:
            return f"{self.network.neurons:,} neurons, {self.network.synapses:,} synapses"
        counts = f"{self.macs:,} MACs, {self.parameter_count:,} parameters"
        return f"{len(self.operators)} operators, {counts}"

    @property
    def parameter_count(self) -> int:
        """Elements of all weights."""
        return sum(tensor.elements for tensor in self.tensors.values() if tensor.kind == "weight")

    def with_datatype(self, datatype: str) -> Workload:
        """The workload with ``datatype`` for every tensor that has none."""
        bits_of(datatype)
        if datatype not in self._typed:
            tensors = {name: tensor.with_datatype(datatype) for name, tensor in self.tensors.items()}
            changed = any(tensors[name] is not tensor for name, tensor in self.tensors.items())
            self._typed[datatype] = replace(self, tensors=tensors) if changed else self
        return self._typed[datatype]

    @cached_property
    def _typed(self) -> dict[str, Workload]:
        """The workload with each datatype it was asked for: a sweep asks again and again."""
        return {}

    def graph(self) -> nx.DiGraph[str]:
        """Operators as nodes, an edge from producer to consumer labelled with its tensor."""
        import networkx as nx

        graph: nx.DiGraph[str] = nx.DiGraph()
        graph.add_nodes_from(op.name for op in self.operators)
        for op in self.operators:
            for part in op.inputs:
                if self.producers.get(part.tensor, op.name) != op.name:
                    graph.add_edge(self.producers[part.tensor], op.name, tensor=part.tensor)
        return graph


def make_workload(
    name: str,
    tensors: Mapping[str, Tensor],
    operators: tuple[Operator, ...],
    parameters: Mapping[str, Parameter] | None = None,
    notes: tuple[str, ...] = (),
    content_hash: str = "",
) -> Workload:
    """A checked workload; operators may come in any order and leave in a deterministic topological one.

    Raises:
        InputError: an unknown tensor, a tensor with two producers, two operators of one name, or a cycle.
    """
    _check_names(operators)
    _check_tensors(tensors, operators)
    ordered = _topological(operators)
    return Workload(name, dict(tensors), ordered, dict(parameters or {}), notes, content_hash)


def _check_names(operators: tuple[Operator, ...]) -> None:
    seen: set[str] = set()
    for op in operators:
        if op.name in seen:
            raise InputError(f"two operators are called {op.name!r}")
        seen.add(op.name)


def _check_tensors(tensors: Mapping[str, Tensor], operators: tuple[Operator, ...]) -> None:
    producers: dict[str, str] = {}
    for op in operators:
        for part in (*op.inputs, *op.outputs):
            if part.tensor not in tensors:
                raise InputError(f"operator {op.name!r} uses unknown tensor {part.tensor!r}")
        for part in op.outputs:
            other = producers.setdefault(part.tensor, op.name)
            if other != op.name:
                raise InputError(f"tensor {part.tensor!r} is produced by {other!r} and by {op.name!r}")
    for op in operators:
        for part in op.inputs:
            if tensors[part.tensor].kind in ("activation", "output") and part.tensor not in producers:
                raise InputError(f"operator {op.name!r} reads {part.tensor!r}, which nothing produces")


def _topological(operators: tuple[Operator, ...]) -> tuple[Operator, ...]:
    """The operators after those they read from, the first ready one in file order first.

    An operator that reads what it writes updates a state in place.
    """
    producer = {out.tensor: index for index, op in enumerate(operators) for out in op.outputs}
    sources = [
        {producer[part.tensor] for part in op.inputs if part.tensor in producer} - {index}
        for index, op in enumerate(operators)
    ]
    order = topological_order(sources)
    if len(order) < len(operators):
        stuck = operators[find_cycle(sources)[0]].name
        raise InputError(f"the graph has a cycle through operator {stuck!r}")
    return tuple(operators[index] for index in order)
