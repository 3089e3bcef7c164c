"""``hwsim report``: a result as a page that opens offline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hwsim.cli.output import message


def report(
    run: Annotated[Path, typer.Argument(metavar="RUN.json", help="What 'hwsim run --json RUN.json' wrote.")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="R.html", help="Where to write; beside RUN by default."),
    ] = None,
    against: Annotated[Path | None, typer.Option(metavar="RUN2.json", help="Compare with this run.")] = None,
) -> None:
    """Write a result as one HTML file that opens offline, alone or compared with another."""
    from hwsim.report.page import write_report
    from hwsim.report.result_file import read_result

    result = read_result(run)
    other = read_result(against) if against else None
    target = output or run.with_suffix(".html")
    write_report(result, target, other)
    message(f"report: {target}")
