"""The best points so far, by the study's first objective, among those that keep the constraints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hwsim.explore.expression import number_of
from hwsim.explore.metrics import LARGER_IS_BETTER, Outcome
from hwsim.explore.point import Point
from hwsim.explore.space import Space


def feasible(space: Space, values: Mapping[str, Any], outcome: Outcome) -> bool:
    """Whether a point was computed and keeps every constraint; an unknown area keeps none."""
    if outcome.status != "done":
        return False
    known = {**{key: number_of(value) for key, value in values.items()}, **outcome.metrics}
    bases = space.bases.get(str(values.get("machine")), {})
    return all(
        all(known.get(name, bases.get(name)) is not None for name in each.names)
        and bool(each({**bases, **known}))
        for each in space.constraints
    )


def cost(objective: str, outcome: Outcome) -> float:
    """The objective as something to make small; infinite where it is not known."""
    name = objective.removeprefix("-")
    value = outcome.metrics.get(name)
    if value is None:
        return float("inf")
    return -value if (name in LARGER_IS_BETTER) != objective.startswith("-") else value


@dataclass(slots=True)
class Ranking:
    """Remembers the best point of a study."""

    space: Space
    least: float = float("inf")
    best: str = ""

    def add(self, point: Point, outcome: Outcome) -> None:
        """Another point was computed."""
        objective = self.space.study.objectives[0]
        value = cost(objective, outcome)
        if value < self.least and feasible(self.space, point.values, outcome):
            self.least = value
            varied = {dimension.key for dimension in self.space.dimensions}
            chosen = ", ".join(f"{key}={each}" for key, each in point.settings if key in varied)
            name = objective.removeprefix("-")
            self.best = f"{name} {outcome.metrics[name]:.4g} ({chosen or point.machine})"
