"""How near the run is to the least time each resource needs."""

from __future__ import annotations

from plotly.graph_objects import Figure

from hwsim.report import chart, palette, units
from hwsim.report.document import ResourceBound, Run
from hwsim.report.grid import Cell, Grid, number

SECTION = "time"
ORDER = 10
TITLE = "Latency and its lower bounds"


def figure(run: Run) -> Figure | None:
    """One bar a resource, longest first, and a line at the latency of the run."""
    bounds = _bounds(run)
    if not bounds:
        return None
    bars = [_bar(run, row, bound) for row, bound in enumerate(bounds)]
    across = chart.axis("least time", "s")
    labels = [f"{bound.resource} {units.seconds(bound.latency_s)}" for bound in bounds]
    drawn = chart.stacked(labels, [chart.Series("bound", palette.COMPUTE, bars)], across)
    drawn.update_xaxes(range=[0, 1.04 * run.latency_s or 1])
    drawn.add_vline(x=run.latency_s, line={"width": 2, "dash": "dot", "color": palette.COLOURS[1]})
    drawn.add_annotation(x=run.latency_s, y=1, yref="paper", yanchor="bottom", showarrow=False, **_label(run))
    return drawn


def caption(run: Run) -> str:
    """Which bound is the tightest and how far the run is above it."""
    bounds = _bounds(run)
    above = units.ratio(run.latency_s, run.lower_bound.latency_s)
    if not bounds or above is None:
        return "No resource sets a lower bound for this run."
    floor = units.seconds(run.lower_bound.latency_s)
    return (
        f"The tightest bound is {bounds[0].resource}; the run takes {above} times the lower bound of {floor}."
    )


def table(run: Run) -> Grid:
    """Each bound and its share of the latency."""
    rows = tuple(_row(run, bound) for bound in _bounds(run))
    return Grid("Lower bounds of the latency", ("Resource", "Least time", "Share of the latency"), rows)


def _row(run: Run, bound: ResourceBound) -> tuple[Cell, ...]:
    time = number(units.seconds(bound.latency_s), bound.latency_s)
    return (bound.resource, time, number(_share(run, bound), bound.latency_s))


def _bounds(run: Run) -> list[ResourceBound]:
    return sorted(run.lower_bound.bounds, key=lambda bound: (-bound.latency_s, bound.resource))


def _bar(run: Run, row: int, bound: ResourceBound) -> chart.Bar:
    lines = (f"at least {units.seconds(bound.latency_s)}", f"{_share(run, bound)} of the latency")
    return chart.Bar(row, bound.latency_s, chart.says(bound.resource, *lines))


def _share(run: Run, bound: ResourceBound) -> str:
    return units.percent(bound.latency_s / run.latency_s) if run.latency_s else "–"


def _label(run: Run) -> dict[str, str]:
    return {"text": f"this run: {units.seconds(run.latency_s)}", "xanchor": "right"}
