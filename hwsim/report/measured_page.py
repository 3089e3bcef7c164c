"""Measured against estimated kernels, as one HTML file that opens offline."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from plotly.graph_objects import Figure, Scatter

from hwsim import __version__
from hwsim.report import chart
from hwsim.report.grid import Cell, Grid, Number, table
from hwsim.report.markup import Html, element, join
from hwsim.report.measured import TABLES, shown
from hwsim.report.shell import Heading, Section, document
from hwsim.spec.files import write_atomically

PLOT = "measured-estimated"
HEIGHT = 520
MOST_ROWS = 5000


def write_measured_page(answer: dict[str, Any], source: str, path: Path) -> None:
    """Write the answer of ``hwsim compare`` on the file ``source`` to ``path``.

    Raises:
        InputError: the file cannot be written.
    """
    write_atomically(path, render(answer, source))


def render(answer: dict[str, Any], source: str) -> str:
    """The page."""
    heading = Heading(f"{answer['arch']} against measurements", source)
    tables = [
        Section(key.replace("_", "-"), title.capitalize(), _table(answer[key], title, key))
        for key, title in (*TABLES, ("rows", "all rows"))
        if answer[key]
    ]
    scatter = Section("scatter", "Measured and estimated", _plot(answer))
    figures = {PLOT: figure(answer["rows"]).to_plotly_json()}
    return document(heading, [scatter, *tables], _plain(figures), f"Written by hwsim {__version__}.")


def figure(rows: Sequence[dict[str, Any]]) -> Figure:
    """Estimated over measured time, one colour an operator; the line is where both are equal."""
    drawn = chart.frame(HEIGHT, xaxis=_axis("measured"), yaxis=_axis("estimated"), showlegend=True)
    for name in dict.fromkeys(row["op"] for row in rows):
        own = [row for row in rows if row["op"] == name]
        drawn.add_trace(
            Scatter(
                x=[row["measured_s"] for row in own],
                y=[row["estimated_s"] for row in own],
                text=[f"{row['dtype']} {row['dims']}" for row in own],
                mode="markers",
                name=name,
            )
        )
    times = [row[key] for row in rows for key in ("measured_s", "estimated_s")]
    ends = [min(times), max(times)] if times else []
    drawn.add_trace(Scatter(x=ends, y=ends, mode="lines", name="equal", hoverinfo="skip"))
    return drawn


def _axis(title: str) -> dict[str, Any]:
    return chart.axis(title, "s", type="log")


def _plain(figures: dict[str, Any]) -> dict[str, Any]:
    """The same without plotly's own classes."""
    import json

    from plotly.utils import PlotlyJSONEncoder

    plain: dict[str, Any] = json.loads(json.dumps(figures, cls=PlotlyJSONEncoder))
    return plain


def _plot(answer: dict[str, Any]) -> Html:
    caption = (
        f"{len(answer['rows'])} kernels; on the line the estimate is right. The tables have the same figures."
    )
    plot = element("div", id=PLOT, class_="plot", role="group", aria_label=caption)
    return element("figure", element("figcaption", caption), plot)


def _table(rows: Sequence[dict[str, Any]], title: str, key: str) -> Html:
    names = tuple(rows[0])
    cells = tuple(tuple(_cell(name, row[name]) for name in names) for row in rows[:MOST_ROWS])
    heads = tuple(name.removesuffix("_s").replace("_", " ") for name in names)
    left = len(rows) - len(cells)
    note = [element("p", f"{left} more rows are in the JSON.")] if left else []
    return join([table(Grid(title.capitalize(), heads, cells), f"{key.replace('_', '-')}-table"), *note])


def _cell(name: str, value: Any) -> Cell:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Number(str(shown(name, value)), float(value))
    return None if value is None else str(value)
