"""From a study's file to its space, with everything in it checked that can be checked without running it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, TypeVar

from hwsim.explore.amounts import scale
from hwsim.explore.axis_values import values_of
from hwsim.explore.content import document_of, overlapping
from hwsim.explore.expression import Expression, number_of, parse_expression
from hwsim.explore.metrics import NUMERIC
from hwsim.explore.point import PLACES, WORKLOAD
from hwsim.explore.space import Dimension, Link, Space
from hwsim.explore.study import Axis, AxisValue, Linked, StudyFile
from hwsim.spec.document import Document, load_document
from hwsim.spec.errors import InputError, did_you_mean
from hwsim.spec.library import find
from hwsim.spec.model import Spec, validate
from hwsim.spec.nodes import Path

Answer = TypeVar("Answer")
MOST_POINTS = 10**9
_TRIED = 10_000
"""Combinations among which a first point is looked for."""


def load_study(name_or_path: str, overrides: tuple[str, ...] = ()) -> Space:
    """The study in a file or the library.

    Args:
        name_or_path: a file, or a name of ``hwsim list study``.
        overrides: ``key=value`` by dotted path into the study's file.

    Raises:
        InputError: the file is at fault, with its position.
    """
    document = load_document(find("study", name_or_path))
    for each in overrides:
        path, _, value = each.partition("=")
        document = document.with_override(path, value)
    return space_of(document)


def space_of(document: Document) -> Space:
    """The space of designs that a document describes.

    Raises:
        InputError: the document is at fault, with its position.
    """
    _check_forms(document)
    study = validate(StudyFile, document)
    bases = {name: _base(document, place, name) for place, name in enumerate(study.machines)}
    for place, name in enumerate(study.workloads):
        _placed(document, ("workloads", place), partial(document_of, "workload", name))
    for place, name in enumerate(study.mappings):
        _placed(document, ("mappings", place), partial(document_of, "mapping", name))
    _check_keys(study, document)
    for key, value in study.settings.items():
        _placed(document, ("settings", key), partial(_readable, (value,)))
    known = frozenset((*PLACES, *study.settings, *study.vary, *study.link, *_shared(bases)))
    dimensions = tuple(_dimension(study, document, key, known) for key in study.vary)
    links = tuple(_link(document, key, each, known) for key, each in study.link.items())
    where = _formulas(document, "where", study.where, known)
    constraints = _formulas(document, "constraints", study.constraints, NUMERIC | known)
    _check_metrics(study, document)
    space = Space(study, document, dimensions, links, where, constraints, bases)
    _check_places(space)
    return space


def _check_forms(document: Document) -> None:
    """Where a mapping stands for a list or a text, what is wrong is wrong in the mapping."""
    forms: tuple[tuple[str, type[Spec]], ...] = (("vary", Axis), ("link", Linked))
    data = document.data if isinstance(document.data, dict) else {}
    for section, form in forms:
        given = data.get(section)
        for key, value in given.items() if isinstance(given, dict) else ():
            if isinstance(value, dict):
                validate(form, document, (section, key))


def _placed(document: Document, path: Path, ask: Callable[[], Answer]) -> Answer:
    """What ``ask`` says; what it complains about stands at ``path`` if it stands nowhere."""
    try:
        return ask()
    except InputError as error:
        position = document.position(path)
        if error.position and error.position.file != "command line":
            raise
        raise InputError(error.message, position, error.hint) from error


def _base(document: Document, place: int, name: str) -> dict[str, Any]:
    """The plain values of a machine by dotted name, as formulas see them."""
    machine = _placed(document, ("machines", place), partial(document_of, "machine", name))
    return dict(_plain(machine.data, ""))


def _plain(node: Any, name: str) -> Iterator[tuple[str, Any]]:
    for key, value in node.items() if isinstance(node, dict) else ():
        if key == "components" and isinstance(value, dict):
            for inner, below in value.items():
                yield from _plain(below, str(inner))
        elif isinstance(value, bool | int | float | str):
            yield (f"{name}.{key}" if name else str(key)), number_of(value)


def _shared(bases: dict[str, dict[str, Any]]) -> frozenset[str]:
    """The names that every machine has a value for."""
    names = [frozenset(base) for base in bases.values()]
    return frozenset.intersection(*names) if names else frozenset()


def _check_keys(study: StudyFile, document: Document) -> None:
    """No attribute is set in two ways, and none is called as a place is."""
    seen: dict[str, str] = {}
    for section in ("settings", "vary", "link"):
        for key in getattr(study, section):
            position = document.key_position((section, key))
            if key in PLACES:
                raise InputError(f"{key!r} cannot be set here", position, f"list them under '{key}s:'")
            if key in seen:
                raise InputError(f"{key!r} is already set under {seen[key]!r}", position, "leave one out")
            seen[key] = section


def _dimension(study: StudyFile, document: Document, key: str, known: frozenset[str]) -> Dimension:
    axis, path = study.vary[key], ("vary", key)
    values = _placed(document, path, lambda: _readable(values_of(axis)))
    if not values:
        raise InputError(f"there are no values for {key!r}", document.position(path))
    when = None if isinstance(axis, list) else axis.when
    if when is None:
        return Dimension(key, values)
    others = known - {key} - set(study.link)
    return Dimension(key, values, parse_expression(when, others, document.position((*path, "when"))))


def _readable(values: tuple[AxisValue, ...]) -> tuple[AxisValue, ...]:
    """The values, all such that formulas can calculate with them."""
    for value in values:
        number_of(value)
    return values


def _link(document: Document, key: str, each: str | Linked, known: frozenset[str]) -> Link:
    text, unit = (each, "") if isinstance(each, str) else (each.formula, each.unit)
    path: Path = ("link", key) if isinstance(each, str) else ("link", key, "formula")
    formula = parse_expression(text, known - {key}, document.position(path))
    _placed(document, ("link", key), partial(scale, unit))
    return Link(key, formula, unit)


def _formulas(
    document: Document, section: str, texts: list[str], known: frozenset[str]
) -> tuple[Expression, ...]:
    return tuple(
        parse_expression(text, known, document.position((section, place))) for place, text in enumerate(texts)
    )


def _check_metrics(study: StudyFile, document: Document) -> None:
    for section in ("objectives", "metrics"):
        for place, name in enumerate(getattr(study, section)):
            if name.removeprefix("-") not in NUMERIC:
                hint = did_you_mean(name, NUMERIC)
                raise InputError(f"there is no metric {name!r}", document.position((section, place)), hint)


def _check_places(space: Space) -> None:
    """Every setting has a place in every machine or workload, and no two change one value."""
    study, document = space.study, space.document
    sections = {
        **dict.fromkeys(study.settings, "settings"),
        **dict.fromkeys(study.vary, "vary"),
        **dict.fromkeys(study.link, "link"),
    }
    if space.candidates > MOST_POINTS:
        message = f"{space.candidates:,} combinations are more than the {MOST_POINTS:,} that can be run"
        raise InputError(message, document.key_position(("vary",)))
    first = next(space.points(most=_TRIED), None)
    if first is None:
        if space.candidates > _TRIED:
            return
        raise InputError("no point is left by the conditions", document.key_position(("where",)))
    samples = {**{each.key: each.values[0] for each in space.dimensions}, **dict(first.settings)}
    for kind, names in (("machine", study.machines), ("workload", study.workloads)):
        own = tuple((k, v) for k, v in samples.items() if k.startswith(WORKLOAD) == (kind == "workload"))
        for name in names:
            _check_settings(document, sections, kind, name, own)


def _check_settings(
    document: Document, sections: dict[str, str], kind: str, name: str, settings: tuple[tuple[str, Any], ...]
) -> None:
    for setting in settings:
        path = (sections[setting[0]], setting[0])
        _placed(document, path, partial(overlapping, kind, name, (setting,)))
    twice = overlapping(kind, name, settings)
    if twice:
        position = document.key_position((sections[twice[1]], twice[1]))
        raise InputError(f"{twice[0]!r} and {twice[1]!r} set the same value of {name!r}", position)
