"""NIR graphs (HDF5) as workloads in our own YAML: nodes and edges; long arrays stay in the file.

Source: Pedersen et al., Neuromorphic Intermediate Representation (Nature Communications 2024), version 1.0.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hwsim.spec.errors import InputError, Position, did_you_mean
from hwsim.workload.spiking.graph.arrays import opened
from hwsim.workload.spiking.graph.node_types import ENDS, NODE_TYPES
from hwsim.workload.text import workload_text

SUFFIXES = (".nir",)

GRAPH = "NIRGraph"
MOST_WRITTEN = 8
"""Arrays of more entries are named, not written out."""
VERSIONS = ("0", "1")
"""Major versions that are understood."""
_MOST_DEEP = 64
"""Graphs within graphs that are followed: a link in HDF5 may lead back."""


def import_text(path: Path, allow_unknown: bool) -> str:
    """The graph in the .nir file at ``path`` as text in our own YAML; graphs within it are laid flat.

    A node ``a`` within a graph ``b`` is called ``b.a``.

    Raises:
        InputError: the file is cut short, no NIR, or has a node that NIR 1.0 does not have.
    """
    del allow_unknown
    with opened(path) as file:
        reader = _Reader(path, file)
        reader.check_version()
        reader.read(reader.group("node"), ())
        head = {
            "name": path.stem,
            "description": "a spiking network in NIR",
            "source": f"imported from {path.name}",
            "arrays": path.name,
        }
        return workload_text(head, {"nodes": reader.nodes, "edges": reader.edges})


class _Reader:
    """Walks the groups of one file; ``nodes`` and ``edges`` are those of the flat graph, ``ends`` the names
    of the Inputs and Outputs of each graph within it.
    """

    def __init__(self, path: Path, file: Any) -> None:
        self.path, self.file = path, file
        self.nodes: dict[str, dict[str, Any]] = {}
        self.edges: list[list[str]] = []
        self.ends: dict[tuple[str, str], list[str]] = {}

    def wrong(self, message: str, hint: str | None = None) -> InputError:
        """An error of the file."""
        return InputError(message, Position(str(self.path)), hint)

    def group(self, name: str) -> Any:
        """A group of the file."""
        found = self.file.get(name)
        if found is None or not hasattr(found, "keys"):
            raise self.wrong(f"the HDF5 file has no group {name!r}: it is no NIR", "nir.write writes one")
        return found

    def check_version(self) -> None:
        """Refuse a version whose nodes are not known."""
        version = self.file.get("version")
        said = _text(version[()]) if version is not None else ""
        if said and said.partition(".")[0] not in VERSIONS:
            raise self.wrong(f"NIR version {said!r} is not understood", "hwsim reads NIR 1.0")

    def read(self, group: Any, within: tuple[str, ...]) -> None:
        """Read the graph in ``group``, which is ``within`` graphs of these names."""
        kind = self.kind(group, ".".join(within) or "node")
        if kind != GRAPH:
            raise self.wrong(f"the file holds a single node of type {kind!r}, not a {GRAPH}")
        if len(within) > _MOST_DEEP:
            raise self.wrong(f"more than {_MOST_DEEP} graphs within each other")
        for part in ("nodes", "edges"):
            if part not in group:
                raise self.wrong(f"the graph {'.'.join(within) or 'node'!r} has no {part}")
        for name, node in group["nodes"].items():
            self.node(node, (*within, name))
        for edge in group["edges"][()]:
            if len(edge) != 2:
                raise self.wrong(f"an edge of the graph {'.'.join(within) or 'node'!r} is no pair")
            one, other = (".".join((*within, _text(each))) for each in edge)
            self.edges.append([self.end(one, "Output"), self.end(other, "Input")])

    def node(self, group: Any, names: tuple[str, ...]) -> None:
        """Read a node."""
        name = ".".join(names)
        kind = self.kind(group, name)
        if kind == GRAPH:
            self.ends[name, "Input"], self.ends[name, "Output"] = [], []
            self.read(group, names)
        elif kind not in NODE_TYPES:
            hint = did_you_mean(kind, NODE_TYPES)
            raise self.wrong(f"node {name!r} is of type {kind!r}, which NIR 1.0 does not have", hint)
        elif len(names) > 1 and kind in ENDS:
            self.ends[".".join(names[:-1]), kind].append(name)
            self.nodes[name] = {"type": "Identity"}
        else:
            self.nodes[name] = {"type": kind, **dict(self.attributes(group, kind, name))}

    def end(self, name: str, kind: str) -> str:
        """The node that an edge to or from ``name`` means: of a graph its only Input or Output."""
        found = self.ends.get((name, kind), [name])
        if len(found) != 1:
            message = f"an edge means the {kind} of graph {name!r}, which has {len(found)}"
            raise self.wrong(message, f"name one of them: {', '.join(found)}" if found else None)
        return found[0]

    def kind(self, group: Any, name: str) -> str:
        """The type of a node."""
        found = group.get("type") if hasattr(group, "keys") else None
        if found is None:
            raise self.wrong(f"{name!r} has no type: it is no node of NIR")
        return _text(found[()])

    def attributes(self, group: Any, kind: str, name: str) -> Iterator[tuple[str, Any]]:
        """The attributes of a node: short ones as they are, long ones by where they are in the file."""
        for key, value in group.items():
            if key in ("type", "metadata"):
                continue
            if not hasattr(value, "shape"):
                raise self.wrong(f"node {name!r} ({kind}): {key} is no array")
            if value.shape is None:
                continue
            if value.dtype.kind in "OS" and value.shape == ():
                yield key, _text(value[()])
            elif value.size > MOST_WRITTEN:
                yield key, {"dataset": value.name.lstrip("/")}
            else:
                yield key, value[()].tolist()


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
