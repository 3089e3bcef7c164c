"""Searching a study's space with Optuna instead of running all of it.

A search runs points of the study like a sweep does and keeps them in the same store, so that what was
computed once is never computed again: not by the same search started anew, nor by a sweep.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hwsim.explore.content import Contents
from hwsim.explore.evaluate import evaluate
from hwsim.explore.expression import number_of
from hwsim.explore.folder import Folder
from hwsim.explore.metrics import Outcome, failed
from hwsim.explore.point import Point
from hwsim.explore.ranking import Ranking, cost, feasible
from hwsim.explore.results import StudyResults
from hwsim.explore.roofline import least
from hwsim.explore.samplers import quiet_optuna, sampler_called
from hwsim.explore.space import Space
from hwsim.explore.store import neighbours
from hwsim.spec.errors import InputError

_PATIENCE = 20
"""Proposals for each point of the budget; a search that only repeats itself ends."""
BROKEN = "broken"


@dataclass(slots=True)
class Found:
    """What a search did: the points ``evaluated``, those ``pruned`` by their bounds, those ``repeated``; the
    ``curve`` is the least cost of the first objective after each evaluation.
    """

    evaluated: list[Point] = field(default_factory=list)
    pruned: int = 0
    repeated: int = 0
    computed: int = 0
    curve: list[float] = field(default_factory=list)
    best: str = ""


Watch = Callable[[Found], None]


@dataclass(frozen=True, slots=True)
class Options:
    """How to search: ``budget`` points proposed by ``sampler``; ``prune``: not those of hopeless bounds."""

    budget: int
    sampler: str = "tpe"
    prune: bool = True


def search(
    space: Space, folder: Folder, options: Options, earlier: StudyResults | None, watch: Watch
) -> Found:
    """Propose and run points until the budget is spent.

    Raises:
        InputError: the sampler does not fit, or the store cannot be written.
    """
    optuna = quiet_optuna()
    objectives = space.study.objectives
    ranges = {name: range(len(values)) for name, values in space.choices.items() if len(values) > 1}
    sampler = sampler_called(options.sampler, space.study.seed, ranges, len(objectives), _broken)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        study = optuna.create_study(directions=["minimize"] * len(objectives), sampler=sampler)
        if earlier is not None:
            _warm(study, space, earlier)
        return _Search(space, folder, options, study, ranges, watch, Ranking(space)).run()


@dataclass(slots=True)
class _Search:
    """A search under way; ``front`` are the costs of the feasible points so far."""

    space: Space
    folder: Folder
    options: Options
    study: Any
    ranges: dict[str, range]
    watch: Watch
    ranking: Ranking
    found: Found = field(default_factory=Found)
    contents: Contents = field(default_factory=Contents)
    known: dict[int, Outcome | None] = field(default_factory=dict)
    front: list[tuple[float, ...]] = field(default_factory=list)

    def run(self) -> Found:
        most = min(self.options.budget * _PATIENCE, 2**31)
        self.study.optimize(self._objective, n_trials=most)
        self.folder.write_table()
        return self.found

    def _objective(self, trial: Any) -> list[float]:
        """What Optuna calls: the costs of the point it proposes, or the news that there are none."""
        places = {name: trial.suggest_int(name, 0, len(self.ranges[name]) - 1) for name in self.ranges}
        point = self._point(places)
        outcome = None if point is None else self._outcome_of(point)
        if self.front:
            self.found.curve.append(min(costs[0] for costs in self.front))
        self.watch(self.found)
        if len(self.found.evaluated) >= self.options.budget or len(self.known) >= self.space.candidates:
            self.study.stop()
        if point is None or outcome is None or outcome.status != "done":
            raise quiet_optuna().TrialPruned
        trial.set_user_attr(BROKEN, breaches(self.space, point, outcome))
        return [cost(name, outcome) for name in self.space.study.objectives]

    def _point(self, places: dict[str, int]) -> Point | None:
        """The point at these places; None where the study's conditions refuse it."""
        at = {name: places.get(name, 0) for name in self.space.choices}
        chosen = {name: values[at[name]] for name, values in self.space.choices.items()}
        position = self.space.place(at)
        point = self.space.point(chosen, position)
        if point is None:
            self.known[position] = None
        return point

    def _outcome_of(self, point: Point) -> Outcome | None:
        """What became of a point, now or before; None where it is hopeless and was not run."""
        if point.position in self.known:
            self.found.repeated += 1
        elif self._hopeless(point):
            self.found.pruned += 1
            self.known[point.position] = None
        else:
            outcome = self.known[point.position] = self._outcome(point)
            self.found.evaluated.append(point)
            self._rank(point, outcome)
        return self.known[point.position]

    def _rank(self, point: Point, outcome: Outcome) -> None:
        self.ranking.add(point, outcome)
        self.found.best = self.ranking.best
        costs = tuple(cost(name, outcome) for name in self.space.study.objectives)
        if feasible(self.space, point.values, outcome) and costs not in self.front:
            self.front.append(costs)

    def _outcome(self, point: Point) -> Outcome:
        """The point from the store, or computed and kept."""
        try:
            key = self.contents.key(point)
        except InputError as error:
            key = self.contents.unplaced(point)
            self.folder.store.add([(key, failed(str(error)))])
        self.folder.store.enrol([(key, point)])
        if not self._has(key):
            self.found.computed += 1
            self.folder.store.add([(key, evaluate([point])[0])])
        return self.folder.store.outcome(key)

    def _has(self, key: str) -> bool:
        """Whether the store, or that of a study beside it, has the point."""
        store = self.folder.store
        if store.known([key]):
            return True
        return any(store.take(other, [key]) for other in neighbours(self.folder.path))

    def _hopeless(self, point: Point) -> bool:
        """Whether the bounds of a point break a constraint, or are no better than a point that was run."""
        if not self.options.prune:
            return False
        bounds = least(point)
        if not bounds:
            return False
        for each in self.space.constraints:
            if each.names <= {"area_mm2"} and not each(bounds):
                return True
        ideal = [bounds.get(name, float("-inf")) for name in self.space.study.objectives]
        return any(all(c <= best for c, best in zip(costs, ideal, strict=True)) for costs in self.front)


