"""One thing wrong with a document, made from one error of pydantic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hwsim.spec.document import Document
from hwsim.spec.errors import Position, did_you_mean, nearest
from hwsim.spec.fields import FIELD_ERROR
from hwsim.spec.nodes import Path
from hwsim.spec.phrases import phrase, shown, subject
from hwsim.spec.place import Place, find_place
from hwsim.spec.schema import Schema

_YAML_1_1_BOOLEANS = {"yes": "true", "on": "true", "no": "false", "off": "false"}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at ``path`` and how to mend it; ``missing`` or ``unknown`` says that its key is."""

    path: Path
    position: Position
    message: str
    hint: str | None
    missing: bool = False
    unknown: bool = False


def fault_of(error: Any, schema: Schema, document: Document, path: Path) -> Fault:
    """The fault behind pydantic's ``error``, met in validating the data at ``path`` by ``schema``."""
    kind, location, context = error["type"], tuple(error["loc"]), error.get("ctx", {})
    data = document.value(path)
    if kind == "missing":
        return _missing(find_place(schema, data, path, location[:-1]), location[-1], document)
    if kind == "extra_forbidden":
        return _unknown(find_place(schema, data, path, location[:-1]), location[-1], document)
    place = find_place(schema, data, path, location)
    if kind == "union_tag_not_found":
        return _missing(place, _tag_key(place), document)
    if kind == "union_tag_invalid":
        return _unknown_class(place, document)
    if kind in ("literal_error", "enum"):
        return _not_a_choice(place, document)
    return _wrong_value(place, error, context, document)


def _missing(parent: Place, key: str | int, document: Document) -> Fault:
    if isinstance(key, int):
        return _too_few(parent, document)
    about = parent.fields().get(key, {}).get("description") or _listed(parent.tags())
    hint = f"add it: {about}" if about else "add it"
    position = document.key_position(parent.path)
    return Fault((*parent.path, key), position, f"the key {shown(key)} is missing", hint, missing=True)


def _too_few(entries: Place, document: Document) -> Fault:
    count = entries.schema.get("minItems", "more")
    message = f"{subject(entries.path)} must have {count} entries, got {len(entries.data)}"
    return Fault(entries.path, document.position(entries.path), message, None)


def _unknown(parent: Place, key: str, document: Document) -> Fault:
    path = (*parent.path, key)
    absent = [known for known in parent.fields() if known not in parent.data]
    match = nearest(key, absent)
    hint = f"did you mean {match!r}?" if match else did_you_mean(key, parent.fields())
    return Fault(path, document.key_position(path), f"unknown key {shown(key)}", hint, unknown=True)


def _unknown_class(place: Place, document: Document) -> Fault:
    key = _tag_key(place)
    path, given = (*place.path, key), place.data[key]
    message = f"unknown {key} {shown(given)}"
    return Fault(path, document.position(path), message, did_you_mean(str(given), map(str, place.tags())))


def _not_a_choice(place: Place, document: Document) -> Fault:
    choices = place.choices()
    message = f"{subject(place.path)} must be {_listed(choices)}, got {shown(place.data)}"
    match = nearest(str(place.data), map(str, choices))
    hint = f"did you mean {match!r}?" if match and len(choices) > 1 else None
    return Fault(place.path, document.position(place.path), message, hint)


def _wrong_value(place: Place, error: Any, context: dict[str, Any], document: Document) -> Fault:
    path = (*place.path, *context.get("at", ()))
    own = error["type"] == FIELD_ERROR
    text = error["msg"] if own else phrase(error["type"], error["msg"], context, place.data)
    hint = context.get("hint") if own else _hint(error["type"], place.data)
    return Fault(path, document.position(path), _with_subject(text, path, place), hint)


def _with_subject(text: str, path: Path, place: Place) -> str:
    """``text`` with the name of the value before it, unless it is about a mapping as a whole."""
    if text.startswith("must "):
        return f"{subject(path)} {text}"
    about_mapping = path == place.path and place.schema.get("type") == "object"
    return text if about_mapping or not path else f"{subject(path)}: {text}"


def _hint(kind: str, value: Any) -> str | None:
    if kind == "bool_type" and str(value).casefold() in _YAML_1_1_BOOLEANS:
        return f"write {_YAML_1_1_BOOLEANS[str(value).casefold()]}"
    if kind == "int_from_float" or (kind == "int_type" and isinstance(value, float)):
        return f"write {value:.0f}" if float(value).is_integer() else None
    return "quote it" if kind == "string_type" and isinstance(value, int | float) else None


def _tag_key(place: Place) -> str:
    return str(place.schema.get("discriminator", {}).get("propertyName", "class"))


def _listed(choices: Any) -> str:
    names = [shown(choice) for choice in choices]
    return " or ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else "".join(names)
