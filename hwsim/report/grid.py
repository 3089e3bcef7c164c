"""Tables of the report: columns, rows, and their HTML with captions, scopes and sorting keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hwsim.report.markup import Html, element, join


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a cell: how it is shown and what it is sorted by."""

    shown: str
    value: float


Cell = str | Number | None

_LONG = 90
_BEGINNING = 60


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: what it shows, the names of its columns, its rows; a column of numbers is set to the right."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def numeric(self, index: int) -> bool:
        """Whether the column holds numbers only (and gaps)."""
        cells = [row[index] for row in self.rows if row[index] is not None]
        return bool(cells) and all(isinstance(cell, Number) for cell in cells)


def number(shown: str | None, value: float | None) -> Cell:
    """A cell for a number that may be absent."""
    return None if shown is None or value is None else Number(shown, value)


def table(grid: Grid, identity: str | None = None) -> Html:
    """The HTML table inside a region that scrolls on its own and can be reached by keyboard."""
    kinds = ["number" if grid.numeric(index) else None for index in range(len(grid.columns))]
    heads = (
        element("th", name, scope="col", class_=kind) for name, kind in zip(grid.columns, kinds, strict=True)
    )
    body = element(
        "table",
        element("caption", grid.caption),
        element("thead", element("tr", join(heads))),
        element("tbody", join(_row(row, kinds) for row in grid.rows)),
        id=identity,
        class_="sortable" if identity else None,
    )
    return element("div", body, class_="scroll", tabindex="0", role="region", aria_label=grid.caption)


def _row(row: Sequence[Cell], kinds: Sequence[str | None]) -> Html:
    head = element("th", _shown(row[0]), scope="row", data_v=_key(row[0]))
    cells = zip(row[1:], kinds[1:], strict=True)
    return element("tr", head, join(_cell(cell, kind) for cell, kind in cells))


def _cell(cell: Cell, kind: str | None) -> Html:
    shown = _unfolding(cell) if isinstance(cell, str) and len(cell) > _LONG else _shown(cell)
    return element("td", shown, class_=kind, data_v=_key(cell))


def _unfolding(text: str) -> Html:
    """A long text: its beginning, and all of it on demand."""
    return element("details", element("summary", f"{text[:_BEGINNING].rstrip()} …"), element("p", text))


def _shown(cell: Cell) -> str:
    if cell is None:
        return "–"
    return cell.shown if isinstance(cell, Number) else cell


def _key(cell: Cell) -> str | None:
    return f"{cell.value:.12g}" if isinstance(cell, Number) else None
