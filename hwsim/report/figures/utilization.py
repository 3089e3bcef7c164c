"""How much of the run each component is busy."""

from __future__ import annotations

from plotly.graph_objects import Figure

from hwsim.report import chart, palette, units
from hwsim.report.document import Component, Run
from hwsim.report.grid import Cell, Grid, number

SECTION = "machine"
ORDER = 10
TITLE = "Utilization by component"
MOST = 24


def figure(run: Run) -> Figure | None:
    """One bar a component, as the machine lists them."""
    shown = _known(run)[:MOST]
    if not shown:
        return None
    shares = [one.utilization or 0.0 for one in shown]
    bars = [chart.Bar(row, shares[row], _says(one)) for row, one in enumerate(shown)]
    across = chart.axis("share of the run", tickformat="~%")
    series = [chart.Series("busy", palette.COMPUTE, bars)]
    drawn = chart.stacked([one.name for one in shown], series, across)
    chart.add_totals(drawn, shares, [units.percent(share) for share in shares])
    drawn.update_xaxes(range=[0, 1.12 * max(1.0, *shares)])
    return drawn


def caption(run: Run) -> str:
    """Which component is busy longest."""
    shown = _known(run)
    if not shown:
        return "No component states its utilization."
    most = max(shown, key=lambda one: one.utilization or 0.0)
    busiest = f"{most.name} is busy longest, {units.percent(most.utilization or 0.0)} of the run"
    return f"{busiest}. Busy does not mean fully used: the operators' share of the peak is further down."


def table(run: Run) -> Grid:
    """Utilization and busy cycles of each component."""
    columns = ("Component", "Class", "Utilization", "Busy cycles")
    return Grid("Utilization by component", columns, tuple(_row(one) for one in _known(run)))


def _known(run: Run) -> list[Component]:
    return [one for one in run.components if one.utilization is not None]


def _says(one: Component) -> str:
    busy = f"busy {units.percent(one.utilization or 0.0)} of the run"
    cycles = [] if one.busy_cycles is None else [f"{units.count(one.busy_cycles)} cycles"]
    return chart.says(one.name, busy, *cycles)


def _row(one: Component) -> tuple[Cell, ...]:
    used = one.utilization or 0.0
    busy = None if one.busy_cycles is None else number(units.count(one.busy_cycles), one.busy_cycles)
    return (one.name, one.class_, number(units.percent(used), used), busy)
