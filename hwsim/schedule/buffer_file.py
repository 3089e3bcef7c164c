"""Buffers with lifetimes as CSV, in MiniMalloc's format: ``id,lower,upper,size`` and ``alignment``."""

from __future__ import annotations

import csv
from pathlib import Path

from hwsim.schedule.buffers import Buffer
from hwsim.spec.errors import InputError, Position, did_you_mean
from hwsim.spec.files import read_text

# Sums of sizes, and times, stay far inside 64 bits.
_LARGEST = {"lower": 1 << 62, "upper": 1 << 62, "size": 1 << 48, "alignment": 1 << 48}
COLUMNS = ("id", "lower", "upper", "size")


def read_buffers(path: Path) -> tuple[Buffer, ...]:
    """The buffers in a CSV file; columns may come in any order, unknown ones are ignored.

    Raises:
        InputError: unreadable, a column missing or given twice, a cell that is no whole number, an end not
            after its start, a size or alignment that is not positive, an id given twice, or a gap in a
            lifetime (which MiniMalloc's format knows and hwsim does not); each with its position.
    """
    return parse_buffers(read_text(path), str(path))


def parse_buffers(text: str, file: str) -> tuple[Buffer, ...]:
    """As :func:`read_buffers`, from text; ``file`` is the name shown in errors."""
    lines = text.splitlines()
    header = [name.strip() for name in _cells(lines[0])] if lines else []
    for column in COLUMNS:
        if column not in header:
            place = Position(file, 1, 1, lines[0] if lines else None)
            raise InputError(f"column {column!r} is missing", place, did_you_mean(column, header))
        if header.count(column) > 1:
            raise InputError(f"column {column!r} is given twice", Position(file, 1, 1, lines[0]))
    buffers: dict[str, Buffer] = {}
    for number, line in enumerate(lines[1:], start=2):
        if line.strip():
            row = _Row(file, number, line, header)
            buffer = row.buffer()
            if buffer.id in buffers:
                raise row.wrong("id", f"buffer {buffer.id!r} is given twice")
            buffers[buffer.id] = buffer
    return tuple(buffers.values())


class _Row:
    """One line whose cells know their columns."""

    def __init__(self, file: str, number: int, line: str, header: list[str]) -> None:
        self.file, self.number, self.line, self.header = file, number, line, header
        self.cells = _cells(line)
        if len(self.cells) != len(header):
            message = f"the line has {len(self.cells)} cells, the header {len(header)}"
            raise InputError(message, Position(file, number, 1, line))

    def buffer(self) -> Buffer:
        """The buffer of this line."""
        name = self.cells[self.header.index("id")].strip()
        lower, upper, size = (self._whole(column) for column in ("lower", "upper", "size"))
        if upper <= lower:
            raise self.wrong("upper", f"buffer {name!r} ends at {upper}, not after its start at {lower}")
        if size <= 0:
            raise self.wrong("size", f"buffer {name!r} has size {size}")
        if self._optional("gaps"):
            raise self.wrong("gaps", f"buffer {name!r} has gaps in its lifetime, which cannot be allocated")
        alignment = self._whole("alignment") if self._optional("alignment") else 1
        if alignment <= 0:
            raise self.wrong("alignment", f"buffer {name!r} has alignment {alignment}")
        return Buffer(name, lower, upper, size, alignment)

    def wrong(self, column: str, message: str) -> InputError:
        """An error at a cell of this line."""
        before = self.line.split(",")[: self.header.index(column)]
        start = sum(len(cell) + 1 for cell in before) + 1
        return InputError(message, Position(self.file, self.number, start, self.line))

    def _optional(self, column: str) -> str:
        """The text in a column, empty where there is no such column."""
        return self.cells[self.header.index(column)].strip() if column in self.header else ""

    def _whole(self, column: str) -> int:
        text = self.cells[self.header.index(column)].strip()
        try:
            value = int(text)
        except ValueError:
            raise self.wrong(column, f"{column}: {text!r} is not a whole number") from None
        if abs(value) >= _LARGEST[column]:
            raise self.wrong(column, f"{column}: {text} is too large")
        return value


def _cells(line: str) -> list[str]:
    return next(csv.reader([line]), [])
