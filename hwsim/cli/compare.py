"""``hwsim compare``: measured kernels against what a machine's model says of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hwsim.cli.output import JsonOption, SetOption, answer, console, message, refuse_same_target, write_json


def compare(
    arch: Annotated[str, typer.Option(help="The machine: a YAML file or a library name (hwsim list arch).")],
    measured: Annotated[
        Path,
        typer.Option(metavar="FILE", help="Our CSV, torch.profiler JSON, nsys CSV or SQLite, ncu CSV."),
    ],
    sets: SetOption = None,
    json: JsonOption = None,
    report: Annotated[Path | None, typer.Option(metavar="R.html", help="Write a page to R.html.")] = None,
) -> None:
    """Compare measured kernels with their estimates: errors, worst rows and why, impossible rows."""
    from hwsim.arch.load import load_arch
    from hwsim.report.measured import print_measured
    from hwsim.spec.files import read_bytes
    from hwsim.validation.against import against
    from hwsim.validation.measurements import read_measurements

    refuse_same_target(json, report)
    machine = load_arch(arch, tuple(sets or ()))
    found = against(machine, read_measurements(measured)).as_json()
    if json:
        from hashlib import sha256

        inputs = {
            "arch": {"name": machine.name, "hash": machine.content_hash},
            "measured": {"file": str(measured), "hash": sha256(read_bytes(measured)).hexdigest()},
        }
        write_json(answer(inputs, **found), json)
    if json != "-":
        print_measured(found, console())
    if report:
        from hwsim.report.measured_page import write_measured_page

        write_measured_page(found, measured.name, report)
        message(f"report: {report}")
