"""The table a profile is written to: one line a kernel, appended whole, so that it can be gone on with."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from hwsim.engines.gpu.calls import Call
from hwsim.spec.errors import InputError, Position
from hwsim.spec.files import read_text, write_atomically

COLUMNS = (
    "gpu",
    "op",
    "dtype",
    "dims",
    "latency_us",
    "fastest_us",
    "slowest_us",
    "repeats",
    "launch",
    "l2",
    "clock_mhz",
    "power_w",
    "software",
    "device",
    "date",
)
"""The columns of a profile; ``latency_us`` is the median of ``repeats``."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of a kernel's repeats: median, shortest, longest; clock and power where the device says."""

    median: float
    shortest: float
    longest: float
    repeats: int
    clock_mhz: float | None = None
    power_w: float | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """How a profile is taken: what the columns that are alike in all its lines say."""

    board: str
    launch: str
    software: str
    device: str
    date: str


class Profile:
    """A table on disk; every line added is on disk before the next kernel is measured."""

    def __init__(self, path: Path, setting: Setting) -> None:
        self._path = path
        self._setting = setting
        self._lines = [",".join(COLUMNS)]
        self._done: set[str] = set()
        if path.exists():
            self._resume(read_text(path))

    def __len__(self) -> int:
        return len(self._done)

    def has(self, call: Call) -> bool:
        """Whether the table has a line of this kernel already."""
        one = self._setting
        return self._name(one.board, call.operator, call.datatype, call.dimensions, one.launch) in self._done

    def add(self, call: Call, timing: Timing, l2: str) -> None:
        """Write one more line; ``l2`` says whether weights were cold or warm.

        Raises:
            InputError: the table cannot be written.
        """
        cells = self._cells(call, timing, l2)
        self._lines.append(_line(cells))
        self._done.add(self._name(*cells[:4], cells[COLUMNS.index("launch")]))
        write_atomically(self._path, "\n".join(self._lines) + "\n")

    def _resume(self, text: str) -> None:
        rows = list(csv.reader(io.StringIO(text)))
        if not rows or tuple(rows[0]) != COLUMNS:
            raise InputError(
                "this file is no profile to go on with", Position(str(self._path)), "name another with -o"
            )
        for number, row in enumerate(rows[1:], start=2):
            if len(row) != len(COLUMNS):
                raise InputError(
                    "this line of the profile is cut off", Position(str(self._path), number), "delete it"
                )
            self._lines.append(_line(row))
            self._done.add(self._name(*row[:4], row[COLUMNS.index("launch")]))

    @staticmethod
    def _name(*cells: str) -> str:
        """What tells two lines apart: board, operator, datatype, dimensions and launch."""
        return "/".join(cells)

    def _cells(self, call: Call, timing: Timing, l2: str) -> list[str]:
        one = self._setting
        times = [f"{seconds * 1e6:.6g}" for seconds in (timing.median, timing.shortest, timing.longest)]
        known = ["" if value is None else f"{value:.6g}" for value in (timing.clock_mhz, timing.power_w)]
        what = [one.board, call.operator, call.datatype, call.dimensions]
        return [
            *what,
            *times,
            str(timing.repeats),
            one.launch,
            l2,
            *known,
            one.software,
            one.device,
            one.date,
        ]


def _line(cells: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(cells)
    return out.getvalue()
