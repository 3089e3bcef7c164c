"""``hwsim show``: what a machine, workload, mapping, technology, cascade or plan says."""

from __future__ import annotations

from typing import Annotated

import typer

from hwsim.cli.output import JsonOption, console, write_json

KindOption = Annotated[
    str | None, typer.Option("--kind", help="What it is, where that is not clear: arch, workload ...")
]


def show(
    name: Annotated[str, typer.Argument(help="A file, or a name from 'hwsim list'.")],
    kind: KindOption = None,
    json: JsonOption = None,
) -> None:
    """Show a machine's tree, a workload's operators and totals, a technology's prices, a mapping, a plan."""
    from hwsim.descriptions.registry import find_kind, kind_called
    from hwsim.report.sheet import print_sheet

    sheet = (kind_called(kind) if kind else find_kind(name)).read(name)
    if json:
        write_json(sheet.as_json(), json)
    if json != "-":
        print_sheet(sheet, console())
