"""From a machine's YAML to an :class:`Arch`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field, PositiveInt

from hwsim.arch.component import Attributes, Component
from hwsim.arch.machine import Arch
from hwsim.arch.registry import component_classes
from hwsim.spec.document import Document, load_document
from hwsim.spec.errors import InputError, did_you_mean, nearest
from hwsim.spec.library import find
from hwsim.spec.model import Spec, validate
from hwsim.spec.quantity import Frequency

NODE_KEYS = ("class", "fanout", "components")
"""The keys of a component that belong to the tree, not to its class."""

Path_ = tuple[str | int, ...]


class ArchHeader(Spec):
    """The top of a machine's YAML file."""

    name: str
    """The machine's name."""
    description: str = ""
    """What it is, in a sentence."""
    clock: Frequency
    """The clock of every component that has none of its own."""
    technology: str
    """The table in arch_configs/technology/ that prices actions, areas and leakage."""
    source: str | None = None
    """Where the description as a whole comes from."""
    components: dict[str, Any]
    """The tree: one root component (the outermost memory), its parts under its own ``components:``."""


class NodeHeader(Spec):
    """The keys of a component that belong to the tree."""

    fanout: PositiveInt = 1
    """Identical instances side by side under one instance of the parent."""


def load_arch(name_or_path: str, overrides: tuple[str, ...] = ()) -> Arch:
    """Read a machine from a file or the library and apply ``--set`` overrides.

    Args:
        name_or_path: a file, or the name of a machine in ``arch_configs/``.
        overrides: ``component.attribute=value`` or ``key=value`` of the machine itself.

    Raises:
        InputError: the file or an override is at fault, with its position.
    """
    path = find("arch", name_or_path)
    return arch_of(apply_overrides(load_document(Path(path)), overrides))


def arch_of(document: Document) -> Arch:
    """The machine a document describes.

    Raises:
        InputError: the document is at fault, with its position.
    """
    header = validate(ArchHeader, document)
    if len(header.components) != 1:
        names = ", ".join(header.components) or "none"
        raise InputError(
            f"a machine has one root component, found {len(header.components)} ({names})",
            document.position(("components",)),
            "nest the others under the outermost memory's own 'components:'",
        )
    (name,) = header.components
    root = _component(document, ("components", name), header.clock, 1)
    _refuse_duplicates(document)
    return Arch(
        header.name, header.description, header.clock, header.technology, root, document.file, document.content_hash
    )


def apply_overrides(document: Document, overrides: tuple[str, ...]) -> Document:
    """``document`` with each ``name.attribute=value`` applied; the first name is a component or a top-level key."""
    for override in overrides:
        target, _, value = override.partition("=")
        first, _, rest = target.partition(".")
        paths = dict(_component_paths(document.data.get("components", {}), ()))
        if rest and first in paths:
            target = ".".join((*paths[first], rest))
        elif first not in ArchHeader.model_fields:
            hint = did_you_mean(first, [*paths, *ArchHeader.model_fields])
            raise InputError(f"--set {override}: the machine has no component or key {first!r}", hint=hint)
        document = document.with_override(target, value)
    return document


def _component_paths(components: Any, path: tuple[str, ...]) -> list[tuple[str, tuple[str, ...]]]:
    found: list[tuple[str, tuple[str, ...]]] = []
    if not isinstance(components, dict):
        return found
    for name, node in components.items():
        here = (*path, "components", name)
        found.append((name, here))
        if isinstance(node, dict):
            found += _component_paths(node.get("components"), here)
    return found


def _component(document: Document, path: Path_, clock: float, instances: int) -> Component:
    node = _node(document, path)
    attributes = _attributes(document, path, node)
    header = validate(NodeHeader, document, path, keys=("fanout",))
    own_clock = attributes.clock or clock
    total = instances * header.fanout
    children = tuple(
        _component(document, (*path, "components", name), own_clock, total) for name in node.get("components") or {}
    )
    return Component(
        name=str(path[-1]),
        attributes=attributes,
        clock=own_clock,
        fanout=header.fanout,
        instances=total,
        children=children,
        sources=_sources(document, path, node),
    )


def _node(document: Document, path: Path_) -> dict[str, Any]:
    node: Any = document.data
    for key in path:
        node = node[key]
    if not isinstance(node, dict):
        raise InputError(f"component {path[-1]!r} must be a mapping with a 'class'", document.position(path))
    children = node.get("components")
    if children is not None and not isinstance(children, dict):
        where = document.position((*path, "components"))
        raise InputError("'components' must map names to components", where)
    return node


def _attributes(document: Document, path: Path_, node: dict[str, Any]) -> Attributes:
    classes = component_classes()
    if "class" not in node:
        close = next((key for key in node if nearest(key, ["class"]) and key not in NODE_KEYS), None)
        hint = f"did you mean 'class' for {close!r}?" if close else f"one of: {', '.join(classes)}"
        raise InputError(f"component {path[-1]!r} has no 'class'", document.key_position(path), hint)
    name = node["class"]
    if not isinstance(name, str) or name not in classes:
        where = document.position((*path, "class"))
        raise InputError(f"no component class {name!r}", where, did_you_mean(str(name), classes))
    return validate(classes[name], document, path, ignore=NODE_KEYS)


def _sources(document: Document, path: Path_, node: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    found = ((key, document.source_of((*path, key))) for key in node if key not in NODE_KEYS)
    return tuple((key, source) for key, source in found if source)


def _refuse_duplicates(document: Document) -> None:
    seen: set[str] = set()
    for name, path in _component_paths(document.data["components"], ()):
        if name in seen:
            where = document.key_position(path)
            raise InputError(f"two components are called {name!r}", where, "names are unique in a machine")
        seen.add(name)
