"""Measured against estimated kernels, in a terminal."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.text import Text

from hwsim.descriptions.sheet import Table
from hwsim.report import units
from hwsim.report.sheet import print_rows

MOST = 20
PERCENT = ("mape", "median_ape", "p90_ape", "bias", "roofline_mape", "error", "ape")
SECONDS = ("measured_s", "estimated_s", "roofline_s", "least_s", "total_s")
TABLES = (
    ("by_op", "by operator"),
    ("worst", "worst rows"),
    ("audit", "faster than physics allows"),
    ("unmatched", "not matched"),
)


def print_measured(answer: dict[str, Any], console: Console) -> None:
    """Print the answer of ``hwsim compare``: errors by operator, worst, impossible and unmatched rows."""
    mape = answer["mape"]
    said = "nothing could be matched" if mape is None else f"{units.percent(mape)} off on average"
    console.print(
        Text.assemble((answer["arch"], "bold"), f": {said} ({len(answer['rows'])} rows)"), soft_wrap=True
    )
    for note in answer["notes"]:
        console.print(Text(f"note: {note}", style="dim"), soft_wrap=True)
    for key, title in TABLES:
        rows = tuple(readable(row) for row in answer[key])
        if rows:
            print_rows(Table(title, rows), console, MOST)


def readable(row: dict[str, Any]) -> dict[str, Any]:
    """A row with its numbers in units, its keys without."""
    return {key.removesuffix("_s"): shown(key, value) for key, value in row.items()}


def shown(key: str, value: Any) -> Any:
    """A value as its key says it is to be read."""
    if value is None:
        return value
    if key in PERCENT:
        return units.percent(value)
    return units.seconds(value) if key in SECONDS else value
