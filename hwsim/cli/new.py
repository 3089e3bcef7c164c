"""``hwsim new``: a commented file to begin with."""

from __future__ import annotations

from typing import Annotated

import typer

from hwsim.cli.output import message


def new(
    kind: Annotated[str, typer.Argument(help="arch, workload, mapping, cascade or technology.")],
    name: Annotated[str, typer.Argument(help="Its name; the file will be NAME.yaml.")],
) -> None:
    """Write a commented file that is right as it is, for you to change."""
    from hwsim.descriptions.begin import begin

    message(f"written: {begin(kind, name)}")
