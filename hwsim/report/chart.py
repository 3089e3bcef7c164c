"""What the figures have in common: frames, axes and stacked horizontal bars."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from plotly.graph_objects import Bar as BarTrace
from plotly.graph_objects import Figure

_ROW = 26
_FRAME = 104
_LONGEST_LABEL = 36
_LONGEST_ENTRY = 26


@dataclass(frozen=True, slots=True)
class Bar:
    """One piece of a stacked bar: its row, its length and what it says when pointed at."""

    row: int
    length: float
    says: str


@dataclass(frozen=True, slots=True)
class Series:
    """Pieces of one colour: one entry of the legend."""

    name: str
    colour: str
    bars: Sequence[Bar]


def frame(height: int, **layout: Any) -> Figure:
    """An empty figure of the given height in pixels; colours of text and grid come from the page."""
    legend = {
        "orientation": "h",
        "x": 0,
        "xanchor": "left",
        "y": 1,
        "yanchor": "bottom",
        "traceorder": "normal",
    }
    margin = {"l": 8, "r": 12, "t": 40, "b": 8}
    base = {"height": height, "legend": legend, "margin": margin, "hovermode": "closest", "template": None}
    return Figure(layout=base | layout)


def axis(title: str, unit: str = "", **more: Any) -> dict[str, Any]:
    """A linear axis with SI prefixes on its ticks."""
    ticks = {"tickformat": "~s", "ticksuffix": unit, "exponentformat": "SI"}
    return {"title": {"text": title, "standoff": 8}, "automargin": True, "rangemode": "tozero"} | ticks | more


def rows_axis(labels: Sequence[str]) -> dict[str, Any]:
    """A vertical axis of named rows, the first on top; equal names stay apart."""
    names = [plain(shortened(label)) for label in labels]
    ticks = {"tickmode": "array", "tickvals": list(range(len(labels))), "ticktext": names}
    bounds = {"range": [len(labels) - 0.5, -0.5], "fixedrange": True}
    return ticks | bounds | {"automargin": True, "showgrid": False, "zeroline": False}


def stacked(labels: Sequence[str], series: Sequence[Series], across: dict[str, Any]) -> Figure:
    """Horizontal bars, one row a label, stacked from the series; ``across`` is the horizontal axis."""
    figure = frame(
        _FRAME + _ROW * len(labels), barmode="stack", bargap=0.28, xaxis=across, yaxis=rows_axis(labels)
    )
    for one in series:
        trace = BarTrace(
            name=named(one.name),
            orientation="h",
            y=[bar.row for bar in one.bars],
            x=[bar.length for bar in one.bars],
            hovertext=[bar.says for bar in one.bars],
            hovertemplate="%{hovertext}<extra></extra>",
            marker={"color": one.colour, "line": {"width": 0}},
        )
        figure.add_trace(trace)
    figure.update_layout(showlegend=len(series) > 1)
    return figure


def add_totals(figure: Figure, totals: Sequence[float], shown: Sequence[str]) -> None:
    """Write a figure behind each row of a stacked chart."""
    figure.add_scatter(
        x=list(totals),
        y=list(range(len(totals))),
        text=[f" {one}" for one in shown],
        mode="text",
        textposition="middle right",
        hoverinfo="skip",
        showlegend=False,
        cliponaxis=False,
    )
    figure.update_xaxes(range=[0, 1.22 * max(totals, default=0) or 1])


def says(title: str, *lines: str) -> str:
    """The text of a hover label: a bold title and lines below."""
    return "<br>".join([f"<b>{plain(title)}</b>", *(plain(line) for line in lines)])


def named(name: str) -> str:
    """A name for the legend."""
    return plain(shortened(name, _LONGEST_ENTRY))


def plain(text: str) -> str:
    """Text that a figure shows as it is, whatever signs it has."""
    return html.escape(text, quote=False)


def shortened(label: str, longest: int = _LONGEST_LABEL) -> str:
    """A label cut in its middle if it is long: beginning and end tell names apart."""
    if len(label) <= longest:
        return label
    tail = longest // 2
    return f"{label[: longest - tail - 1]}…{label[-tail:]}"
