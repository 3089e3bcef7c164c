"""From the location in a pydantic error to the path in the document and the schema of what stands there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hwsim.spec.nodes import Path
from hwsim.spec.schema import Schema

_JSON_TYPES = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", float: "number"}


@dataclass(frozen=True, slots=True)
class Place:
    """A value in the document and what the models say about it."""

    path: Path
    data: Any
    schema: Schema
    root: Schema

    def settled(self) -> Place:
        """The same place with references followed and the branch of a union chosen that the data means."""
        schema = _dereferenced(self.schema, self.root)
        if "anyOf" in schema:
            branches = [_dereferenced(part, self.root) for part in schema["anyOf"]]
            branch = _fitting(branches, self.data)
            return Place(self.path, self.data, {**schema, **branch}, self.root)
        return Place(self.path, self.data, schema, self.root)

    def child(self, element: str | int) -> Place:
        """Where one element of a pydantic location leads: into the data, or only into a union's branch."""
        here = self.settled()
        tags = here.tags()
        if tags:
            branch = {"$ref": tags[element]} if element in tags else {}
            return Place(here.path, here.data, branch, here.root)
        try:
            data = here.data[element]
        except (KeyError, IndexError, TypeError):
            return here
        return Place((*here.path, element), data, _below(here.schema, element), here.root)

    def tags(self) -> dict[str | int, str]:
        """The classes a mapping may have here, with the schema of each."""
        tags: dict[str | int, str] = self.schema.get("discriminator", {}).get("mapping", {})
        return tags

    def choices(self) -> list[Any]:
        """The values allowed here, where there is a list of them."""
        if "const" in self.schema:
            return [self.schema["const"]]
        choices: list[Any] = self.schema.get("enum", [])
        return choices

    def fields(self) -> dict[str, Schema]:
        """The keys a mapping may have here."""
        fields: dict[str, Schema] = self.schema.get("properties", {})
        return fields


def find_place(root: Schema, data: Any, path: Path, location: Path) -> Place:
    """The place of ``location`` within ``data``, which itself stands at ``path`` of the document."""
    place = Place(path, data, root, root)
    for element in location:
        place = place.child(element)
    return place.settled()


def _dereferenced(schema: Schema, root: Schema) -> Schema:
    while "$ref" in schema:
        target = root.get("$defs", {}).get(schema["$ref"].rpartition("/")[2], {})
        schema = {**target, **{key: part for key, part in schema.items() if key != "$ref"}}
    return schema


def _fitting(branches: list[Schema], data: Any) -> Schema:
    """The branch whose type is the data's, else the first that is not null."""
    wanted = _JSON_TYPES.get(type(data))
    for branch in branches:
        kind = branch.get("type", "object" if "oneOf" in branch else None)
        if kind == wanted:
            return branch
    return next((branch for branch in branches if branch.get("type") != "null"), {})


def _below(schema: Schema, element: str | int) -> Schema:
    if isinstance(element, int):
        prefix = schema.get("prefixItems", [])
        found = prefix[element] if element < len(prefix) else schema.get("items", {})
    else:
        found = schema.get("properties", {}).get(element, schema.get("additionalProperties", {}))
    return found if isinstance(found, dict) else {}
