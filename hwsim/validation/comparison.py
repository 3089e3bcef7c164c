"""What a comparison with a reference is: rows of reference against ours, and their summary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Value = float | int | str | bool | None


@dataclass(frozen=True, slots=True)
class Row:
    """One compared number.

    ``error`` is relative, ``(ours - reference) / reference``, for numbers; 0 or 1 (equal or not) for
    everything else; None where the reference has no value. ``tolerance`` is the largest ``|error|`` accepted;
    None marks a row that is reported but not judged.
    """

    case: str
    metric: str
    reference: Value
    ours: Value
    tolerance: float | None = 0.0

    @property
    def error(self) -> float | None:
        """Signed relative error, 0/1 for things that are not numbers, None without a reference."""
        if self.reference is None:
            return None
        if not (_is_number(self.reference) and _is_number(self.ours)):
            return 0.0 if self.reference == self.ours else 1.0
        reference, ours = float(self.reference), float(self.ours)  # type: ignore[arg-type]
        if reference == ours:
            return 0.0
        return (ours - reference) / reference if reference else float("inf")

    @property
    def failed(self) -> bool:
        """Whether the row is judged and outside its tolerance."""
        return self.tolerance is not None and self.error is not None and abs(self.error) > self.tolerance

    def as_json(self) -> dict[str, Any]:
        """The row as the ``validate`` contract shows it; an infinite error is null."""
        error = self.error
        return {
            "case": self.case,
            "metric": self.metric,
            "reference": self.reference,
            "ours": self.ours,
            "error": None if error is None or error in (float("inf"), float("-inf")) else error,
            "tolerance": self.tolerance,
        }


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a metric says about the model of a component class, and for which cases; for error bands.

    ``quantity`` is the metric in a reader's words, ``reference`` what it was compared with; ``covered`` gives
    the smallest and the largest value of each attribute of the component (``rows``) and axis of the problem
    (``M``). ``cases`` are the beginnings of the cases it is about; none: all. ``machines``: the machines of
    the library that they are about, where more than such attributes matters.
    """

    component_class: str
    quantity: str
    metric: str
    reference: str
    covered: Mapping[str, tuple[int, int]]
    cases: tuple[str, ...] = ()
    machines: tuple[str, ...] = ()

    def is_about(self, case: str) -> bool:
        """Whether it is about a case."""
        return not self.cases or case.startswith(self.cases)


@dataclass(frozen=True, slots=True)
class Comparison:
    """All rows of one reference comparison, in the order of the reference file.

    ``notes`` are the rules applied before comparing, each one sentence; ``coverage`` is for error bands;
    ``tables`` say more about the errors than the summary does, by title.
    """

    name: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = field(default=())
    coverage: tuple[Coverage, ...] = field(default=())
    tables: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)

    @property
    def failed(self) -> int:
        """How many judged rows are outside their tolerance."""
        return sum(row.failed for row in self.rows)

    def worst(self, most: int) -> list[Row]:
        """At most ``most`` of the rows that are off: those that failed first, then by size of the error."""
        off = [row for row in self.rows if row.error]
        return sorted(off, key=lambda row: (not row.failed, -abs(row.error or 0.0)))[:most]

    def as_json(self) -> dict[str, Any]:
        """The comparison as the ``validate`` contract shows it."""
        return {
            "name": self.name,
            "n": len(self.rows),
            "failed": self.failed,
            "notes": list(self.notes),
            "summary": self.summary(),
            **{title: [dict(row) for row in rows] for title, rows in self.tables.items()},
            "rows": [row.as_json() for row in self.rows],
        }

    def summary(self) -> list[dict[str, Any]]:
        """For each metric: ``n``, ``exact``, ``max_error`` and ``mean_error`` (absolute)."""
        by_metric: dict[str, list[float]] = {}
        for row in self.rows:
            if row.error is not None:
                by_metric.setdefault(row.metric, []).append(abs(row.error))
        return [
            {
                "metric": metric,
                "n": len(errors),
                "exact": sum(error == 0.0 for error in errors),
                "max_error": max(errors),
                "mean_error": sum(errors) / len(errors),
            }
            for metric, errors in by_metric.items()
        ]


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
