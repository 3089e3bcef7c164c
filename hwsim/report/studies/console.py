"""A study in a terminal: what a dry run found, and the best points of a sweep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from hwsim.explore.check import MOST_FAULTS, Check
from hwsim.explore.results import StudyResults
from hwsim.report.studies.quantities import shown

MOST_ROWS = 12


def print_check(check: Check, jobs: int, console: Console) -> None:
    """Print how many points there are, how long they take and what is wrong with which."""
    console.print(f"{check.points} points on {check.machines} different machines")
    if check.seconds is not None:
        total = check.seconds * check.points / jobs
        console.print(
            f"about {total:.3g} s with -j {jobs} ({check.seconds * 1e3:.3g} ms a point in a small sample)"
        )
    for point, message in check.faults[:MOST_FAULTS]:
        console.print(Text(f"point {point.position}: {message}"), soft_wrap=True)
    if len(check.faults) > MOST_FAULTS:
        console.print(f"... and {len(check.faults) - MOST_FAULTS} more points with faulty input")
    if not check.faults:
        console.print("the input of every point is right")


def print_study(found: StudyResults, console: Console) -> None:
    """Print how many points there are and the best of them, the Pareto front of the study's objectives."""
    bad = sum(row.outcome.status == "failed" for row in found.rows)
    left = sum(found.results["feasible"]) if found.rows else 0
    failed = f", {bad} failed" if bad else ""
    head = f"{found.space.study.name}: {len(found.rows)} points, {left} feasible{failed}"
    console.print(Text(head, style="bold"), soft_wrap=True)
    if left:
        front = found.pareto()
        console.print(Text(f"Pareto front of {', '.join(found.objectives)}: {len(front)} points"))
        columns = [*found.varied, *found.space.study.metrics, "bound_by"]
        console.print(_table(columns, front[columns].head(MOST_ROWS).to_dict("records")))
    for row in [row for row in found.rows if row.outcome.status == "failed"][:3]:
        first = row.outcome.message.partition("\n")[0]
        console.print(Text(f"point {row.position} failed: {first}", style="yellow"), soft_wrap=True)


def _table(columns: Sequence[str], rows: Sequence[Mapping[Any, Any]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for name in columns:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(Text(shown(name, row[name])) for name in columns))
    return table
