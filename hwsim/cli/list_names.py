"""``hwsim list``: what there is to name."""

from __future__ import annotations

from typing import Annotated

import typer

from hwsim.cli.output import JsonOption, answer, console, write_json


def list_names(
    kind: Annotated[
        str | None,
        typer.Argument(help="arch, workload, mapping, technology, cascade; component, operator, family."),
    ] = None,
    json: JsonOption = None,
) -> None:
    """List the library, or the words that files may use: component classes, operator kinds, families."""
    from hwsim.descriptions.shelves import listing
    from hwsim.report.sheet import print_rows

    tables = listing(kind)
    if json:
        write_json(answer({}, **{table.title: table.rows for table in tables}), json)
    if json != "-":
        for table in tables:
            print_rows(table, console(), most=len(table.rows))
