"""The best nests of one step, proved over the declared set."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import inf

import numpy as np
import numpy.typing as npt

from hwsim.energy.objective.judge import FIGURES, Figure
from hwsim.mapping.declared import Declared

Numbers = npt.NDArray[np.float64]
Bounds = tuple[Numbers, Numbers]
"""Seconds and joules that no candidate is below."""
CERTAIN = 1 - 1e-9
"""Bounds are rounded: this much of one is trusted."""


@dataclass(frozen=True, slots=True)
class Costed:
    """A candidate (by number; -1: the plan's own) and what its step takes."""

    number: int
    figure: Figure


@dataclass(frozen=True, slots=True)
class Choice:
    """The candidates of a step that may be wanted, by rising seconds and falling joules; how many were
    costed; and what no candidate's figure is below.
    """

    front: tuple[Costed, ...]
    costed: int
    bound: float


@dataclass
class _Known:
    """What no other candidate beats so far."""

    front: list[Costed] = field(default_factory=list)

    def add(self, costed: Costed) -> None:
        """Take a candidate, unless another is no worse; drop those that are no better now."""
        if not self.beats(costed.figure):
            self.front = [each for each in self.front if not _no_worse(costed.figure, each.figure)]
            self.front.append(costed)
            self.front.sort(key=lambda each: each.figure.seconds)

    def beats(self, figure: Figure) -> bool:
        """Whether a candidate is no worse than ``figure``."""
        return any(_no_worse(each.figure, figure) for each in self.front)


def choose(
    candidates: Declared,
    bounds: Bounds,
    objective: str,
    own: Figure | None,
    judge: Callable[[int], Figure | None],
) -> Choice:
    """The front of a step for an objective: its best alone for latency and energy.

    Args:
        candidates: the declared set; only its allowed ones are tried.
        bounds: for every candidate.
        objective: latency, energy, edp or pareto.
        own: what the step of the plan takes as it is, if it may stay so.
        judge: what the step takes with a candidate; None where an inner level does not fit.
    """
    known = _Known([Costed(-1, own)] if own else [])
    costed, figure = 0, FIGURES[objective]
    for number, bound in _by_bound(candidates, bounds, figure):
        if objective in ("latency", "energy"):
            if known.front and figure(bound) * CERTAIN >= min(figure(each.figure) for each in known.front):
                break
        elif known.beats(Figure(bound.seconds * CERTAIN, bound.joules * CERTAIN)):
            continue
        found = judge(number)
        costed += 1
        if found is not None:
            known.add(Costed(number, found))
    least = min((figure(each.figure) for each in known.front), default=inf)
    return Choice(tuple(known.front), costed, least)


def _by_bound(
    candidates: Declared, bounds: Bounds, figure: Callable[[Figure], float]
) -> Iterator[tuple[int, Figure]]:
    """The allowed candidates, those with the least bounds first; of equal ones the declared order."""
    allowed = np.flatnonzero(candidates.allowed)
    seconds, joules = (each[allowed] for each in bounds)
    values = figure(Figure(seconds, joules))  # type: ignore[arg-type]
    for at in np.argsort(values, kind="stable"):
        yield int(allowed[at]), Figure(float(seconds[at]), float(joules[at]))


def _no_worse(one: Figure, other: Figure) -> bool:
    return one.seconds <= other.seconds and one.joules <= other.joules
