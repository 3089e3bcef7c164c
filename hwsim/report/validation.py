"""A reference comparison in a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from hwsim.descriptions.sheet import Table
from hwsim.report.sheet import print_rows
from hwsim.validation.comparison import Comparison

MOST_ROWS = 10
MOST_METRICS = 20
MOST_GROUPS = 60


def print_comparison(comparison: Comparison, console: Console) -> None:
    """Print the verdict, the rules applied before comparing, the summary by metric, and the worst rows."""
    verdict = f"{comparison.failed} of {len(comparison.rows)} rows outside tolerance"
    style = "bold red" if comparison.failed else "bold green"
    console.print(Text.assemble((comparison.name, "bold"), ": ", (verdict, style)))
    for note in comparison.notes:
        console.print(Text(f"note: {note}", style="dim"), soft_wrap=True)
    summary = comparison.summary()
    if len(summary) > MOST_METRICS:
        summary.sort(key=lambda metric: -metric["max_error"])
    if summary:
        print_rows(Table("by metric", tuple(summary)), console, MOST_METRICS)
    for title, rows in comparison.tables.items():
        if rows:
            print_rows(Table(title, rows), console, MOST_GROUPS)
    worst = tuple(row.as_json() for row in comparison.worst(MOST_ROWS))
    if worst:
        print_rows(Table("worst rows", worst), console, MOST_ROWS)
