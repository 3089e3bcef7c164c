"""``hwsim schedule``: order, addresses and replacement for a graph and a scratchpad, with a proof."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hwsim.cli.output import (
    JsonOption,
    SetOption,
    answer,
    console,
    message,
    refuse_same_target,
    write_json,
)

if TYPE_CHECKING:
    from hwsim.schedule.scheduled import Scheduled

GraphArgument = Annotated[Path | None, typer.Argument(help="Graph of operators and tensors (JSON, cosma-1).")]
ArchOption = Annotated[
    str | None, typer.Option(help="Machine whose scratchpad, element sizes and prices count.")
]
ScratchpadOption = Annotated[
    str | None, typer.Option(help="Size of the scratchpad, e.g. 256KiB, in place of the file's.")
]
DatatypeOption = Annotated[
    str | None, typer.Option(help="Datatype of a workload's tensors where no machine says.")
]
OrderOption = Annotated[
    str, typer.Option(help="free; given: as in the file; or a file with one operator a line.")
]
PeakOption = Annotated[bool, typer.Option(help="Find the smallest scratchpad without any spill.")]


def schedule(
    graph: GraphArgument = None,
    workload: Annotated[
        str | None, typer.Option(help="A workload (file or name) in place of a graph.")
    ] = None,
    arch: ArchOption = None,
    scratchpad: ScratchpadOption = None,
    datatype: DatatypeOption = None,
    settings: SetOption = None,
    solver: Annotated[str, typer.Option(help="auto, highs or cpsat.")] = "auto",
    time_limit: Annotated[float, typer.Option(metavar="S", help="Seconds for everything.")] = 60.0,
    objective: Annotated[str, typer.Option(help="bytes, time or energy of the transfers.")] = "bytes",
    order: OrderOption = "free",
    activations_only: Annotated[bool, typer.Option(help="Leave weights out of the problem.")] = False,
    in_place: Annotated[bool, typer.Option(help="Element-wise operators overwrite what they read.")] = False,
    alignment: Annotated[int, typer.Option(metavar="BYTES", help="Addresses are multiples of it.")] = 1,
    banks: Annotated[int | None, typer.Option(help="Equal banks; no two tensors share one.")] = None,
    minimum_peak: PeakOption = False,
    allow_unknown: Annotated[bool, typer.Option(help="Model operators nobody knows by their bytes.")] = False,
    json: JsonOption = None,
    lp: Annotated[Path | None, typer.Option(help="Write the integer linear program (CPLEX LP).")] = None,
    report: Annotated[Path | None, typer.Option(help="Write an HTML report that opens offline.")] = None,
) -> None:
    """Find the schedule with the least non-compulsory traffic, and say how far it can be from the best."""
    from hwsim.energy.schedule_request import ScheduleRequest
    from hwsim.energy.schedule_request import schedule as solved

    refuse_same_target(json, lp, report)
    found = solved(
        ScheduleRequest(
            graph=graph,
            workload=workload,
            arch=arch,
            scratchpad=scratchpad,
            datatype=datatype,
            overrides=tuple(settings or ()),
            allow_unknown=allow_unknown,
            solver=solver,
            time_limit_s=time_limit,
            objective=objective,
            order=order,
            weights=not activations_only,
            reuse=in_place,
            alignment=alignment,
            banks=banks,
            minimum_peak=minimum_peak,
        )
    )
    _write(found, json, lp, report)
    if found.result.interrupted:
        raise KeyboardInterrupt


def _write(found: Scheduled, json: str | None, lp: Path | None, report: Path | None) -> None:
    """The answer as JSON, as text, as the program behind it, and as a page."""
    from hwsim.schedule.answer import schedule_answer, schedule_text

    if json:
        write_json(answer(found.inputs, **schedule_answer(found)), json)
    if lp:
        from hwsim.schedule.ilp import write_lp
        from hwsim.schedule.indexed import index_problem

        write_lp(index_problem(found.problem), addresses=True, path=lp)
        message(f"integer linear program: {lp}")
    if report:
        from hwsim.report.schedule.page import write_schedule_report

        write_schedule_report(found, report)
        message(f"report: {report}")
    if json != "-":
        for line in schedule_text(found):
            console().print(line, markup=False, soft_wrap=True)
