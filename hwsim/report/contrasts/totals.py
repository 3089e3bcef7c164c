"""Ratios of the totals of two runs."""

from __future__ import annotations

from plotly.graph_objects import Figure

from hwsim.report import chart, palette
from hwsim.report.comparison import Total, names, total_grid, totals
from hwsim.report.document import Run
from hwsim.report.grid import Grid

SECTION = "time"
ORDER = 10
TITLE = "Totals relative to the other run"


def figure(run: Run, against: Run) -> Figure | None:
    """One bar a total: ours over theirs, a line at 1."""
    known = [total for total in totals(run, against) if total.ratio is not None]
    if not known:
        return None
    ratios = [total.ratio or 0.0 for total in known]
    bars = [chart.Bar(row, ratio, _says(known[row], run, against)) for row, ratio in enumerate(ratios)]
    across = chart.axis("ratio", tickformat="~g")
    drawn = chart.stacked(
        [total.name for total in known], [chart.Series("ratio", palette.COLOURS[0], bars)], across
    )
    chart.add_totals(drawn, ratios, [f"{ratio:.3g}" for ratio in ratios])
    drawn.add_vline(x=1, line={"width": 2, "dash": "dot", "color": palette.COLOURS[1]})
    return drawn


def caption(run: Run, against: Run) -> str:
    """What the bars are."""
    ours, theirs = names(run, against)
    return f"Each bar is the figure of {ours} divided by that of {theirs}."


def table(run: Run, against: Run) -> Grid:
    """Both values and the ratio."""
    return total_grid(run, against)


def _says(total: Total, run: Run, against: Run) -> str:
    values = zip(names(run, against), (total.ours or 0.0, total.theirs or 0.0), strict=True)
    return chart.says(total.name, *(f"{name}: {total.shown(value)}" for name, value in values))
