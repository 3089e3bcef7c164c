"""``hwsim cascade``: how often an algorithm must walk its data."""

from __future__ import annotations

from typing import Annotated

import typer

from hwsim.cli.output import JsonOption, answer, console, write_json


def cascade(
    file: Annotated[str, typer.Argument(help="A cascade: a file, or a name from 'hwsim list cascade'.")],
    more: Annotated[
        list[str] | None, typer.Argument(metavar="[RANK=SIZE]...", help="More sizes, as --shape.")
    ] = None,
    shape: Annotated[
        list[str] | None,
        typer.Option(metavar="RANK=SIZE", help="Size of a rank or family; gives live bytes and bounds."),
    ] = None,
    tile: Annotated[
        list[str] | None,
        typer.Option(metavar="RANK=SIZE", help="Coordinates of a rank processed at once (default 1)."),
    ] = None,
    buffer: Annotated[
        str | None, typer.Option(metavar="BYTES", help="On-chip buffer, such as 16MiB; unlimited by default.")
    ] = None,
    datatype: Annotated[str, typer.Option(help="Datatype of every tensor.")] = "bf16",
    json: JsonOption = None,
) -> None:
    """Count the passes a cascade of Einsums makes over each rank, say why, and bound its traffic."""
    from hwsim.einsum.question import ask
    from hwsim.report.cascade import print_cascade

    inputs, found = ask(file, (*(shape or ()), *(more or ())), tuple(tile or ()), buffer, datatype)
    if json:
        write_json(answer(inputs, **found), json)
    if json != "-":
        print_cascade(found, console())
