"""A second opinion in a child process: CP-SAT proves that buffers do not fit where the search here is slow.

Only a proof is taken from it, never offsets, so what is answered does not depend on which is faster. It
starts late, as most questions are decided at once, and gives way to the search.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import time
from types import TracebackType
from typing import Any

from hwsim.schedule.adapter import is_installed
from hwsim.schedule.buffers import Buffer

# Loading OR-Tools alone takes a second.
_DELAY_S = 1.0
_NICENESS = 5
_SEED = 1
_PROVED = "infeasible"


class Disproof:
    """Tries to prove that ``buffers`` do not fit ``capacity`` bytes, in the background after a while.

    Without OR-Tools it never succeeds.
    """

    def __init__(self, buffers: tuple[Buffer, ...], capacity: int, deadline: float) -> None:
        self.request = json.dumps(_request(buffers, capacity, max(0.0, deadline - time.monotonic())))
        self.start = time.monotonic() + _DELAY_S if is_installed("cpsat") else math.inf
        self.child: subprocess.Popen[str] | None = None
        self.proved = False

    def __enter__(self) -> Disproof:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.child is not None:
            self.child.kill()
            self.child.communicate()

    @property
    def succeeded(self) -> bool:
        """Whether the proof is there; to be asked now and then."""
        if self.child is None and time.monotonic() >= self.start:
            self._launch()
        if self.child is not None and self.child.poll() is not None:
            self.proved = self.child.communicate()[0].strip() == _PROVED
            self.child, self.start = None, math.inf
        return self.proved

    def _launch(self) -> None:
        self.child = subprocess.Popen(
            [sys.executable, "-m", "hwsim.schedule.disproof"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.child.stdin
        self.child.stdin.write(self.request)
        self.child.stdin.close()
        self.child.stdin = None


def _request(buffers: tuple[Buffer, ...], capacity: int, limit_s: float) -> dict[str, Any]:
    """The question in units, as JSON values."""
    unit = math.gcd(*(buffer.size for buffer in buffers), *(buffer.alignment for buffer in buffers))
    rows = [(buffer.lower, buffer.upper, buffer.size // unit, buffer.alignment // unit) for buffer in buffers]
    return {"rows": rows, "capacity": capacity // unit, "limit_s": limit_s}


def fits(rows: list[tuple[int, int, int, int]], capacity: int, limit_s: float) -> str:
    """CP-SAT's word on buffers (lower, upper, size, alignment): infeasible, feasible or unknown."""
    from ortools.sat.python import cp_model

    model, lives, places = cp_model.CpModel(), [], []
    for lower, upper, size, alignment in rows:
        step = model.new_int_var(0, (capacity - size) // alignment, "")
        lives.append(model.new_fixed_size_interval_var(lower, upper - lower, ""))
        places.append(model.new_fixed_size_interval_var(alignment * step, size, ""))
    model.add_no_overlap_2d(lives, places)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = limit_s
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = _SEED
    status = solver.solve(model)
    if status == cp_model.INFEASIBLE:
        return _PROVED
    return "feasible" if status in (cp_model.OPTIMAL, cp_model.FEASIBLE) else "unknown"


def main() -> None:
    """Answer the request on standard input and end."""
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    sys.stdout.write(fits(**json.load(sys.stdin)))


if __name__ == "__main__":
    main()
