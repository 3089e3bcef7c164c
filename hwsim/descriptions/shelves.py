"""What can be named: the library's files by kind, and the words that files may use."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from hwsim.descriptions.registry import kinds
from hwsim.descriptions.sheet import Table
from hwsim.spec import library
from hwsim.spec.document import parse_document
from hwsim.spec.errors import InputError, did_you_mean
from hwsim.spec.files import read_text


def listing(kind: str | None) -> tuple[Table, ...]:
    """What there is of ``kind``, or of every kind of file in the library.

    Raises:
        InputError: no such kind.
    """
    shelves = {name: described.shelf for name, described in kinds().items() if described.shelf}
    if kind is None:
        return tuple(Table(name, tuple(_files(shelf))) for name, shelf in shelves.items())
    if kind in shelves:
        return (Table(kind, tuple(_files(shelves[kind]))),)
    if kind in WORDS:
        return (Table(kind, tuple(WORDS[kind]())),)
    raise InputError(f"there is nothing to list under {kind!r}", hint=did_you_mean(kind, {*shelves, *WORDS}))


def _files(shelf: library.Kind) -> Iterator[dict[str, Any]]:
    for entry in library.names(shelf):
        yield {"name": entry.name, "folder": entry.folder, "description": _description(entry.path)}


def _description(path: Path) -> str:
    """The ``description`` of a YAML file, without reading the rest of what may be a long file."""
    head: list[str] = []
    for line in read_text(path).splitlines():
        inside = line.startswith((" ", "\t")) and head
        if inside or (line.startswith("description:") and not head):
            head.append(line)
        elif head:
            break
    return str(parse_document("\n".join(head), str(path)).data["description"]) if head else ""


def _component_classes() -> Iterator[dict[str, Any]]:
    from hwsim.arch.registry import component_classes

    for name, cls in component_classes().items():
        keys = [field.alias or key for key, field in cls.model_fields.items()]
        yield {"name": name, "description": _first_line(cls), "keys": keys}


def _operator_kinds() -> Iterator[dict[str, Any]]:
    from hwsim.workload.kinds.base import OperatorSpec, operator_kinds

    for name, cls in sorted(operator_kinds().items()):
        keys = [key for key in cls.model_fields if key not in OperatorSpec.model_fields]
        yield {"name": name, "description": _first_line(cls), "keys": keys}


def _families() -> Iterator[dict[str, Any]]:
    from hwsim.workload.families.registry import families

    for name, family in sorted(families().items()):
        keys = list(family.config.model_fields)
        yield {"name": name, "description": _first_line(family.config), "keys": keys}


def _first_line(cls: type) -> str:
    return (inspect.getdoc(cls) or "").partition("\n")[0].replace("``", "")


WORDS: dict[str, Callable[[], Iterator[dict[str, Any]]]] = {
    "component": _component_classes,
    "operator": _operator_kinds,
    "family": _families,
}
"""Vocabularies of the files: classes of components, kinds of operators, families of models."""
