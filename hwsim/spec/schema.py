"""JSON Schemas of models: for editors, and for finding one's way from a pydantic error to the field."""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic import BaseModel

Schema = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SCALARS = frozenset(("string", "number", "integer", "boolean", "null"))
_ANNOTATIONS = frozenset(("title", "description", "default", "examples", "deprecated"))


def json_schema(model_type: type[BaseModel]) -> Schema:
    """The draft 2020-12 schema of what a user may write: every scalar, and every list of them, also as
    ``{value, source, note}``.
    """
    schema = plain_schema(model_type)
    definitions = {name: _with_sources(part) for name, part in schema.get("$defs", {}).items()}
    whole = _with_sources({key: part for key, part in schema.items() if key != "$defs"})
    return {"$schema": _DIALECT, **whole, **({"$defs": definitions} if definitions else {})}


@cache
def plain_schema(model_type: type[BaseModel]) -> Schema:
    """The schema pydantic makes, by the names used in YAML; shared, not to be changed."""
    return model_type.model_json_schema(by_alias=True, mode="validation")


def _with_sources(schema: Any) -> Any:
    """A copy of ``schema`` in which what stands below a key or in a list may be a sourced value."""
    if not isinstance(schema, dict):
        return schema
    changed = dict(schema)
    if "properties" in schema:
        changed["properties"] = {key: _sourced(part) for key, part in schema["properties"].items()}
    for key in ("items", "additionalProperties"):
        if key in schema:
            changed[key] = _sourced(schema[key])
    for key in ("prefixItems", "anyOf", "oneOf", "allOf"):
        if key in schema:
            inner = _sourced if key == "prefixItems" else _with_sources
            changed[key] = [inner(part) for part in schema[key]]
    return _by_class(changed) if "discriminator" in schema else changed


def _by_class(schema: Schema) -> Schema:
    """A choice among classes in which only the one that is named is looked into.

    As ``oneOf`` each level of a tree would be checked against every class: exponential in the depth.
    """
    key, classes = schema["discriminator"]["propertyName"], schema["discriminator"]["mapping"]
    named = [
        {"if": {"properties": {key: {"const": name}}, "required": [key]}, "then": {"$ref": reference}}
        for name, reference in classes.items()
    ]
    rest = {name: part for name, part in schema.items() if name != "oneOf"}
    one_of = {"type": "object", "properties": {key: {"enum": list(classes)}}, "required": [key]}
    return {**rest, "allOf": [one_of, *named]}


def _sourced(schema: Any) -> Any:
    if not isinstance(schema, dict) or "const" in schema or not (_is_scalar(schema) or _is_list(schema)):
        return _with_sources(schema)
    annotations = {key: part for key, part in schema.items() if key in _ANNOTATIONS}
    bare = {key: part for key, part in schema.items() if key not in _ANNOTATIONS - {"examples"}}
    plain = _with_sources(bare)
    return {**annotations, "anyOf": [plain, _sourced_form(plain)]}


def _is_scalar(schema: Schema) -> bool:
    if "anyOf" in schema:
        return all(_is_scalar(part) for part in schema["anyOf"])
    return "enum" in schema or schema.get("type") in _SCALARS


def _is_list(schema: Schema) -> bool:
    """Whether every item is a scalar, and there are no others."""
    items = [*schema.get("prefixItems", []), *([schema["items"]] if schema.get("items") else [])]
    return schema.get("type") == "array" and all(
        isinstance(each, dict) and _is_scalar(each) for each in items
    )


def _sourced_form(bare: Schema) -> Schema:
    return {
        "type": "object",
        "properties": {
            "value": bare,
            "source": {"type": "string", "description": "where the value is published, with the place in it"},
            "note": {"type": "string", "description": "a remark, such as the conversion that was made"},
        },
        "required": ["value"],
        "additionalProperties": False,
    }
