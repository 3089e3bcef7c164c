"""Which kinds of description there are: modules of this package with a ``KIND``, never listed by hand."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from hwsim.descriptions.kind import Kind
from hwsim.spec import library
from hwsim.spec.document import load_document
from hwsim.spec.errors import InputError, Position, did_you_mean

Choice = TypeVar("Choice")
_OWN = (".yaml", ".yml", ".json")
_COMMON = frozenset({"name", "description", "source", "notes"})


@cache
def kinds() -> dict[str, Kind]:
    """Every kind by its name."""
    package = importlib.import_module("hwsim.descriptions")
    modules = [
        importlib.import_module(f"{package.__name__}.{module.name}")
        for module in pkgutil.iter_modules(package.__path__)
    ]
    found = [module.KIND for module in modules if hasattr(module, "KIND")]
    return {kind.name: kind for kind in sorted(found, key=lambda kind: kind.name)}


def kind_called(name: str) -> Kind:
    """The kind called ``name``.

    Raises:
        InputError: there is none.
    """
    return _chosen(name, kinds(), f"there is no kind {name!r}")


def schema_of(kind: str) -> dict[str, Any]:
    """The JSON Schema of the files of a kind.

    Raises:
        InputError: no such kind, or editors have no use for one.
    """
    schemas = {each.name: each.schema for each in kinds().values() if each.schema}
    return _chosen(kind, schemas, f"there is no schema for {kind!r}")()


def starter_of(kind: str, name: str) -> str:
    """The text of a commented file of a kind, called ``name``.

    Raises:
        InputError: no such kind or none that one begins by hand, or no good name.
    """
    starters = {each.name: each.starter for each in kinds().values() if each.starter}
    return _chosen(kind, starters, f"there is no starter for {kind!r}")(name)


def find_kind(name_or_path: str) -> Kind:
    """The kind of a file, or of a name in the library.

    Raises:
        InputError: no such file or name, a name on several shelves, or a file of no kind.
    """
    path = Path(name_or_path)
    on_shelves = [kind for kind in kinds().values() if name_or_path in _names(kind)]
    if path.is_file() or (not on_shelves and (path.suffix or path.name != name_or_path)):
        return kind_of_file(path)
    if not on_shelves:
        known = [name for kind in kinds().values() for name in _names(kind)]
        message = f"there is no {name_or_path!r}, neither a file nor in the library"
        raise InputError(message, hint=did_you_mean(name_or_path, known))
    if len(on_shelves) > 1:
        names = " and ".join(kind.name for kind in on_shelves)
        raise InputError(f"{name_or_path!r} is the name of {names}", hint=f"say --kind {on_shelves[0].name}")
    return on_shelves[0]


def kind_of_file(path: Path) -> Kind:
    """The kind of the file at ``path``: by the ending of its name where that tells, else by its top keys.

    Raises:
        InputError: the file cannot be read, or its keys tell of no kind.
    """
    foreign = [kind for kind in kinds().values() if kind.reads_file(path)]
    if foreign and path.suffix.lower() not in _OWN:
        return foreign[0]
    data = load_document(path).data
    scores = {kind: _score(data, kind) for kind in (*foreign, *kinds().values())}
    best = max(scores, key=lambda kind: scores[kind])
    if scores[best] or foreign:
        return best
    message = f"the file has no key of any kind hwsim knows ({', '.join(kinds())})"
    raise InputError(message, Position(str(path)), "say which it is meant to be: --kind KIND")


def _score(data: Any, kind: Kind) -> int:
    """How many keys at the top of ``data`` belong to ``kind``, those that all kinds have left out."""
    return len((set(data) - _COMMON) & kind.keys()) if isinstance(data, dict) else 0


def _chosen(name: str, known: Mapping[str, Choice], otherwise: str) -> Choice:
    if name not in known:
        raise InputError(otherwise, hint=did_you_mean(name, known))
    return known[name]


def _names(kind: Kind) -> list[str]:
    return [entry.name for entry in library.names(kind.shelf)] if kind.shelf else []
