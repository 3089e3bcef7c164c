"""Energy of each component in both runs."""

from __future__ import annotations

from plotly.graph_objects import Figure

from hwsim.report import chart, palette, units
from hwsim.report.comparison import names
from hwsim.report.document import Run
from hwsim.report.figures.energy import split_by_tensor
from hwsim.report.grid import Cell, Grid, number

SECTION = "energy"
ORDER = 10
TITLE = "Energy by component in both runs"
MOST = 16


def figure(run: Run, against: Run) -> Figure | None:
    """Two bars a component, side by side, most energy first."""
    rows = _rows(run, against)[:MOST]
    if not rows:
        return None
    series = [
        chart.Series(
            name,
            palette.COLOURS[side],
            [_bar(row, name, one[0], one[1][side]) for row, one in enumerate(rows)],
        )
        for side, name in enumerate(names(run, against))
    ]
    drawn = chart.stacked([name for name, _ in rows], series, chart.axis("energy", "J"))
    drawn.update_layout(barmode="group", bargap=0.25, height=110 + 36 * len(rows))
    return drawn


def caption(run: Run, against: Run) -> str:
    """What the bars are."""
    ours, theirs = names(run, against)
    return f"Dynamic energy and leakage of the components of {ours} and {theirs}, by name."


def table(run: Run, against: Run) -> Grid:
    """The rows of the figure."""
    rows = tuple(_row(name, energies) for name, energies in _rows(run, against))
    return Grid("Energy by component in both runs", ("Component", *names(run, against)), rows)


def _rows(run: Run, against: Run) -> list[tuple[str, tuple[float, float]]]:
    ours, theirs = split_by_tensor(run), split_by_tensor(against)
    sums = {name: (_sum(ours, name), _sum(theirs, name)) for name in [*ours, *theirs]}
    return sorted(sums.items(), key=lambda item: (-max(item[1]), item[0]))


def _sum(split: dict[str, dict[str, float]], name: str) -> float:
    return sum(split.get(name, {}).values())


def _bar(row: int, run: str, component: str, joules: float) -> chart.Bar:
    return chart.Bar(row, joules, chart.says(component, f"{run}: {units.joules(joules)}"))


def _row(name: str, energies: tuple[float, float]) -> tuple[Cell, ...]:
    return (name, *(number(units.joules(joules), joules) for joules in energies))
