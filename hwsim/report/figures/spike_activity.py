"""What happens in each time step, and how long it takes."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from plotly.graph_objects import Figure

from hwsim.report import chart, palette, units
from hwsim.report.document import Run
from hwsim.report.grid import Cell, Grid, number
from hwsim.report.spiking_document import Spiking

SECTION = "spikes"
ORDER = 20
TITLE = "Activity by time step"
TABLE_PARTS = 10
COUNTS = ("spikes", "packets", "hops", "synaptic_ops")


def figure(run: Run) -> Figure | None:
    """Above, events in each step; below, the time of the step."""
    if run.spiking is None:
        return None
    steps = list(range(1, int(run.spiking.timesteps) + 1))
    drawn = chart.frame(
        420,
        xaxis=chart.axis("time step", anchor="y2"),
        yaxis={**chart.axis("events", rangemode="tozero"), "domain": [0.42, 1.0]},
        yaxis2={**chart.axis("time", "s", rangemode="tozero"), "domain": [0.0, 0.34]},
        hovermode="x",
        showlegend=True,
    )
    for name, colour in zip(COUNTS, palette.COLOURS, strict=False):
        drawn.add_scatter(x=steps, y=getattr(run.spiking.steps, name), **_line(name, colour))
    times = _line("time", palette.COLOURS[len(COUNTS)])
    drawn.add_scatter(x=steps, y=run.spiking.steps.latency_s, yaxis="y2", **times)
    return drawn


def caption(run: Run) -> str:
    """The shortest and the longest step."""
    assert run.spiking is not None
    times = run.spiking.steps.latency_s
    return f"A time step takes {units.seconds(min(times))} to {units.seconds(max(times))}, barrier included."


def table(run: Run) -> Grid:
    """The same in each tenth of the run."""
    assert run.spiking is not None
    spiking, count = run.spiking, int(run.spiking.timesteps)
    edges = [count * part // TABLE_PARTS for part in range(TABLE_PARTS + 1)]
    spans = [(first, last) for first, last in pairwise(edges) if last > first]
    rows = tuple(_row(spiking, first, last) for first, last in spans)
    return Grid("Events and time in parts of the run", ("Time steps", *COUNTS, "Time"), rows)


def _row(spiking: Spiking, first: int, last: int) -> tuple[Cell, ...]:
    sums = [sum(getattr(spiking.steps, name)[first:last]) for name in COUNTS]
    time = sum(spiking.steps.latency_s[first:last])
    counts = (number(units.count(each), each) for each in sums)
    return (f"{first + 1}–{last}", *counts, number(units.seconds(time), time))


def _line(name: str, colour: str) -> dict[str, Any]:
    shown = name.replace("_", " ")
    return {"name": shown, "mode": "lines", "line": {"width": 1.2, "color": colour}}
