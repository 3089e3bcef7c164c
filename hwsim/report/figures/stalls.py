"""Cycles lost, by cause."""

from __future__ import annotations

from collections.abc import Sequence

from plotly.graph_objects import Figure

from hwsim.report import chart, palette, units
from hwsim.report.document import Run
from hwsim.report.grid import Cell, Grid, number
from hwsim.report.grouping import leading
from hwsim.report.groups import Group

SECTION = "time"
ORDER = 40
TITLE = "Stalls by cause"
MOST = 16
_READING = "Beside each bar: which share of the operator's cycles that is."


def figure(run: Run) -> Figure | None:
    """The operators that stall most: their lost cycles by cause."""
    groups = _stalled(run)
    if not groups:
        return None
    series = [_series(groups, cause, colour) for cause, colour in _colours(run).items()]
    shown = [one for one in series if one.bars]
    drawn = chart.stacked([group.label for group in groups], shown, chart.axis("cycles lost"))
    lost = [_lost(group) for group in groups]
    chart.add_totals(drawn, lost, [units.percent(_share(group)) for group in groups])
    drawn.update_layout(showlegend=True)
    return drawn


def caption(run: Run) -> str:
    """How many cycles are lost, and to what."""
    total = sum(op.cycles for op in run.ops)
    lost = sum(op.stall_cycles for op in run.ops)
    if not lost:
        return "No operator stalls."
    causes = {cause: sum(op.stalls.get(cause, 0) for op in run.ops) for cause in _causes(run)}
    parts = ", ".join(
        f"{cause} {units.percent(cycles / lost)}"
        for cause, cycles in causes.items()
        if cycles >= 0.001 * lost
    )
    return f"{units.percent(lost / total)} of the cycles of all operators are stalls: {parts}. {_READING}"


def table(run: Run) -> Grid:
    """Cycles of work and of each cause for the rows of the figure."""
    causes = _causes(run)
    rows = tuple(_row(group, causes) for group in _stalled(run))
    return Grid("Stalls by cause, in cycles", ("Operator", "Cycles", "Work", *causes), rows)


def _stalled(run: Run) -> list[Group]:
    """The groups that stall, most stalled cycles first."""
    return leading([op for op in run.ops if op.stall_cycles], MOST, _lost)


def _lost(group: Group) -> float:
    return group.total(lambda op: op.stall_cycles)


def _causes(run: Run) -> list[str]:
    return list(dict.fromkeys(cause for op in run.ops for cause in sorted(op.stalls)))


def _colours(run: Run) -> dict[str, str]:
    return dict(zip(sorted(_causes(run)), palette.COLOURS[1:] * 4, strict=False))


def _share(group: Group) -> float:
    return _lost(group) / group.cycles if group.cycles else 0.0


def _series(groups: Sequence[Group], cause: str, colour: str) -> chart.Series:
    cycles = [group.stall_cycles(cause) for group in groups]
    bars = [chart.Bar(row, lost, _says(groups[row], cause, lost)) for row, lost in enumerate(cycles) if lost]
    return chart.Series(cause, colour, bars)


def _says(group: Group, cause: str, lost: float) -> str:
    all_lost = f"{units.percent(_share(group))} of its {units.count(group.cycles)} cycles are stalls"
    return chart.says(group.label, f"{cause}: {units.count(lost)} cycles", all_lost)


def _row(group: Group, causes: Sequence[str]) -> tuple[Cell, ...]:
    figures = [group.cycles, group.compute_cycles, *(group.stall_cycles(cause) for cause in causes)]
    return (group.label, *(number(units.count(value), value) for value in figures))
