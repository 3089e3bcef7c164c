"""How well each component is used while the run goes on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from plotly.graph_objects import Figure

from hwsim.report import chart, palette, units
from hwsim.report.document import Operator, Run
from hwsim.report.grid import Cell, Grid, number

SECTION = "machine"
ORDER = 20
TITLE = "Utilization over time"
BINS = 160
TABLE_BINS = 10
MOST = 6


def figure(run: Run) -> Figure | None:
    """One panel a component that runs operators: mean utilization in each slice of time."""
    names = _components(run)
    end = _end(run)
    if not names or not end:
        return None
    across = chart.axis("time", "s", range=[0, end], anchor=_axis("y", len(names) - 1))
    drawn = chart.frame(90 + 120 * len(names), xaxis=across)
    starts = [end * index / BINS for index in range(BINS + 1)]
    colours = palette.assign(names)
    shares = {name: binned(_ops(run, name), end, BINS) for name in names}
    top = max(max(panel) for panel in shares.values())
    for row, name in enumerate(names):
        drawn.add_scatter(
            x=starts, y=_stepped(shares[name]), yaxis=_axis("y", row), **_style(name, colours[name])
        )
        drawn.update_layout({_axis("yaxis", row): _vertical(row, len(names), top)})
    drawn.update_layout(hovermode="x", showlegend=True)
    return drawn


def caption(run: Run) -> str:
    """What a slice is."""
    width = units.seconds(_end(run) / BINS)
    return f"Mean share of the peak in {BINS} slices of {width} each; one scale for all."


def table(run: Run) -> Grid:
    """Mean utilization of each component in each tenth of the run."""
    end = _end(run)
    headings = tuple(f"{10 * index}–{10 * index + 10} %" for index in range(TABLE_BINS))
    rows = tuple(_row(name, binned(_ops(run, name), end, TABLE_BINS)) for name in _components(run))
    return Grid("Utilization in each tenth of the run", ("Component", *headings), rows)


def binned(ops: Sequence[Operator], end: float, bins: int) -> list[float]:
    """Utilization averaged over each of ``bins`` equal slices of the time from 0 to ``end`` seconds."""
    width = end / bins
    sums = [0.0] * bins
    for op in ops:
        first, last = int(op.start_s / width), min(bins - 1, int(op.end_s / width))
        for index in range(first, last + 1):
            inside = min(op.end_s, (index + 1) * width) - max(op.start_s, index * width)
            sums[index] += op.utilization * max(0.0, inside)
    return [total / width for total in sums]


def _stepped(shares: Sequence[float]) -> list[float]:
    """A value at each edge of the slices: the last slice gets its right edge."""
    return [round(share, 4) for share in (*shares, shares[-1])]


def _style(name: str, colour: str) -> dict[str, Any]:
    shown = chart.named(name)
    return {
        "name": shown,
        "mode": "lines",
        "line": {"shape": "hv", "width": 1, "color": colour},
        "fill": "tozeroy",
        "fillcolor": palette.translucent(colour, 0.3),
        "hovertemplate": f"%{{y:.1%}} at %{{x:.3s}}s<extra>{shown}</extra>",
    }


def _vertical(row: int, rows: int, greatest: float) -> dict[str, object]:
    """The axis of one panel: the first on top, a gap between panels."""
    top = 1 - row / rows
    domain = [max(0.0, top - 0.84 / rows), top]
    ticks = {"range": [0, 1.08 * greatest or 1], "nticks": 4, "tickformat": "~%"}
    return {"domain": domain, "automargin": True, "fixedrange": True, "zeroline": False} | ticks


def _axis(kind: str, row: int) -> str:
    return kind if row == 0 else f"{kind}{row + 1}"


def _components(run: Run) -> list[str]:
    """The components that run operators longest, in the order of their first operator."""
    times: dict[str, float] = {}
    for op in run.ops:
        times[op.component] = times.get(op.component, 0.0) + op.latency_s
    longest = sorted(times, key=lambda name: (-times[name], name))[:MOST]
    return [name for name in times if name in longest]


def _ops(run: Run, component: str) -> list[Operator]:
    return [op for op in run.ops if op.component == component]


def _end(run: Run) -> float:
    return max((op.end_s for op in run.ops), default=0.0)


def _row(name: str, shares: Sequence[float]) -> tuple[Cell, ...]:
    return (name, *(number(units.percent(share), share) for share in shares))
