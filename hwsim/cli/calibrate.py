"""``hwsim calibrate``: the parameters of the GPU kernel models, fitted to measured kernels."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hwsim.cli.output import JsonOption, answer, console, message, refuse_same_target, write_json


def calibrate(
    data: Annotated[Path, typer.Option(metavar="PATH", help="Measured kernels: a CSV or a folder of them.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Where to write the parameters.")
    ] = None,
    bands: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write out-of-sample errors as error bands to FILE.")
    ] = None,
    json: JsonOption = None,
) -> None:
    """Fit the GPU kernel models; without -o only the errors before and after are shown."""
    from datetime import UTC, datetime

    from hwsim.descriptions.sheet import Table
    from hwsim.report.sheet import print_rows
    from hwsim.validation.gpu.calibrate import calibrate as fit_all
    from hwsim.validation.gpu.calibrate import hashes, write

    refuse_same_target(json, output, bands)
    found = fit_all(data, datetime.now(UTC).strftime("%Y-%m-%d"))
    if json:
        inputs = {name: {"hash": digest} for name, digest in hashes(data).items()}
        write_json(answer(inputs, families=list(found.errors)), json)
    if json != "-" and found.errors:
        print_rows(Table("mean error in percent", found.errors), console(), len(found.errors))
    if output:
        write(output, found.parameters)
        message(f"parameters: {output}")
    if bands:
        from hwsim.validation.gpu.bands import bands_of, write_bands
        from hwsim.validation.gpu.table import read_measured

        write_bands(bands, bands_of([row for row in read_measured(data) if row.seconds is not None]))
        message(f"error bands: {bands}")
