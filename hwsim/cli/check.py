"""``hwsim check``: whether a file is right."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hwsim.cli.output import JsonOption, console, write_json
from hwsim.cli.show import KindOption


def check(
    file: Annotated[Path, typer.Argument(help="A machine, workload, mapping, technology, cascade or plan.")],
    kind: KindOption = None,
    json: JsonOption = None,
) -> None:
    """Read a file as a run would and say what it is, or what is wrong and where."""
    from hwsim.descriptions.registry import kind_called, kind_of_file

    sheet = (kind_called(kind) if kind else kind_of_file(file)).read(str(file))
    if json:
        write_json(sheet.as_json(), json)
    if json != "-":
        console().print(f"ok: {sheet.kind} {sheet.name}", markup=False, soft_wrap=True)
