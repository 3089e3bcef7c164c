"""A description in a terminal: its facts line by line, then its tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from hwsim.descriptions import sheet as sheets
from hwsim.report import units

MOST_ROWS = 60
_BY_UNIT: dict[str, units.Format] = {
    "_bytes": units.capacity,
    "_hz": lambda value: units.scaled(value, "Hz"),
    "_macs_per_s": lambda value: units.scaled(value, "MAC/s"),
    "_j_per_bit": lambda value: units.scaled(value, "J/bit"),
    "_mm2": lambda value: f"{value:.4g} mm²",
    "_fraction": units.percent,
    "_j": units.joules,
    "_w": lambda value: units.scaled(value, "W"),
    "_m": lambda value: units.scaled(value, "m"),
    "_count": units.count,
    "macs": units.count,
    "elements": units.count,
}
_WITHOUT_UNIT = frozenset({"_count", "_fraction"})


def print_sheet(sheet: sheets.Sheet, console: Console) -> None:
    """Print all of a sheet; of long tables the first ``MOST_ROWS`` rows."""
    console.print(Text.assemble((sheet.name, "bold"), f"  ({sheet.kind}, {sheet.file})"), soft_wrap=True)
    if sheet.description:
        console.print(Text(sheet.description), soft_wrap=True)
    for key, value in sheet.facts.items():
        if value not in (None, "", [], {}):
            console.print(Text.assemble((f"{_heading(key)}: ", "dim"), shown(key, value)), soft_wrap=True)
    for table in sheet.tables:
        if table.rows:
            console.print()
            print_rows(table, console, MOST_ROWS)


def print_rows(table: sheets.Table, console: Console, most: int) -> None:
    """Print one table, its title above it; at most ``most`` rows."""
    columns = [key for key in table.rows[0] if key != "depth"]
    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=_heading(table.title), title_justify="left")
    for column in columns:
        numeric = all(isinstance(row[column], int | float | None) for row in table.rows)
        drawn.add_column(_heading(column), justify="right" if numeric else "left", overflow="fold")
    for row in table.rows[:most]:
        drawn.add_row(*(Text(_cell(table, row, column)) for column in columns))
    console.print(drawn)
    if len(table.rows) > most:
        console.print(Text(f"... and {len(table.rows) - most} more (all with --json)", style="dim"))


def shown(key: str, value: Any) -> str:
    """``value`` as a person reads it; the unit is that of the key."""
    if value is None:
        return "–"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _composed(value)
    unit = next((each for each in _BY_UNIT if key.endswith(each)), None)
    return _BY_UNIT[unit](value) if unit else f"{value:g}" if isinstance(value, float) else str(value)


def _cell(table: sheets.Table, row: sheets.Row, column: str) -> str:
    text = shown(column, row[column])
    return "  " * row["depth"] + text if column == table.depth_by else text


def _composed(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_nested(each)}" for key, each in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_nested(each) for each in value)
    return str(value)


def _nested(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{{{_composed(value)}}}"
    if isinstance(value, list | tuple):
        return f"[{_composed(value)}]"
    return shown("", value)


def _heading(key: str) -> str:
    """The key without its unit, which stands beside each value."""
    unit = next((each for each in _BY_UNIT if each.startswith("_") and key.endswith(each)), "")
    return (key if unit in _WITHOUT_UNIT else key.removesuffix(unit)).replace("_", " ")
