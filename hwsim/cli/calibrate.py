"""``hwsim calibrate``: the parameters of the GPU kernel models, fitted to measured kernels."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hwsim.cli.output import JsonOption, answer, console, message, write_json


def calibrate(
    data: Annotated[Path, typer.Option(metavar="PATH", help="Measured kernels: a CSV or a folder of them.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Where to write the parameters.")
    ] = None,
    json: JsonOption = None,
) -> None:
    """Fit the GPU kernel models; without -o only the errors before and after are shown."""
    from datetime import UTC, datetime

    from hwsim.descriptions.sheet import Table
    from hwsim.report.sheet import print_rows
    from hwsim.validation.gpu.calibrate import calibrate as fit_all
    from hwsim.validation.gpu.calibrate import hashes, write

    found = fit_all(data, datetime.now(UTC).strftime("%Y-%m-%d"))
    if json:
        inputs = {name: {"hash": digest} for name, digest in hashes(data).items()}
        write_json(answer(inputs, families=list(found.errors)), json)
    if json != "-" and found.errors:
        print_rows(Table("mean error in percent", found.errors), console(), len(found.errors))
    if output:
        write(output, found.parameters)
        message(f"parameters: {output}")
