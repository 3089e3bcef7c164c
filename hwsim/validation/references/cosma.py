"""Proven optimal schedules: 35 graphs with scratchpads, cost model ``cosma-1``.

Source: hwsim's own reference data; every optimum was proved by at least one independent exact method, most by
two, and comes with a schedule that attains it. Cost model after COSMA (Li, Gupta, Malik, arXiv 2311.18246).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hwsim.schedule.graph_file import parse_problem
from hwsim.schedule.solve import SolveOptions, solve
from hwsim.spec.errors import InputError
from hwsim.spec.files import read_text
from hwsim.spec.located_json import parse_json
from hwsim.validation.comparison import Comparison, Row, Value

NAME = "cosma"
SHIPPED = Path(__file__).parent.parent / "data" / "cosma"
TIME_LIMIT_S = 60.0


def compare(data: Path | None = None) -> Comparison:
    """Solve every ``*.json`` of ``data`` (a file or a folder), or those shipped, from the graph alone.

    Four rows a case: ``noncompulsory_bytes``, ``status``, ``verified`` (judged) and ``solve_s`` (reported).

    Raises:
        InputError: no such files, or a graph that cannot be scheduled.
    """
    notes = (
        f"status is 'optimal' only if our own lower bound proves it within {TIME_LIMIT_S:.0f} s",
        "verified: the schedule was replayed by the rules of cosma-1, apart from the solver",
    )
    return Comparison(NAME, tuple(row for file in _files(data or SHIPPED) for row in _rows(file)), notes)


def _files(data: Path) -> list[Path]:
    if not data.is_dir():
        return [data]
    files = sorted(data.glob("*.json"))
    if not files:
        raise InputError(f"there is no graph (*.json) in {str(data)!r}")
    return files


def _rows(file: Path) -> Iterator[Row]:
    text = read_text(file)
    document: dict[str, Any] = parse_json(text, str(file))
    result = solve(parse_problem(text, str(file)), SolveOptions(time_limit_s=TIME_LIMIT_S))
    yield Row(
        file.stem,
        "noncompulsory_bytes",
        _value(document, "optimal_noncompulsory_bytes"),
        result.noncompulsory_bytes,
    )
    yield Row(file.stem, "status", "optimal", str(result.status))
    yield Row(file.stem, "verified", True, result.verified)
    yield Row(file.stem, "solve_s", None, result.solve_s, tolerance=None)


def _value(document: dict[str, Any], key: str) -> Value:
    value = document.get(key)
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
