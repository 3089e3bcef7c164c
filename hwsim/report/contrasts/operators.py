"""Time of each operator in both runs."""

from __future__ import annotations

from collections.abc import Sequence

from plotly.graph_objects import Figure

from hwsim.report import chart, palette, units
from hwsim.report.comparison import names
from hwsim.report.document import Operator, Run
from hwsim.report.grid import Cell, Grid, number
from hwsim.report.pairing import Pair, latency, pair

SECTION = "time"
ORDER = 20
TITLE = "Time per operator in both runs"
MOST = 20


def figure(run: Run, against: Run) -> Figure | None:
    """Two bars a group of operators, side by side; None where no operator is in both."""
    pairs = pair(run, against, MOST).pairs
    if not any(one.theirs for one in pairs):
        return None
    ours, theirs = names(run, against)
    series = [
        _series(ours, palette.COLOURS[0], pairs, [one.ours for one in pairs]),
        _series(theirs, palette.COLOURS[1], pairs, [one.theirs for one in pairs]),
    ]
    drawn = chart.stacked([one.label for one in pairs], series, chart.axis("time", "s"))
    drawn.update_layout(barmode="group", bargap=0.25, height=110 + 36 * len(pairs))
    return drawn


def caption(run: Run, against: Run) -> str:
    """What stands beside what."""
    missing = sum(not one.complete for one in pair(run, against, MOST).pairs)
    note = f" {missing} rows have operators that the other run lacks." if missing else ""
    return f"Operators of the same name; those of equal cost share a row.{note}"


def table(run: Run, against: Run) -> Grid:
    """The rows of the figure."""
    rows = tuple(_row(one) for one in pair(run, against, MOST).pairs)
    return Grid("Time per operator in both runs", ("Operator", *names(run, against)), rows)


def _series(
    name: str, colour: str, pairs: Sequence[Pair], ops: Sequence[tuple[Operator, ...]]
) -> chart.Series:
    times = [latency(members) for members in ops]
    bars = [
        chart.Bar(row, time, chart.says(pairs[row].label, f"{name}: {units.seconds(time)}"))
        for row, time in enumerate(times)
    ]
    return chart.Series(name, colour, bars)


def _row(one: Pair) -> tuple[Cell, ...]:
    times = (latency(one.ours), latency(one.theirs))
    return (one.label, *(number(units.seconds(time), time) for time in times))
