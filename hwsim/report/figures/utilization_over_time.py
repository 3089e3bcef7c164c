"""How much of each component is used while the run goes on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from plotly.graph_objects import Figure

from hwsim.report import chart, palette, units
from hwsim.report.document import Run
from hwsim.report.grid import Cell, Grid, number
from hwsim.report.usage import PEAK, Usage, binned, usages

SECTION = "machine"
ORDER = 20
TITLE = "Utilization over time"
BINS = 160
TABLE_BINS = 10
MOST = 6


def figure(run: Run) -> Figure | None:
    """One panel a component: shares in use in each slice of time."""
    found, end = usages(run), _end(run)
    names = list(dict.fromkeys(usage.component for usage in found))[:MOST]
    if not names or not end:
        return None
    shown = [usage for usage in found if usage.component in names]
    across = chart.axis("time", "s", range=[0, end], anchor=_axis("y", len(names) - 1))
    drawn = chart.frame(110 + 110 * len(names), xaxis=across, hovermode="x", showlegend=True)
    colours = palette.components(run)
    edges = [end * index / BINS for index in range(BINS + 1)]
    for usage in shown:
        shares = binned(usage.spans, end, BINS)
        place = {"x": edges, "y": _stepped(shares), "yaxis": _axis("y", names.index(usage.component))}
        drawn.add_scatter(**place, **_style(usage, colours[usage.component]))
    drawn.update_layout({_axis("yaxis", row): _vertical(row, len(names)) for row in range(len(names))})
    return drawn


def caption(run: Run) -> str:
    """What a slice is, and what is measured."""
    width = units.seconds(_end(run) / BINS)
    measures = "time busy, share of the peak MACs, share of the bandwidth taken"
    return f"Means over {BINS} slices of {width}: {measures}."


def table(run: Run) -> Grid:
    """The same in each tenth of the run."""
    end = _end(run)
    headings = tuple(f"{10 * index}–{10 * index + 10} %" for index in range(TABLE_BINS))
    rows = tuple(_row(usage, binned(usage.spans, end, TABLE_BINS)) for usage in usages(run)) if end else ()
    return Grid("Utilization in each tenth of the run", ("Component", *headings), rows)


def _stepped(shares: Sequence[float]) -> list[float]:
    """A value at each edge of the slices: the last slice gets its right edge."""
    return [round(share, 4) for share in (*shares, shares[-1])]


def _style(usage: Usage, colour: str) -> dict[str, Any]:
    shown = chart.named(usage.label)
    return {
        "name": shown,
        "mode": "lines",
        "line": {"shape": "hv", "width": 1.2, "color": colour},
        "fill": "tozeroy",
        "fillcolor": palette.translucent(colour, 0.55 if usage.measure == PEAK else 0.22),
        "hovertemplate": f"%{{y:.1%}} at %{{x:.3s}}s<extra>{shown}</extra>",
    }


def _vertical(row: int, rows: int) -> dict[str, object]:
    """The axis of one panel: the first on top, a gap between panels."""
    top = 1 - row / rows
    domain = [max(0.0, top - 0.84 / rows), top]
    ticks = {"rangemode": "tozero", "nticks": 4, "tickformat": "~%"}
    return {"domain": domain, "automargin": True, "fixedrange": True, "zeroline": False} | ticks


def _axis(kind: str, row: int) -> str:
    return kind if row == 0 else f"{kind}{row + 1}"


def _end(run: Run) -> float:
    return max((op.end_s for op in run.ops), default=0.0)


def _row(usage: Usage, shares: Sequence[float]) -> tuple[Cell, ...]:
    return (usage.label, *(number(units.percent(share), share) for share in shares))
