"""CSV of ``nsys stats`` (traces and sums) and of ``ncu``: kernels by the row, NVTX ranges where exported."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from hwsim.spec.errors import InputError, Position
from hwsim.spec.files import read_text
from hwsim.validation.traces.event import Event
from hwsim.validation.traces.nvtx import operator_of

KERNEL_NAMES = ("Kernel Name", "Name", "Operation")
UNITS = {
    "ns": 1e-9,
    "nsecond": 1e-9,
    "us": 1e-6,
    "usecond": 1e-6,
    "ms": 1e-3,
    "msecond": 1e-3,
    "s": 1.0,
    "second": 1.0,
}
TIMES = ("Duration", "Projected Duration", "Kern Dur", "Total Time", "Avg", "gpu__time_duration.sum")
"""Columns that hold a kernel's time, before the unit in brackets; an average goes with its instances."""
METRICS = ("Duration", "gpu__time_duration.sum")
"""Rows of ncu's long form that hold a kernel's time."""

Row = Mapping[str, str]


def is_nsight(text: str) -> bool:
    """Whether the text is a table with a column of kernel names."""
    return any(
        name in line.split(",") or f'"{name}"' in line
        for line in text.splitlines()[:200]
        for name in KERNEL_NAMES
    )


def events(path: Path) -> list[Event]:
    """The kernels of a table.

    Raises:
        InputError: no time or no unit of it is found, or a time is no number.
    """
    rows, first = _table(path)
    if rows and "Metric Name" in rows[0]:
        return _long(rows, path)
    column, unit = _time_column(rows, path, first)
    return [
        _event(row, _number(row[column], path) * unit)
        for row in rows
        if row.get(column, "").strip() and not _is_unit(row[column])
    ]


def _table(path: Path) -> tuple[list[Row], int]:
    """The rows below the header, which profilers print messages above."""
    lines = read_text(path).splitlines()
    start = next(
        (
            place
            for place, line in enumerate(lines)
            if any(name in next(csv.reader([line]), []) for name in KERNEL_NAMES)
        ),
        None,
    )
    if start is None:
        raise InputError("there is no column of kernel names", Position(str(path)))
    return list(csv.DictReader(io.StringIO("\n".join(lines[start:])))), start + 1


def _long(rows: list[Row], path: Path) -> list[Event]:
    """ncu's long form: one row a metric of a kernel."""
    found = []
    for row in rows:
        if row.get("Metric Name") in METRICS:
            unit = UNITS.get((row.get("Metric Unit") or "").strip())
            if unit is None:
                raise InputError(
                    f"unknown unit {row.get('Metric Unit')!r} of a duration", Position(str(path))
                )
            found.append(_event(row, _number(row["Metric Value"] or "", path) * unit))
    if not found:
        hint = "ncu --metrics gpu__time_duration.sum --nvtx --csv"
        raise InputError("no kernel of this table has a duration", Position(str(path)), hint)
    return found


def _time_column(rows: list[Row], path: Path, header: int) -> tuple[str, float]:
    """The column with the time of a kernel, and its unit in seconds."""
    names = list(rows[0]) if rows else []
    for wanted in TIMES:
        for name in names:
            base, _, unit = (name or "").partition("(")
            said = unit.rstrip(") ") or (rows[0][name] or "").strip()
            if base.strip() == wanted and said in UNITS:
                return name, UNITS[said]
    raise InputError("no column of this table has a kernel's time and its unit", Position(str(path), header))


def _event(row: Row, seconds: float) -> Event:
    """A kernel, with the operator of the first cell that names one."""
    texts = [text for text in row.values() if isinstance(text, str)]
    operator, shapes = next((found for found in map(operator_of, texts) if found[0]), ("", ()))
    instances = (row.get("Instances") or row.get("Kern Inst") or "1").replace(",", "")
    share = max(1, int(instances)) if instances.isdigit() else 1
    name = next((row[each] for each in KERNEL_NAMES if row.get(each)), "")
    return Event(operator, shapes, (), (), (name,), seconds / share)


def _is_unit(text: str) -> bool:
    return text.strip() in UNITS


def _number(text: str, path: Path) -> float:
    try:
        return float(text.replace(",", ""))
    except ValueError:
        raise InputError(f"{text!r} is no time", Position(str(path))) from None
