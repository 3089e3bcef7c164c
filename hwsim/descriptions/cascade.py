"""Cascades: what there is to say about one."""

from __future__ import annotations

from pathlib import Path

from hwsim.descriptions.kind import Kind
from hwsim.descriptions.sheet import Sheet, Table
from hwsim.einsum import read
from hwsim.spec.document import load_document
from hwsim.spec.library import find
from hwsim.spec.model import json_schema
from hwsim.spec.naming import named

_STARTER = Path(read.__file__).with_name("starter.yaml")


def describe(name_or_path: str) -> Sheet:
    """The cascade in a file or the library.

    Raises:
        InputError: it is at fault, with its position.
    """
    document = load_document(Path(find("cascade", name_or_path)))
    read.cascade_in(document)
    einsums = tuple({"einsum": text} for text in document.data["einsums"])
    inputs = document.data.get("inputs", {})
    return Sheet(
        kind="cascade",
        name=document.data.get("name", "") or Path(document.file).stem,
        description=document.data.get("description", ""),
        file=document.file,
        content_hash=document.content_hash,
        facts={"inputs_of_cascade": {name: list(ranks) for name, ranks in inputs.items()}},
        tables=(Table("einsums", einsums),),
    )


KIND = Kind(
    name="cascade",
    says="a sequence of extended Einsums",
    read=describe,
    keys=lambda: frozenset(read.CascadeSpec.model_fields),
    shelf="cascade",
    schema=lambda: json_schema(read.CascadeSpec),
    starter=lambda name: named(_STARTER.read_text(encoding="utf-8"), "cascade", name),
)
