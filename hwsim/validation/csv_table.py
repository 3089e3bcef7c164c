"""Reference tables in CSV: typed cells that know where they stand, so that every error has a place."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from hwsim.spec.errors import InputError, Position, did_you_mean
from hwsim.spec.files import read_text


@dataclass(frozen=True, slots=True)
class Record:
    """One line of a table: cells by column name, and the line for error messages."""

    cells: dict[str, str]
    order: tuple[str, ...]
    file: str
    line: int
    text: str

    def place(self, column: str) -> Position:
        """Where the cell of ``column`` begins; where the line does if the table has no such column."""
        before = self.text.split(",")[: self.order.index(column)] if column in self.order else []
        return Position(self.file, self.line, sum(len(cell) + 1 for cell in before) + 1, self.text)

    def wrong(self, column: str, message: str) -> InputError:
        """An error at a cell."""
        return InputError(f"{column}: {message}", self.place(column))

    def text_of(self, column: str) -> str:
        """The cell as it is, without blanks around it."""
        return self.cells[column].strip()

    def one_of(self, column: str, known: Iterable[str]) -> str:
        """A cell that holds one of the known words.

        Raises:
            InputError: another word.
        """
        value = self.text_of(column)
        names = list(known)
        if value not in names:
            raise InputError(f"{column}: unknown {value!r}", self.place(column), did_you_mean(value, names))
        return value

    def count(self, column: str) -> int:
        """A whole number of at least 1.

        Raises:
            InputError: anything else.
        """
        try:
            value = int(self.text_of(column))
        except ValueError:
            raise self.wrong(column, f"{self.text_of(column)!r} is not a whole number") from None
        if value < 1:
            raise self.wrong(column, f"{value} is below 1")
        return value

    def reference(self, column: str) -> float | int | str | None:
        """A reference value: a number, None where there is none, the text itself where it is no number.

        References are only compared with, so a wrong one is a difference and not an error of the input.
        """
        text = self.cells.get(column, "").strip()
        try:
            return int(text)
        except ValueError:
            return _number(text) if text else None


def _number(text: str) -> float | str:
    try:
        value = float(text)
    except ValueError:
        return text
    return value if math.isfinite(value) else text


def read_table(path: Path, required: Iterable[str]) -> list[Record]:
    """The records of the CSV file at ``path``, or of all ``*.csv`` in it, by name, if it is a folder.

    Raises:
        InputError: unreadable, a required column is missing, a name comes twice, or a line has too many or
            too few cells.
    """
    if path.is_dir():
        files = sorted(path.glob("*.csv"))
        if not files:
            raise InputError(f"there is no .csv file in {str(path)!r}")
        return [record for file in files for record in read_table(file, required)]
    lines = read_text(path).splitlines()
    header = _header(str(path), lines, list(required))
    return [
        _record(header, str(path), number, line)
        for number, line in enumerate(lines[1:], start=2)
        if line.strip()
    ]


def _header(file: str, lines: list[str], required: list[str]) -> tuple[str, ...]:
    if not lines:
        raise InputError("the table is empty", Position(file))
    names = tuple(name.strip() for name in _cells(lines[0]))
    at = Position(file, 1, 1, lines[0])
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InputError(f"column {twice!r} comes twice", at)
    missing = next((name for name in required if name not in names), None)
    if missing is not None:
        unused = [name for name in names if name not in required]
        raise InputError(f"column {missing!r} is missing", at, did_you_mean(missing, unused))
    return names


def _record(header: tuple[str, ...], file: str, number: int, line: str) -> Record:
    cells = _cells(line)
    if len(cells) != len(header):
        message = f"the line has {len(cells)} cells, the header {len(header)}"
        raise InputError(message, Position(file, number, 1, line))
    return Record(dict(zip(header, cells, strict=True)), header, file, number, line)


def _cells(line: str) -> list[str]:
    return next(csv.reader([line]), [])
