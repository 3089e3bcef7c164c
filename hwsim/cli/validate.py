"""``hwsim validate``: our models against their references."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hwsim.cli.output import JsonOption, answer, console, message, write_json


def validate(
    name: Annotated[
        str | None, typer.Argument(help="A reference: scalesim ...; by default all whose data is shipped.")
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(metavar="PATH", help="Other data in the reference's format: a file or folder."),
    ] = None,
    bands: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write what was found as error bands to FILE.")
    ] = None,
    json: JsonOption = None,
) -> None:
    """Compare with a reference, row by row; exit with 1 if a row is outside its tolerance."""
    from hwsim.report.validation import print_comparison
    from hwsim.spec.errors import CheckFailed, InputError
    from hwsim.validation.bands import write_bands
    from hwsim.validation.registry import compare_all, compare_with, inputs_of, without_data

    if data and not name:
        raise InputError("--data needs the name of the reference", hint="hwsim validate NAME --data PATH")
    found = (compare_with(name, data),) if name else compare_all()
    inputs = {key: value for each in found for key, value in inputs_of(each.name, data).items()}
    if json:
        content = found[0].as_json() if name else {"comparisons": [each.as_json() for each in found]}
        write_json(answer(inputs, **content), json)
    if json != "-":
        for each in found:
            print_comparison(each, console())
    absent = without_data()
    if absent and not name:
        message(f"not compared, as hwsim ships no data for them (--data PATH): {', '.join(absent)}")
    if bands:
        write_bands(bands, found)
        message(f"error bands: {bands}")
    failed = [f"{each.name}: {each.failed} of {len(each.rows)} rows" for each in found if each.failed]
    if failed:
        raise CheckFailed(f"outside tolerance: {', '.join(failed)}")
