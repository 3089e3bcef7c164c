"""The graph of a network: nodes with their attributes as arrays, and edges; checked node by node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from hwsim.spec.document import Document
from hwsim.spec.errors import InputError, Position, did_you_mean
from hwsim.workload.spiking.graph.node_types import NODE_TYPES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Node:
    """One node: ``values`` are its attributes, ``words`` those that are texts (padding: same)."""

    name: str
    type: str
    values: Mapping[str, Floats]
    words: Mapping[str, str]
    position: Position

    def value(self, attribute: str) -> Floats:
        """An attribute, or what stands for it where it is absent."""
        import numpy as np

        if attribute in self.values:
            return self.values[attribute]
        default = (NODE_TYPES[self.type].may or {})[attribute]
        return np.asarray(default, dtype=np.float64)

    def whole(self, attribute: str, least: int, count: int) -> tuple[int, ...]:
        """``count`` whole numbers of at least ``least``; one number stands for all.

        Raises:
            InputError: the attribute is anything else.
        """
        given = self.value(attribute).reshape(-1)
        numbers = [int(each) for each in given if each == int(each) and each >= least]
        if len(numbers) != len(given) or len(numbers) not in (1, count):
            raise self.wrong(f"{attribute} must be {count} whole numbers of at least {least}")
        return tuple(numbers * count if len(numbers) == 1 else numbers)

    def wrong(self, message: str, hint: str | None = None) -> InputError:
        """An error of this node."""
        return InputError(f"node {self.name!r} ({self.type}): {message}", self.position, hint)


@dataclass(frozen=True)
class NetworkGraph:
    """Nodes by name, and edges as pairs of names, each once, in the order given."""

    nodes: Mapping[str, Node]
    edges: tuple[tuple[str, str], ...]

    @cached_property
    def before(self) -> dict[str, tuple[str, ...]]:
        """The nodes that lead to each node."""
        return {name: tuple(a for a, b in self.edges if b == name) for name in self.nodes}

    @cached_property
    def after(self) -> dict[str, tuple[str, ...]]:
        """The nodes that each node leads to."""
        return {name: tuple(b for a, b in self.edges if a == name) for name in self.nodes}


def graph_in(document: Document, datasets: Mapping[tuple[str, str], Floats]) -> NetworkGraph:
    """The graph that ``nodes`` and ``edges`` of a document describe.

    Args:
        document: the workload.
        datasets: arrays that attributes name as ``dataset: PATH``, by node and attribute.

    Raises:
        InputError: a node or an edge is at fault, at its place.
    """
    nodes = {name: _node(document, name, datasets) for name in document.value(("nodes",))}
    edges = tuple(dict.fromkeys(_edge(document, at, nodes) for at in range(len(document.value(("edges",))))))
    return NetworkGraph(nodes, edges)


def _node(document: Document, name: str, datasets: Mapping[tuple[str, str], Floats]) -> Node:
    place = document.key_position(("nodes", name))
    given = document.value(("nodes", name))
    kind = given.get("type") if isinstance(given, dict) else None
    if not isinstance(kind, str):
        raise InputError(f"node {name!r} has no type", place, f"known: {', '.join(NODE_TYPES)}")
    if kind not in NODE_TYPES:
        message = f"node {name!r} is of type {kind!r}, which NIR 1.0 does not have"
        raise InputError(message, place, did_you_mean(kind, NODE_TYPES))
    wanted = NODE_TYPES[kind]
    for key in given:
        if key != "type" and key not in wanted.known:
            at, hint = document.key_position(("nodes", name, key)), did_you_mean(key, wanted.known)
            raise InputError(f"node {name!r} ({kind}) has no attribute {key!r}", at, hint)
    for key in wanted.needs:
        if key not in given:
            raise InputError(f"node {name!r} ({kind}): the attribute {key!r} is missing", place)
    words = {key: each for key, each in given.items() if isinstance(each, str) and key != "type"}
    values = {
        key: _array(document, name, key, datasets)
        for key, each in given.items()
        if key not in ("type", *words) and each is not None
    }
    return Node(name, kind, values, words, place)


def _array(document: Document, node: str, key: str, datasets: Mapping[tuple[str, str], Floats]) -> Floats:
    """The numbers of an attribute, every one finite."""
    import numpy as np

    place = document.position(("nodes", node, key))
    found = datasets.get((node, key))
    if found is None:
        try:
            found = np.asarray(document.value(("nodes", node, key)), dtype=np.float64)
        except (TypeError, ValueError):
            message = f"node {node!r}: {key} must be a number or a list of numbers, all rows alike"
            raise InputError(message, place) from None
    wrong = np.flatnonzero(~np.isfinite(found))
    if len(wrong):
        value = found.reshape(-1)[wrong[0]]
        message = f"node {node!r}: {key} has {value} at entry {wrong[0]} of {found.size}"
        raise InputError(message, place)
    return found


def _edge(document: Document, at: int, nodes: Mapping[str, Node]) -> tuple[str, str]:
    given = document.value(("edges", at))
    place = document.position(("edges", at))
    if not isinstance(given, list) or len(given) != 2:
        raise InputError("an edge is a pair of nodes: [from, to]", place)
    for name in given:
        if name not in nodes:
            raise InputError(f"the edge names {name!r}, which is no node", place, did_you_mean(name, nodes))
    return (given[0], given[1])
