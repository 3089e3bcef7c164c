"""Big CSV tables of numbers, read fast, with the place of every cell for error messages."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hwsim.spec.errors import InputError, Position, did_you_mean
from hwsim.spec.files import read_text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


_WHOLE = frozenset({"id", "core", "src", "dst", "delay", "port"})
"""Columns of whole numbers, which any way of reading reads exactly."""


@dataclass(frozen=True, eq=False)
class NumberTable:
    """A table: ``numbers`` by column, NaN where a cell is blank; ``words`` by column for columns of text."""

    path: Path
    numbers: dict[str, Floats]
    words: dict[str, list[str]]

    def place(self, column: str, row: int) -> Position:
        """Where the cell of ``column`` in row ``row`` (from 0, blank lines not counted) begins."""
        lines = [
            (number, line)
            for number, line in enumerate(read_text(self.path).splitlines(), start=1)
            if line.strip()
        ]
        number, line = lines[row + 1]
        before = [name.strip() for name in lines[0][1].split(",")].index(column)
        start = sum(len(cell) + 1 for cell in line.split(",")[:before]) + 1
        return Position(str(self.path), number, start, line)

    def heading(self, column: str) -> Position:
        """Where the heading of ``column`` begins."""
        return self.place(column, -1)

    def whole(self, column: str, least: int, blank: int | None = None) -> Ints:
        """A column of whole numbers of at least ``least``; ``blank`` stands for blank cells.

        Raises:
            InputError: at the first cell that holds anything else.
        """
        import numpy as np

        values = self.numbers[column]
        filled = values if blank is None else np.where(np.isnan(values), blank, values)
        wrong = ~np.isfinite(filled) | (filled != np.trunc(filled)) | (filled < least)
        if blank is not None:
            wrong &= ~np.isnan(values)
        if wrong.any():
            row = int(np.argmax(wrong))
            message = f"{column} must be a whole number of at least {least}"
            raise InputError(message, self.place(column, row))
        return np.asarray(filled, dtype=np.int64)

    def finite(self, column: str) -> Floats:
        """A column in which every cell holds a number.

        Raises:
            InputError: at the first cell that is blank or not a number.
        """
        import numpy as np

        wrong = ~np.isfinite(self.numbers[column])
        if wrong.any():
            raise InputError(f"{column} is not a number", self.place(column, int(np.argmax(wrong))))
        return self.numbers[column]


def read_numbers(path: Path, required: tuple[str, ...], text: frozenset[str]) -> NumberTable:
    """The table in the CSV file at ``path``; columns in ``text`` hold words, all others numbers.

    Raises:
        InputError: the file cannot be read, a required column is missing, a line has too many cells, or a
            cell holds no number.
    """
    import pandas as pd

    content = read_text(path)
    first = content.partition("\n")[0]
    header = [name.strip() for name in first.split(",")]
    _check_header(path, first, header, required)
    try:
        frame = pd.read_csv(
            path,
            names=header,
            header=0,
            dtype={name: "float64" if name in _WHOLE else "str" for name in header},
            index_col=False,
            on_bad_lines="error",
            skipinitialspace=True,
        )
        numbers = {name: _exact(frame[name]) for name in header if name not in text}
    except ValueError as error:
        raise _wrong_cell(path, content, header, text) or _unreadable(path, error) from error
    words = {name: frame[name].fillna("").str.strip().tolist() for name in header if name in text}
    return NumberTable(path, numbers, words)


def _exact(column: Any) -> Floats:
    """The numbers of a column, read as Python reads them: pandas' own reading may be off in the last bit."""
    import numpy as np

    if column.dtype == "float64":
        return np.asarray(column.to_numpy())
    return np.array([float(cell) for cell in column.fillna("nan")], dtype=np.float64)


def _check_header(path: Path, line: str, header: list[str], required: tuple[str, ...]) -> None:
    at = Position(str(path), 1, 1, line)
    for name in required:
        if name not in header:
            raise InputError(f"column {name!r} is missing", at, did_you_mean(name, header))
    twice = next((name for name in header if header.count(name) > 1), None)
    if twice is not None:
        raise InputError(f"column {twice!r} comes twice", at)


def _wrong_cell(path: Path, content: str, header: list[str], text: frozenset[str]) -> InputError | None:
    """The error at the first line that is not as the header says."""
    for number, line in enumerate(content.splitlines()[1:], start=2):
        cells = line.split(",")
        if not line.strip():
            continue
        if len(cells) != len(header):
            message = f"the line has {len(cells)} cells, the header {len(header)}"
            return InputError(message, Position(str(path), number, 1, line))
        start = 1
        for name, cell in zip(header, cells, strict=True):
            if name not in text and cell.strip() and not _is_number(cell):
                message = f"{name}: {cell.strip()!r} is not a number"
                return InputError(message, Position(str(path), number, start, line))
            start += len(cell) + 1
    return None


def _unreadable(path: Path, error: Any) -> InputError:
    return InputError(f"the table cannot be read: {error}", Position(str(path)))


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
