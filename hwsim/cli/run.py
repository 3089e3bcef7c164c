"""``hwsim run``: a workload on a machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hwsim.cli.output import (
    JsonOption,
    ObjectiveOption,
    SetOption,
    console,
    message,
    refuse_same_target,
    refuse_together,
    write_json,
)


def run(
    arch: Annotated[str, typer.Option(help="Machine: a file, or a name from 'hwsim list arch'.")],
    workload: Annotated[str, typer.Option(help="Workload: a file, or a name from 'hwsim list workload'.")],
    mapping: Annotated[str, typer.Option(help="What to fix about the mapping: a file or a name.")] = "auto",
    objective: ObjectiveOption = None,
    plan: Annotated[
        Path | None, typer.Option(help="Follow this plan (from 'hwsim map') instead of making one.")
    ] = None,
    fidelity: Annotated[str, typer.Option(help="bound, analytical or event.")] = "analytical",
    settings: SetOption = None,
    allow_unknown: Annotated[bool, typer.Option(help="Model operators nobody knows by their bytes.")] = False,
    json: JsonOption = None,
    report: Annotated[Path | None, typer.Option(help="Write an HTML report that opens offline.")] = None,
    trace: Annotated[Path | None, typer.Option(help="Write a timeline for Perfetto (JSON).")] = None,
) -> None:
    """Run a workload on a machine: latency, energy, area and utilisation, each beside its lower bound."""
    from hwsim.pipeline import read_plan, simulate
    from hwsim.report.console import print_result

    refuse_same_target(json, report, trace)
    refuse_together({"--plan": plan, "--objective": objective})
    result = simulate(
        arch,
        workload,
        mapping,
        plan=read_plan(plan) if plan else None,
        fidelity=fidelity,
        overrides=tuple(settings or ()),
        allow_unknown=allow_unknown,
        objective=objective,
    )
    if json:
        write_json(result.json, json)
    if report:
        from hwsim.report.page import write_report

        write_report(result.json, report)
        message(f"report: {report}")
    if trace:
        from hwsim.report.perfetto import write_trace

        write_trace(result.json, trace)
        message(f"trace: {trace}")
    if json != "-":
        print_result(result.json, console())
