"""Mappings: what there is to say about one."""

from __future__ import annotations

from pathlib import Path

from hwsim.descriptions.kind import Kind
from hwsim.descriptions.sheet import Sheet
from hwsim.mapping.choices import MappingChoices
from hwsim.mapping.schema import mapping_schema, starter
from hwsim.spec.document import load_document
from hwsim.spec.library import find
from hwsim.spec.model import validate


def describe(name_or_path: str) -> Sheet:
    """The mapping in a file or the library.

    Raises:
        InputError: it is at fault, with its position.
    """
    document = load_document(Path(find("mapping", name_or_path)))
    choices = validate(MappingChoices, document)
    return Sheet(
        kind="mapping",
        name=choices.name,
        description=choices.description,
        file=document.file,
        content_hash=document.content_hash,
        facts=choices.model_dump(mode="json", exclude={"name", "description"}),
    )


KIND = Kind(
    name="mapping",
    says="what is fixed about the way a workload runs on a machine",
    read=describe,
    keys=lambda: frozenset(MappingChoices.model_fields),
    shelf="mapping",
    schema=mapping_schema,
    starter=starter,
)
