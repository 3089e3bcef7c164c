"""Nsight Systems' SQLite export: kernels, the calls that launched them, and the NVTX ranges around these."""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from hwsim.spec.errors import InputError, Position
from hwsim.validation.traces.event import Event
from hwsim.validation.traces.nvtx import operator_of

MAGIC = b"SQLite format 3\x00"
NANOSECOND = 1e-9
KERNELS = """
SELECT kernel.end - kernel.start, names.value, launch.start, launch.globalTid
FROM CUPTI_ACTIVITY_KIND_KERNEL AS kernel
LEFT JOIN StringIds AS names ON names.id = kernel.demangledName
LEFT JOIN CUPTI_ACTIVITY_KIND_RUNTIME AS launch ON launch.correlationId = kernel.correlationId
ORDER BY kernel.start
"""
RANGES = """
SELECT range.start, range.end, range.globalTid, COALESCE(range.text, names.value)
FROM NVTX_EVENTS AS range LEFT JOIN StringIds AS names ON names.id = range.textId
WHERE range.end IS NOT NULL
ORDER BY range.start
"""

DEEPEST = 256
"""Ranges before a launch that are looked through for one around it."""

Range = tuple[int, int, str]


def events(path: Path) -> list[Event]:
    """The kernels of an export, those of one range together.

    Raises:
        InputError: no database, a damaged one, or one without kernels.
    """
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as database:
            kernels = database.execute(KERNELS).fetchall()
            ranges = database.execute(RANGES).fetchall() if _has(database, "NVTX_EVENTS") else []
    except sqlite3.Error as error:
        hint = "export it anew: nsys export --type sqlite REPORT.nsys-rep"
        raise InputError(
            f"this is no export of Nsight Systems: {error}", Position(str(path)), hint
        ) from error
    return _grouped(kernels, _by_thread(ranges))


def _has(database: sqlite3.Connection, table: str) -> bool:
    found = database.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    return found is not None


def _by_thread(ranges: Sequence[tuple[int, int, int, str]]) -> dict[int, list[Range]]:
    """Ranges that name an operator, by thread, in the order they begin."""
    found: dict[int, list[Range]] = {}
    for start, end, thread, text in ranges:
        if text and operator_of(text)[0]:
            found.setdefault(thread, []).append((start, end, text))
    return found


def _grouped(kernels: Sequence[tuple[int, str, int, int]], ranges: dict[int, list[Range]]) -> list[Event]:
    groups: dict[Range, list[tuple[int, str]]] = {}
    alone = []
    for duration, name, launch, thread in kernels:
        around = _innermost(ranges.get(thread, []), launch)
        if around is None:
            alone.append(Event("", (), (), (), (str(name),), duration * NANOSECOND))
        else:
            groups.setdefault(around, []).append((duration, str(name)))
    named = []
    for (_, _, text), found in groups.items():
        operator, shapes = operator_of(text)
        names = tuple(name for _, name in found)
        named.append(Event(operator, shapes, (), (), names, sum(each for each, _ in found) * NANOSECOND))
    return named + alone


def _innermost(ranges: Sequence[Range], moment: int | None) -> Range | None:
    """The last range to begin before ``moment`` that has not ended by then."""
    if moment is None:
        return None
    begun = bisect_right(ranges, moment, key=lambda each: each[0])
    around = (each for each in reversed(ranges[max(0, begun - DEEPEST) : begun]) if each[1] >= moment)
    return next(around, None)
