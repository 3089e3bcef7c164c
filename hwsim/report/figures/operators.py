"""Time of each operator, coloured by what bounds it, with its lower bound."""

from __future__ import annotations

from collections.abc import Sequence

from plotly.graph_objects import Figure

from hwsim.report import chart, palette, units
from hwsim.report.document import Run
from hwsim.report.grid import Cell, Grid, number
from hwsim.report.grouping import READING, readable
from hwsim.report.groups import Group

SECTION = "time"
ORDER = 20
TITLE = "Time per operator, by what bounds it"
MOST = 28


def figure(run: Run) -> Figure | None:
    """One bar a group of operators in execution order, a tick at its lower bound."""
    groups = readable(run.ops, MOST)
    if not groups:
        return None
    series = [_series(groups, name, colour) for name, colour in palette.bounds(run).items()]
    shown = [one for one in series if one.bars]
    drawn = chart.stacked([group.label for group in groups], shown, chart.axis("time", "s"))
    times = [group.latency_s for group in groups]
    chart.add_totals(drawn, times, [units.seconds(time) for time in times])
    _add_lower_bounds(drawn, groups)
    drawn.update_layout(showlegend=True)
    return drawn


def caption(run: Run) -> str:
    """What bounds how much of the time."""
    total = sum(op.latency_s for op in run.ops)
    if total == 0:
        return "No operator takes time."
    times: dict[str, float] = {}
    for op in run.ops:
        times[op.bound_by] = times.get(op.bound_by, 0.0) + op.latency_s
    ranked = sorted(times.items(), key=lambda item: (-item[1], item[0]))
    shares = ", ".join(
        f"{name} {units.percent(time / total)}" for name, time in ranked if time > 0.0005 * total
    )
    return f"What bounds the time: {shares}. In execution order; {READING}."


def table(run: Run) -> Grid:
    """The rows of the figure."""
    columns = ("Operator", "On", "Bound by", "Time", "Lower bound", "× lower bound")
    return Grid("Time per operator", columns, tuple(_row(group) for group in readable(run.ops, MOST)))


def _series(groups: Sequence[Group], bound: str, colour: str) -> chart.Series:
    """The part of each row that ``bound`` bounds."""
    times = [sum(op.latency_s for op in group.members if op.bound_by == bound) for group in groups]
    bars = [chart.Bar(row, time, _says(groups[row], bound, time)) for row, time in enumerate(times) if time]
    return chart.Series(bound, colour, bars)


def _says(group: Group, bound: str, time: float) -> str:
    above = units.ratio(group.latency_s, group.lower_bound_s) or "–"
    return chart.says(
        group.label,
        f"{units.seconds(time)} bound by {bound}",
        f"{above} × lower bound",
        f"on {group.component}, {group.kind}",
    )


def _add_lower_bounds(drawn: Figure, groups: Sequence[Group]) -> None:
    """A tick across each row at the lower bound of its time."""
    drawn.add_scatter(
        name="lower bound",
        x=[group.lower_bound_s for group in groups],
        y=list(range(len(groups))),
        mode="markers",
        marker={"symbol": "line-ns", "size": 16, "line": {"width": 2, "color": palette.NEUTRAL}},
        hoverinfo="skip",  # the bar below says it; a label of its own would hide the bar's
    )


def _row(group: Group) -> tuple[Cell, ...]:
    above = units.ratio(group.latency_s, group.lower_bound_s)
    return (
        group.label,
        group.component,
        group.bound_by,
        number(units.seconds(group.latency_s), group.latency_s),
        number(units.seconds(group.lower_bound_s), group.lower_bound_s),
        number(above, group.latency_s / group.lower_bound_s if above else None),
    )
