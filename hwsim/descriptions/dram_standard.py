"""DRAM standards: commands and rules of time, what there is to say about one."""

from __future__ import annotations

from hwsim.descriptions.kind import Kind
from hwsim.descriptions.sheet import Sheet, Table
from hwsim.engines.dram.standard import StandardFile, load_standard
from hwsim.spec.document import load_document
from hwsim.spec.library import find
from hwsim.spec.model import json_schema


def describe(name_or_path: str) -> Sheet:
    """The standard in a file or the library, with all it extends.

    Raises:
        InputError: it or one that it extends is at fault, with its position.
    """
    standard = load_standard(name_or_path)
    document = load_document(find("dram_standard", name_or_path))
    commands = standard.commands.items()
    rules = (rule.model_dump(mode="json", by_alias=True) for rule, _ in standard.rules)
    return Sheet(
        kind="dram_standard",
        name=standard.name,
        description=document.data.get("description", ""),
        file=document.file,
        content_hash=document.content_hash,
        facts={"command_buses": standard.command_buses, "source": document.data["source"]},
        tables=(
            Table("commands", tuple({"command": name, **each.model_dump()} for name, each in commands)),
            Table("defaults", tuple({"name": k, "formula": v} for k, v in standard.defaults.items())),
            Table("rules", tuple(rules)),
        ),
    )


KIND = Kind(
    name="dram_standard",
    says="commands of a family of DRAM and the rules of time between them",
    read=describe,
    keys=lambda: frozenset(field.alias or name for name, field in StandardFile.model_fields.items()),
    shelf="dram_standard",
    schema=lambda: json_schema(StandardFile),
)