def breaches(space: Space, point: Point, outcome: Outcome) -> list[float]:
    """For each constraint 0 where the point keeps it, 1 where not."""
    values = {
        **space.bases[point.machine],
        **{key: number_of(value) for key, value in point.values.items()},
        **outcome.metrics,
    }
    return [0.0 if each(values) else 1.0 for each in space.constraints]


def _broken(trial: Any) -> tuple[float, ...]:
    return tuple(trial.user_attrs.get(BROKEN, ()))


def _warm(study: Any, space: Space, earlier: StudyResults) -> None:
    """Tell the sampler of the points of an earlier study that are points of this one."""
    optuna = quiet_optuna()
    for row in earlier.rows:
        places = _places(space, row.settings)
        if places is None or row.outcome.status != "done":
            continue
        costs = [cost(name, row.outcome) for name in space.study.objectives]
        spread = {
            name: optuna.distributions.IntDistribution(0, len(values) - 1)
            for name, values in space.choices.items()
            if len(values) > 1
        }
        ok = feasible(space, row.settings, row.outcome)
        study.add_trial(
            optuna.trial.create_trial(
                params={name: places[name] for name in spread},
                distributions=spread,
                values=costs,
                user_attrs={BROKEN: [0.0 if ok else 1.0]},
            )
        )


def _places(space: Space, settings: dict[str, Any]) -> dict[str, int] | None:
    """Where a point of an earlier study stands on the axes of this one; None where it does not."""
    places = {}
    for name, values in space.choices.items():
        wanted = number_of(settings.get(name))
        places[name] = next((at for at, value in enumerate(values) if number_of(value) == wanted), -1)
    return None if -1 in places.values() else places


def regret(space: Space, found: Found, whole: StudyResults) -> float | None:
    """How much worse than the best of all points the best found is in the first objective, as a fraction.

    None where either has no feasible point, or the optimum is zero.
    """
    best = whole.best
    if best is None or not found.curve:
        return None
    optimum = cost(space.study.objectives[0], whole.rows[best].outcome)
    return (found.curve[-1] - optimum) / abs(optimum) if optimum else None
