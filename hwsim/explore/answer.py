"""The answer of a study as JSON."""

from __future__ import annotations

from typing import Any

from hwsim.explore.results import StudyResults
from hwsim.explore.search import Found
from hwsim.explore.store import Row


def study_answer(found: StudyResults) -> dict[str, Any]:
    """How many points, the best one, the Pareto front, and every point with its settings and metrics."""
    front = found.front(found.objectives)
    rows = [_row(row, bool(ok), bool(on)) for row, ok, on in zip(found.rows, found.kept, front, strict=True)]
    best = found.best
    return {
        "study": found.space.study.name,
        "points": len(rows),
        "failed": sum(row["status"] == "failed" for row in rows),
        "feasible": sum(row["feasible"] for row in rows),
        "objectives": found.objectives,
        "constraints": list(found.space.study.constraints),
        "best": rows[best] if best is not None else None,
        "pareto": [row["position"] for row in rows if row["pareto"]],
        "rows": rows,
    }


def _row(row: Row, feasible: bool, pareto: bool) -> dict[str, Any]:
    outcome = row.outcome
    return {
        "position": row.position,
        "settings": row.settings,
        "status": outcome.status,
        "message": outcome.message,
        "feasible": feasible,
        "pareto": pareto,
        **outcome.metrics,
        **outcome.details,
    }


def search_answer(found: Found, regret: float | None) -> dict[str, Any]:
    """How many points a search ran, left out and met again; and how far it stayed behind the best."""
    return {
        "evaluated": len(found.evaluated),
        "computed": found.computed,
        "pruned": found.pruned,
        "repeated": found.repeated,
        "regret": regret,
    }
