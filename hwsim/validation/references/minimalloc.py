"""MiniMalloc's benchmark: eleven sets of buffers that fit 1,048,576 bytes, barely.

Source: google/minimalloc, folder benchmarks/challenging (Apache-2.0), which hwsim does not ship.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from hwsim.schedule.buffer_file import read_buffers
from hwsim.schedule.timed_allocation import allocate_verified
from hwsim.spec.errors import InputError
from hwsim.validation.comparison import Comparison, Row

NAME = "minimalloc"
TIME_LIMIT_S = 60.0
# The capacity is the middle part of the name: A.1048576.csv.
_FILE = re.compile(r".+\.([0-9]{1,18})\.csv")


def compare(data: Path | None = None) -> Comparison:
    """Allocate every ``NAME.CAPACITY.csv`` of ``data``, a file or a folder.

    Three rows a case: ``status`` and ``verified`` are judged, ``solve_s`` is reported.

    Raises:
        InputError: no data, none in this format, or buffers that cannot be read.
    """
    if data is None:
        hint = "get benchmarks/challenging of github.com/google/minimalloc and give its folder with --data"
        raise InputError("the minimalloc benchmark is not part of hwsim", hint=hint)
    notes = (f"all are known to fit; ours has {TIME_LIMIT_S:.0f} s each",)
    return Comparison(NAME, tuple(row for file in _files(data) for row in _rows(file)), notes)


def _files(data: Path) -> list[Path]:
    candidates = sorted(data.glob("*.csv")) if data.is_dir() else [data]
    files = [file for file in candidates if _FILE.fullmatch(file.name)]
    if not files:
        raise InputError(f"there is no NAME.CAPACITY.csv in {str(data)!r}")
    return files


def _rows(file: Path) -> Iterator[Row]:
    match = _FILE.fullmatch(file.name)
    assert match
    found = allocate_verified(read_buffers(file), int(match[1]), TIME_LIMIT_S)
    if found.interrupted:
        raise KeyboardInterrupt
    yield Row(file.stem, "status", "feasible", str(found.allocation.status))
    yield Row(file.stem, "verified", True, found.allocation.found)
    yield Row(file.stem, "solve_s", None, found.solve_s, tolerance=None)
