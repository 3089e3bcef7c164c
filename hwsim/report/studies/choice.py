"""What ``hwsim report`` is given: one result or a whole study, and a baseline of the same kind."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from hwsim.explore.gate import Gate, Metrics, parse_gate
from hwsim.explore.results import open_results
from hwsim.report.page import write_report
from hwsim.report.result_file import read_result
from hwsim.report.studies.page import write_study_report
from hwsim.spec.errors import CheckFailed, InputError

PAGE = "report.html"
_TOLD = 10


def write_any(run: Path, output: Path | None, against: Path | None) -> Path:
    """Write the page of a result's file or of a study's folder; where it is.

    Raises:
        InputError: there is nothing to read, the two are of different kinds, or the page cannot be written.
    """
    if against is not None and run.is_dir() != against.is_dir():
        raise InputError(f"{str(run)!r} and {str(against)!r} are of different kinds: a result and a study")
    if run.is_dir():
        target = output or run / PAGE
        write_study_report(open_results(run), target, open_results(against) if against else None)
        return target
    target = output or run.with_suffix(".html")
    write_report(read_result(run), target, read_result(against) if against else None)
    return target


def check_gates(run: Path, against: Path | None, conditions: Sequence[str]) -> None:
    """Hold every point against the conditions; of a study those that both folders have.

    Raises:
        CheckFailed: a condition holds for some point.
        InputError: a condition is not understood, or needs a baseline that is not there.
    """
    gates = [parse_gate(text) for text in conditions]
    if not gates:
        return
    ours, theirs = _metrics(run), _metrics(against) if against else None
    if theirs is not None and not ours.keys() & theirs.keys():
        raise InputError(f"{str(run)!r} and {str(against)!r} have no point in common")
    failed = list(_failing(gates, ours, theirs))
    if failed:
        more = f"; and {len(failed) - _TOLD} more" if len(failed) > _TOLD else ""
        raise CheckFailed("; ".join(failed[:_TOLD]) + more)


def _failing(
    gates: Sequence[Gate], ours: dict[str, Metrics], theirs: dict[str, Metrics] | None
) -> Iterator[str]:
    for name, metrics in ours.items():
        if theirs is not None and name not in theirs:
            continue
        for gate in gates:
            wrong = gate.fails(metrics, theirs[name] if theirs is not None else None)
            if wrong:
                yield f"{name}: {wrong}" if name else wrong


def _metrics(path: Path) -> dict[str, Metrics]:
    """The metrics of a result, or of each computed point of a study by its settings."""
    if path.is_dir():
        rows = (row for row in open_results(path).rows if row.outcome.status == "done")
        return {json.dumps(row.settings, sort_keys=True): row.outcome.metrics for row in rows}
    result = read_result(path)
    return {"": {key: value for key, value in result.items() if isinstance(value, int | float)}}
