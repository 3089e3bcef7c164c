"""``hwsim schedule``: order, addresses and replacement for a graph and a scratchpad, with a proof."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hwsim.cli.output import JsonOption, answer, console, write_json


def schedule(
    graph: Annotated[Path, typer.Argument(help="Graph of operators and tensors (JSON, cosma-1).")],
    scratchpad: Annotated[
        str | None, typer.Option(help="Size of the scratchpad, e.g. 256KiB, in place of the file's.")
    ] = None,
    solver: Annotated[str, typer.Option(help="auto, highs or cpsat.")] = "auto",
    time_limit: Annotated[float, typer.Option(metavar="S", help="Seconds for everything.")] = 60.0,
    json: JsonOption = None,
) -> None:
    """Find the schedule with the least non-compulsory traffic, and say how far it can be from the best."""
    from hwsim.schedule.answer import file_input, schedule_answer, schedule_text
    from hwsim.schedule.choices import size_in_bytes, solve_options
    from hwsim.schedule.graph_file import read_problem
    from hwsim.schedule.solve import solve

    options = solve_options(solver, time_limit)
    problem = read_problem(graph, size_in_bytes(scratchpad, "--scratchpad") if scratchpad else None)
    result = solve(problem, options)
    if json:
        write_json(answer({"graph": file_input(graph)}, **schedule_answer(result)), json)
    if json != "-":
        for line in schedule_text(problem, result):
            console().print(line, markup=False, soft_wrap=True)
    if result.interrupted:
        raise KeyboardInterrupt
