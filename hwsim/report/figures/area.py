"""Area by component."""

from __future__ import annotations

from plotly.graph_objects import Figure

from hwsim.report import chart, palette, units
from hwsim.report.document import Component, Run
from hwsim.report.grid import Cell, Grid, number

SECTION = "machine"
ORDER = 30
TITLE = "Area by component"
MOST = 20


def figure(run: Run) -> Figure | None:
    """One bar a component of known area, largest first."""
    known = _known(run)[:MOST]
    if not known:
        return None
    areas = [one.area_mm2 or 0.0 for one in known]
    shown = [f"{area:.3g} mm²" for area in areas]
    bars = [chart.Bar(row, area, chart.says(known[row].name, shown[row])) for row, area in enumerate(areas)]
    across = chart.axis("area in mm²", tickformat="~g")
    drawn = chart.stacked(
        [one.name for one in known], [chart.Series("area", palette.COLOURS[2], bars)], across
    )
    chart.add_totals(drawn, areas, shown)
    return drawn


def caption(run: Run) -> str:
    """The total and what is not known."""
    unknown = [one.name for one in run.components if one.area_mm2 is None]
    total = "unknown" if run.area_mm2 is None else f"{run.area_mm2:.4g} mm²"
    note = f" Not known: {', '.join(unknown[:8])}." if unknown else ""
    return f"Total area: {total}.{note}"


def table(run: Run) -> Grid:
    """Area, its share of the total and its source."""
    rows = tuple(_row(one, run.area_mm2) for one in _known(run))
    return Grid("Area by component", ("Component", "Area", "Share", "Source"), rows)


def _known(run: Run) -> list[Component]:
    found = [one for one in run.components if one.area_mm2]
    return sorted(found, key=lambda one: (-(one.area_mm2 or 0.0), one.name))


def _row(one: Component, total: float | None) -> tuple[Cell, ...]:
    area = one.area_mm2 or 0.0
    share = number(units.percent(area / total), area) if total else None
    return (one.name, number(f"{area:.4g} mm²", area), share, one.area_source)
