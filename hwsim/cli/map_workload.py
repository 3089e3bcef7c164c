"""``hwsim map``: the plan alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hwsim.cli.output import (
    JsonOption,
    ObjectiveOption,
    SetOption,
    answer,
    console,
    message,
    refuse_same_target,
    write_json,
)


def map_workload(
    arch: Annotated[str, typer.Option(help="Machine: a file, or a name from 'hwsim list arch'.")],
    workload: Annotated[str, typer.Option(help="Workload: a file, or a name from 'hwsim list workload'.")],
    mapping: Annotated[str, typer.Option(help="What to fix about the mapping: a file or a name.")] = "auto",
    objective: ObjectiveOption = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="PLAN.json", help="Write the plan, for 'hwsim run --plan'."),
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(metavar="NESTS.svg", help="Draw the loop nests as boxes in boxes.")
    ] = None,
    settings: SetOption = None,
    allow_unknown: Annotated[bool, typer.Option(help="Model operators nobody knows by their bytes.")] = False,
    json: JsonOption = None,
) -> None:
    """Plan a workload on a machine, verify the plan, and print every contraction's loop nest."""
    from hwsim import pipeline
    from hwsim.mapping.plan import plan_to_json
    from hwsim.mapping.plan_text import nests, plan_text

    refuse_same_target(json, output, picture)
    machine, network = pipeline.describe(arch, workload, tuple(settings or ()), allow_unknown)
    plan = pipeline.map_workload(machine, network, mapping, objective)
    pipeline.verify(plan, machine, network)
    inputs = {"arch": {"hash": plan.arch_hash}, "workload": {"hash": plan.workload_hash}}
    content = answer(inputs, **plan_to_json(plan))
    for target in filter(None, (json, str(output or ""))):
        write_json(content, target)
    if json != "-":
        for line in plan_text(plan, machine):
            console().print(line, markup=False, soft_wrap=True)
    if output:
        message(f"plan: {output}")
    if picture:
        from hwsim.report.nest_picture import nest_pictures
        from hwsim.spec.files import write_atomically

        write_atomically(picture, nest_pictures(tuple(nests(plan, machine))))
        message(f"loop nests: {picture}")
