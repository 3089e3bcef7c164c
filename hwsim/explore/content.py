"""What a point is, as a number: equal machine, workload, mapping and model give equal keys in every study.

A document counts as the sum of the hashes of its leaves (path and value; amounts in SI units, so that 1 MiB
and 1024 KiB are the same). A setting changes a few leaves, so its effect is a difference that is computed
once, and a point's key is a handful of additions. Sums of hashes modulo 2^256 stand for multisets (Bellare,
Micciancio, "A new paradigm for collision-free hashing", EUROCRYPT 1997, sec. 5, AdHash).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from hwsim.explore.amounts import amount, exact, has_unit, scale
from hwsim.explore.model_version import model_version
from hwsim.explore.point import WORKLOAD, Point, override
from hwsim.spec.document import Document, load_document
from hwsim.spec.errors import InputError
from hwsim.spec.files import read_bytes
from hwsim.spec.library import Kind, find

_MODULUS = 2**256
_SAYING = frozenset({"name", "description", "source", "note", "notes"})
"""Keys that change what results are called or where values come from, and no value."""
Leaves = frozenset[tuple[str, str]]


@dataclass(slots=True)
class Contents:
    """Keys of points; remembers documents and what settings change in them."""

    _documents: dict[tuple[str, str], Document] = field(default_factory=dict)
    _bases: dict[tuple[str, str], int] = field(default_factory=dict)
    _changes: dict[tuple[str, str, str], int] = field(default_factory=dict)

    def key(self, point: Point) -> str:
        """The key of ``point``: 64 hexadecimal digits.

        Raises:
            InputError: a file is at fault, or a setting has no place in it.
        """
        machine = self._sum("machine", point.machine, point.machine_overrides)
        workload = self._sum("workload", point.workload, point.workload_overrides)
        mapping = self._sum("mapping", point.mapping, ())
        parts = (f"{machine:x}", f"{workload:x}", f"{mapping:x}", point.fidelity, model_version())
        return hashlib.sha256(" ".join(parts).encode()).hexdigest()

    def unplaced(self, point: Point) -> str:
        """A key for a point that has no content, for some setting finds no place."""
        return hashlib.sha256(f"{json.dumps(point.values)} {model_version()}".encode()).hexdigest()

    def _sum(self, kind: str, name: str, overrides: tuple[str, ...]) -> int:
        total = self._base(kind, name)
        for each in overrides:
            key = (kind, name, each)
            if key not in self._changes:
                self._changes[key] = self._change(kind, name, each)
            total += self._changes[key]
        return total % _MODULUS

    def _base(self, kind: str, name: str) -> int:
        key = (kind, name)
        if key not in self._bases:
            self._bases[key] = _total(leaves(self._document(kind, name))) + _beside(kind, name)
        return self._bases[key]

    def _document(self, kind: str, name: str) -> Document:
        key = (kind, name)
        if key not in self._documents:
            self._documents[key] = document_of(kind, name)
        return self._documents[key]

    def _change(self, kind: str, name: str, setting: str) -> int:
        gone, come = changed(kind, self._document(kind, name), setting)
        return _total(come) - _total(gone)


def changed(kind: str, document: Document, setting: str) -> tuple[Leaves, Leaves]:
    """The leaves that a setting takes away from a document, and those that it brings.

    Raises:
        InputError: the setting has no place in the document.
    """
    before, after = leaves(document), leaves(_SETTERS[kind](document, (setting,)))
    return before - after, after - before


def overlapping(kind: str, name: str, keys: tuple[tuple[str, Any], ...]) -> tuple[str, str] | None:
    """Two of the settings ``keys`` that change the same value of a document; None where none do.

    Raises:
        InputError: a setting has no place in the document.
    """
    document = document_of(kind, name)
    owner: dict[str, str] = {}
    for key, value in keys:
        gone, come = changed(kind, document, override(key.removeprefix(WORKLOAD), value))
        for path in {path for path, _ in gone | come}:
            if owner.setdefault(path, key) != key:
                return owner[path], key
    return None


def document_of(kind: str, name: str) -> Document:
    """The machine, workload or mapping called ``name`` as a document; read again when its file changes.

    Raises:
        InputError: there is none, or it is not understood.
    """
    path = find(_SHELVES[kind], name)
    stamp = path.stat().st_mtime_ns if path.is_file() else None
    return _read(kind, name) if stamp is None else _read_once(kind, name, str(path), stamp)


@lru_cache(maxsize=128)
def _read_once(kind: str, name: str, path: str, stamp: int) -> Document:
    del path, stamp
    return _read(kind, name)


def _read(kind: str, name: str) -> Document:
    return _READERS[kind](name)


def leaves(document: Document) -> Leaves:
    """Every value of a document with its path, but for names and descriptions."""
    return frozenset(_leaves(document.data, ""))


def _leaves(data: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(data, dict) and data:
        for key, value in data.items():
            if str(key) not in _SAYING or isinstance(value, dict | list):
                yield from _leaves(value, f"{path}/{json.dumps(key)}")
    elif isinstance(data, list) and data:
        for place, value in enumerate(data):
            yield from _leaves(value, f"{path}/{place}")
    else:
        yield path, _canonical(data)


def _canonical(value: Any) -> str:
    """A value in one spelling: amounts in SI units with what they measure."""
    if isinstance(value, str) and has_unit(value):
        return f"{amount(value)!r} {scale(exact(value)[1])[1]}"
    if isinstance(value, str) and Path(value).suffix in (".yaml", ".yml") and Path(value).is_file():
        return hashlib.sha256(read_bytes(Path(value))).hexdigest()
    return json.dumps(value, sort_keys=True)


def _total(found: Leaves) -> int:
    hashes = (hashlib.sha256(f"{path}={value}".encode()).digest() for path, value in found)
    return sum(int.from_bytes(each, "big") for each in hashes)


def _beside(kind: str, name: str) -> int:
    """What a folder holds beside the text made of it: the tables of a network of neurons."""
    folder = Path(name)
    if kind != "workload" or not folder.is_dir():
        return 0
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    digests = (hashlib.sha256(file.name.encode() + b"\0" + read_bytes(file)).digest() for file in files)
    return sum(int.from_bytes(each, "big") for each in digests)


def _machine(name: str) -> Document:
    from hwsim.arch.load import read_machine

    return read_machine(name)


def _workload(name: str) -> Document:
    from hwsim.workload.load import read_workload

    return read_workload(name)


def _mapping(name: str) -> Document:
    return load_document(find("mapping", name))


def _set_machine(document: Document, overrides: tuple[str, ...]) -> Document:
    from hwsim.arch.load import apply_overrides

    return apply_overrides(document, overrides)


def _set_workload(document: Document, overrides: tuple[str, ...]) -> Document:
    from hwsim.workload.load import apply_overrides

    return apply_overrides(document, overrides)


def _set_mapping(document: Document, overrides: tuple[str, ...]) -> Document:
    raise InputError(f"a mapping has no settings, {overrides[0]!r} is none", document.position())


_SHELVES: dict[str, Kind] = {"machine": "arch", "workload": "workload", "mapping": "mapping"}
_READERS: dict[str, Callable[[str], Document]] = {
    "machine": _machine,
    "workload": _workload,
    "mapping": _mapping,
}
_SETTERS: dict[str, Callable[[Document, tuple[str, ...]], Document]] = {
    "machine": _set_machine,
    "workload": _set_workload,
    "mapping": _set_mapping,
}
