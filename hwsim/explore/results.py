"""A study that was run, as tables: what a notebook and the report work with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hwsim.explore.folder import STUDY, open_folder
from hwsim.explore.load import space_of
from hwsim.explore.metrics import COLUMNS
from hwsim.explore.pareto import pareto_front
from hwsim.explore.ranking import cost, feasible
from hwsim.explore.space import Space
from hwsim.explore.store import Row
from hwsim.spec.document import load_document
from hwsim.spec.errors import InputError, did_you_mean

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class StudyResults:
    """The points of a study in its folder, as far as they have been computed."""

    path: Path
    space: Space
    rows: tuple[Row, ...]
    runs: tuple[dict[str, Any], ...]

    @cached_property
    def results(self) -> pd.DataFrame:
        """One row a point: what was chosen, the metrics, ``status``, ``feasible``, ``bound_by``."""
        import pandas as pd

        return pd.DataFrame([self._record(row) for row in self.rows])

    @cached_property
    def details(self) -> list[dict[str, Any]]:
        """For each row of :attr:`results` its time by bound, energy and area by component."""
        return [dict(row.outcome.details) for row in self.rows]

    @property
    def varied(self) -> list[str]:
        """What was chosen differently between points, in the order of the study."""
        seen: dict[str, set[str]] = {}
        for row in self.rows:
            for key, value in row.settings.items():
                seen.setdefault(key, set()).add(repr(value))
        return [key for key, values in seen.items() if len(values) > 1]

    @property
    def objectives(self) -> list[str]:
        """What the study makes small."""
        return list(self.space.study.objectives)

    def pareto(self, *objectives: str) -> pd.DataFrame:
        """The feasible points that no other feasible point beats in all ``objectives`` (the study's own where
        none is given), the best in the first one first.

        Raises:
            InputError: no such metric.
        """
        chosen = list(objectives) or self.objectives
        front = self.results[self.front(chosen)]
        ascending = self._costs(chosen[0])[front.index].argsort(kind="stable")
        ordered: pd.DataFrame = front.iloc[ascending]
        return ordered

    def front(self, objectives: Sequence[str]) -> Any:
        """Which rows are on the Pareto front of ``objectives``, as an array of booleans.

        Raises:
            InputError: no such metric.
        """
        import numpy as np

        for name in objectives:
            if name.removeprefix("-") not in COLUMNS:
                raise InputError(f"there is no metric {name!r}", hint=did_you_mean(name, COLUMNS))
        columns = [self._costs(name) for name in objectives]
        return pareto_front(np.stack(columns, axis=1)) if self.rows else np.zeros(0, dtype=bool)

    @property
    def best(self) -> int | None:
        """The row of the feasible point with the least of the first objective; None where none is
        feasible.
        """
        if not any(self.kept):
            return None
        return int(self._costs(self.objectives[0]).argmin())

    def _costs(self, objective: str) -> Any:
        """What each point costs in one objective; infinite where it is not feasible."""
        import numpy as np

        costs = (
            cost(objective, row.outcome) if ok else np.inf
            for row, ok in zip(self.rows, self.kept, strict=True)
        )
        return np.array(list(costs), dtype=float)

    @cached_property
    def kept(self) -> tuple[bool, ...]:
        """Which rows are feasible: computed, and within every constraint."""
        return tuple(self._feasible(row) for row in self.rows)

    def _feasible(self, row: Row) -> bool:
        return feasible(self.space, row.settings, row.outcome)

    def _record(self, row: Row) -> dict[str, Any]:
        return {
            "position": row.position,
            **row.settings,
            **{name: row.outcome.metrics.get(name) for name in COLUMNS},
            "status": row.outcome.status,
            "feasible": self._feasible(row),
            "bound_by": row.outcome.details.get("bound_by", ""),
            "message": row.outcome.message,
        }

    def _repr_html_(self) -> str:
        study = self.space.study
        head = f"<p><b>{study.name}</b>: {len(self.rows)} points. {study.description}</p>"
        shown = [*self.varied, *study.metrics, "bound_by"]
        table: str = self.pareto()[shown].head(20).to_html(index=False)
        return head + table


def open_results(path: Path | str) -> StudyResults:
    """The study in the folder at ``path``.

    Raises:
        InputError: there is none, or it is damaged.
    """
    folder = open_folder(Path(path))
    try:
        space = space_of(load_document(folder.path / STUDY))
        return StudyResults(folder.path, space, tuple(folder.store.rows()), tuple(folder.store.runs()))
    finally:
        folder.close()
