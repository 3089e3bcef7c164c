"""``hwsim schema``: JSON Schemas for editors."""

from __future__ import annotations

from typing import Annotated

import typer

from hwsim.cli.output import write_json


def schema(
    kind: Annotated[str, typer.Argument(help="arch, workload, mapping, technology, cascade.")],
) -> None:
    """Print the JSON Schema of a kind of file, for your editor to help with it."""
    from hwsim.descriptions.registry import schema_of

    write_json(schema_of(kind), "-")
