"""What the figures of a study ask of its points: columns, the best point, what matters most."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwsim.explore.expression import number_of
from hwsim.explore.metrics import COLUMNS
from hwsim.explore.ranking import cost
from hwsim.explore.results import StudyResults
from hwsim.explore.store import Row


@dataclass(frozen=True)
class Survey:
    """A study's points that were computed, and those of them that keep its constraints."""

    found: StudyResults

    @cached_property
    def done(self) -> tuple[Row, ...]:
        """The points that did not fail."""
        return tuple(row for row in self.found.rows if row.outcome.status == "done")

    @cached_property
    def feasible(self) -> NDArray[np.bool_]:
        """Which of :attr:`done` keep every constraint."""
        pairs = zip(self.found.rows, self.found.kept, strict=True)
        return np.array([ok for row, ok in pairs if row.outcome.status == "done"], dtype=bool)

    @cached_property
    def on_front(self) -> NDArray[np.bool_]:
        """Which of :attr:`done` are on the Pareto front of the study's objectives."""
        front = self.found.front(self.found.objectives)
        pairs = zip(self.found.rows, front, strict=True)
        return np.array([on for row, on in pairs if row.outcome.status == "done"], dtype=bool)

    @cached_property
    def varied(self) -> tuple[str, ...]:
        """What differs between points; what merely follows from something else that does is left out."""
        links = self.found.space.study.link
        own = tuple(key for key in self.found.varied if key not in links)
        return own or tuple(self.found.varied)

    @cached_property
    def metrics(self) -> tuple[str, ...]:
        """The metrics of the study's tables and its objectives, those that are known."""
        study = self.found.space.study
        wanted = dict.fromkeys([*(name.removeprefix("-") for name in study.objectives), *study.metrics])
        return tuple(
            name for name in wanted if any(row.outcome.metrics[name] is not None for row in self.done)
        )

    @property
    def objective(self) -> str:
        """The first objective, without its sign."""
        return self.found.objectives[0].removeprefix("-")

    def column(self, metric: str) -> NDArray[np.float64]:
        """A metric of :attr:`done`; NaN where it is not known."""
        values = (row.outcome.metrics.get(metric) for row in self.done)
        return np.array([np.nan if value is None else float(value) for value in values])

    def levels(self, key: str) -> list[Any]:
        """The values of a setting, in the order of the study."""
        seen = {repr(row.settings.get(key)): row.settings.get(key) for row in self.done}
        ordered = {repr(value): value for value in self.found.space.choices.get(key, ())}
        kept = [value for name, value in ordered.items() if name in seen]
        return kept or list(seen.values())

    def codes(self, key: str) -> NDArray[np.int64]:
        """For each of :attr:`done` the place of its value in :meth:`levels`."""
        places = {repr(value): place for place, value in enumerate(self.levels(key))}
        return np.array([places[repr(row.settings.get(key))] for row in self.done], dtype=np.int64)

    @cached_property
    def best(self) -> int | None:
        """The place in :attr:`done` of the feasible point with the least of the first objective."""
        if not self.feasible.any():
            return None
        return int(self.costs(self.found.objectives[0]).argmin())

    def costs(self, objective: str) -> NDArray[np.float64]:
        """What each of :attr:`done` costs; infinite where it is not feasible."""
        values = np.array([cost(objective, row.outcome) for row in self.done], dtype=float)
        return np.where(self.feasible, values, np.inf)

    def front(self) -> list[int]:
        """The places of the points on the front, the best in the first objective first."""
        places = np.flatnonzero(self.on_front)
        ordered = places[np.argsort(self.costs(self.found.objectives[0])[places], kind="stable")]
        return [int(place) for place in ordered]

    def label(self, place: int) -> str:
        """A point in words: what was chosen for it."""
        row = self.done[place]
        return ", ".join(f"{key} {plain(row.settings.get(key))}" for key in self.varied)

    def neighbours(self, place: int, key: str) -> Iterator[int]:
        """The points that differ from the one at ``place`` in the setting ``key`` alone (and in what follows
        from it), in the order of its values.
        """
        others = [each for each in self.varied if each != key]
        same = np.ones(len(self.done), dtype=bool)
        for each in others:
            codes = self.codes(each)
            same &= codes == codes[place]
        found = np.flatnonzero(same)
        order = np.argsort(self.codes(key)[found], kind="stable")
        return iter([int(each) for each in found[order]])


def importance(survey: Survey, metric: str) -> dict[str, float]:
    """The share of the variance of a metric's logarithm that each setting explains alone.

    The first-order index of Sobol (Saltelli et al., "Global sensitivity analysis", Wiley 2008, sec. 1.2),
    estimated over the points there are; what is left is due to settings acting together.
    """
    values = survey.column(metric)
    usable = np.isfinite(values) & (values > 0)
    logs = np.log(values[usable])
    whole = float(logs.var()) if len(logs) else 0.0
    found = {}
    for key in survey.varied:
        codes = survey.codes(key)[usable]
        means, counts = _means(codes, logs)
        spread = float(np.average((means - logs.mean()) ** 2, weights=counts)) if len(logs) else 0.0
        found[key] = spread / whole if whole > 1e-18 else 0.0
    return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))


def _means(codes: NDArray[np.int64], values: NDArray[np.float64]) -> tuple[Any, Any]:
    """The mean of the values of each code that occurs, and how many there are."""
    counts = np.bincount(codes)
    sums = np.bincount(codes, weights=values)
    occurring = counts > 0
    return sums[occurring] / counts[occurring], counts[occurring]


def plain(value: Any) -> str:
    """A setting as text."""
    return "as the machine has it" if value is None else str(value)


def is_ordered(values: Sequence[Any]) -> bool:
    """Whether the values are amounts that rise or fall."""
    numbers = [number_of(value) for value in values]
    if len(numbers) < 2 or not all(
        isinstance(each, int | float) and not isinstance(each, bool) for each in numbers
    ):
        return False
    return numbers in (sorted(numbers), sorted(numbers, reverse=True))


def known_columns(survey: Survey) -> list[str]:
    """The metrics that are known for some point, those of the study first."""
    own = list(survey.metrics)
    return own + [name for name in COLUMNS if name not in own and np.isfinite(survey.column(name)).any()]
