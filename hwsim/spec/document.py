"""A YAML text as plain data, with the place and the source of every value."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from hwsim.spec import nodes, override
from hwsim.spec.composer import compose
from hwsim.spec.errors import InputError, Position
from hwsim.spec.files import read_text
from hwsim.spec.nodes import Node, Origin, Source

__all__ = ["Document", "Source", "load_document", "parse_document"]


@dataclass(frozen=True)
class Document:
    """What a file says: ``data`` is nested dicts, lists and scalars; treat it as read-only.

    A mapping of only ``value``, ``source`` and ``note`` is a sourced value: ``data`` holds the bare value,
    ``source_of`` gives the source.
    """

    file: str
    root: Node = field(repr=False)

    @property
    def data(self) -> Any:
        """The whole content."""
        return self.root.value

    def value(self, path: nodes.Path) -> Any:
        """The data at ``path``.

        Raises:
            InputError: there is nothing at ``path``.
        """
        found = list(self.root.walk(path))
        if len(found) <= len(path):
            missing = path[len(found) - 1]
            raise InputError(f"the key {missing!r} is missing", self.key_position(path[: len(found) - 1]))
        return found[-1].value

    def position(self, path: nodes.Path = ()) -> Position:
        """Where the value at ``path`` stands, or its nearest ancestor that exists."""
        return list(self.root.walk(path))[-1].position

    def key_position(self, path: nodes.Path) -> Position:
        """Where the key of the value at ``path`` stands; for a list entry, where the entry begins."""
        parents = list(self.root.walk(path[:-1]))
        place = parents[-1].key_places.get(str(path[-1])) if path and len(parents) == len(path) else None
        return place[0].position(place[1]) if place else self.position(path)

    def source_of(self, path: nodes.Path) -> Source | None:
        """The source given for the value at ``path``, else the ``source`` of the nearest mapping."""
        for node in reversed(list(self.root.walk(path))):
            source = node.source or _source_key(node)
            if source:
                return source
        return None

    @cached_property
    def sources(self) -> dict[nodes.Path, Source]:
        """The values that carry a source of their own, by path."""
        found: dict[nodes.Path, Source] = {}
        pending: list[tuple[nodes.Path, Node]] = [((), self.root)]
        while pending:
            path, node = pending.pop()
            if node.source:
                found[path] = node.source
            pending.extend(((*path, step), child) for step, child in reversed(list(node.children.items())))
        return found

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of the data as canonical JSON: the same for any layout, comments and sources."""
        canonical = json.dumps(self.data, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    def with_override(self, path: str, value: str, typed: str | None = None) -> Document:
        """A copy in which the value at the dotted ``path`` is ``value``, read as YAML (``--set path=value``).

        A step into a list is an index or the ``name`` of an entry. The last key may be new; what is above it
        must exist. Messages show ``typed`` where that is a shorter way to say ``path``.

        Raises:
            InputError: no such path, or ``value`` is not YAML.
        """
        return replace(self, root=override.apply(self.root, path, value, typed or path))


def load_document(path: Path) -> Document:
    """The document in the file at ``path``.

    Raises:
        InputError: the file cannot be read, is not text, is not YAML, or is empty.
    """
    return parse_document(read_text(path), str(path))


def parse_document(text: str, file: str) -> Document:
    """The document in ``text``; ``file`` is the name its positions carry.

    Raises:
        InputError: the text is not YAML, or is empty.
    """
    root = compose(Origin(file, text.removeprefix("\ufeff")))
    if root is None or root.value is None:
        raise InputError("the file is empty", Position(file), "see 'hwsim new' for a starter")
    return Document(file, root)


def _source_key(node: Node) -> Source | None:
    text = node.value.get("source") if isinstance(node.value, dict) else None
    return Source(text) if isinstance(text, str) and text else None
