"""``hwsim report``: a result or a study as a page that opens offline, and a gate on what changed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hwsim.cli.output import message


def report(
    run: Annotated[
        Path,
        typer.Argument(metavar="RUN|DIR", help="What 'hwsim run --json' wrote, or the folder of a study."),
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="R.html", help="Where to write; beside RUN by default."),
    ] = None,
    against: Annotated[Path | None, typer.Option(metavar="RUN2|DIR2", help="Compare with this one.")] = None,
    fail_if: Annotated[
        list[str] | None,
        typer.Option(metavar="'latency_s > 1.02x'", help="Exit with 1 if this holds ('x': times RUN2's)."),
    ] = None,
) -> None:
    """Write a result or a study as one HTML file that opens offline, alone or compared with another."""
    from hwsim.report.studies.choice import check_gates, write_any

    target = write_any(run, output, against)
    message(f"report: {target}")
    check_gates(run, against, fail_if or [])
