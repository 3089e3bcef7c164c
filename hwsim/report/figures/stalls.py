"""Cycles lost, by cause."""

from __future__ import annotations

from collections.abc import Sequence

from plotly.graph_objects import Figure

from hwsim.report import chart, palette, units
from hwsim.report.document import Run
from hwsim.report.grid import Cell, Grid, number
from hwsim.report.groups import Group, leading

SECTION = "time"
ORDER = 40
TITLE = "Stalls by cause"
MOST = 16


def figure(run: Run) -> Figure | None:
    """The operators that stall most: cycles of work and cycles of each cause of a stall."""
    groups = _stalled(run)
    if not groups:
        return None
    work = [group.compute_cycles for group in groups]
    series = [_series(groups, "work", palette.NEUTRAL, work)]
    for cause, colour in _colours(run).items():
        lost = [group.stall_cycles(cause) for group in groups]
        series.append(_series(groups, cause, colour, lost))
    shown = [one for one in series if one.bars]
    return chart.stacked([group.label for group in groups], shown, chart.axis("cycles"))


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
    return f"{units.percent(lost / total)} of the cycles of all operators are stalls: {parts}."


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


def _series(groups: Sequence[Group], name: str, colour: str, cycles: Sequence[float]) -> chart.Series:
    bars = [
        chart.Bar(row, length, _says(groups[row], name, length))
        for row, length in enumerate(cycles)
        if length
    ]
    return chart.Series(name, colour, bars)


def _says(group: Group, name: str, cycles: float) -> str:
    share = units.percent(cycles / group.cycles) if group.cycles else "–"
    return chart.says(
        group.label, f"{name}: {units.count(cycles)} cycles", f"{share} of its {units.count(group.cycles)}"
    )


def _row(group: Group, causes: Sequence[str]) -> tuple[Cell, ...]:
    figures = [group.cycles, group.compute_cycles, *(group.stall_cycles(cause) for cause in causes)]
    return (group.label, *(number(units.count(value), value) for value in figures))
