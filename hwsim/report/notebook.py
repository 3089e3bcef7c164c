"""A result in a notebook: its totals beside their bounds, and the operators that take longest."""

from __future__ import annotations

from typing import Any

from hwsim.report import units
from hwsim.report.document import Run, as_run
from hwsim.report.grid import Cell, Grid, Number
from hwsim.report.grouping import readable
from hwsim.report.markup import Html, element, join
from hwsim.report.summary import Card, cards

MOST_ROWS = 12
_NUMBER = "text-align:right"
_TEXT = "text-align:left"


def html(result: dict[str, Any]) -> str:
    """The result document as a piece of HTML without scripts or style sheets.

    Raises:
        NotAResultError: ``result`` is not a result document.
    """
    run = as_run(result)
    facts = join(_line(card) for card in cards(run))
    title = element("p", element("strong", run.title), f" ({run.fidelity})")
    return element("div", title, element("table", element("tbody", facts)), _table(_operators(run)))


def _line(card: Card) -> Html:
    name = element("th", card.label, scope="row", style=_TEXT)
    return element(
        "tr", name, element("td", card.value, style=_NUMBER), element("td", card.detail, style=_TEXT)
    )


def _operators(run: Run) -> Grid:
    columns = ("Operator", "On", "Time", "Bound by", "× lower bound", "Energy", "Error band")
    rows: list[tuple[Cell, ...]] = []
    for group in readable(run.ops, MOST_ROWS):
        time = Number(units.seconds(group.latency_s), group.latency_s)
        above = units.ratio(group.latency_s, group.lower_bound_s)
        energy = Number(units.joules(group.energy_j), group.energy_j)
        rows.append((group.label, group.component, time, group.bound_by, above, energy, group.error_band))
    return Grid("Operators", columns, tuple(rows))


def _table(grid: Grid) -> Html:
    styles = [_NUMBER if grid.numeric(index) else _TEXT for index in range(len(grid.columns))]
    heads = (
        element("th", name, scope="col", style=style)
        for name, style in zip(grid.columns, styles, strict=True)
    )
    rows = (element("tr", join(_cells(row, styles))) for row in grid.rows)
    return element("table", element("thead", element("tr", join(heads))), element("tbody", join(rows)))


def _cells(row: tuple[Cell, ...], styles: list[str]) -> list[Html]:
    shown = [cell.shown if isinstance(cell, Number) else cell or "–" for cell in row]
    return [element("td", text, style=style) for text, style in zip(shown, styles, strict=True)]
