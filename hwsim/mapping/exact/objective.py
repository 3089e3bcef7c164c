"""What is best: least energy, latency, their product, or all that no other beats in both."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Literal, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from hwsim.mapping.exact.ways import Numbers

Objective = Literal["energy", "latency", "edp", "pareto"]
Mask: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Point:
    """A mapping found: joules, seconds, the number of its case, and the tiles of each rank's cuts."""

    energy: float
    latency: float
    case: int
    tiles: Mapping[str, tuple[int, ...]]


class Best(Protocol):
    """The best that is known."""

    def beaten(self, energy: Numbers, latency: Numbers) -> Mask:
        """Which of the given are no better than what is known."""

    def value(self, energy: Numbers, latency: Numbers) -> Numbers:
        """What to look at first: the smallest."""

    def offer(self, energy: Numbers, latency: Numbers, make: Callable[[int], Point]) -> None:
        """Take those of the given that are better."""

    def points(self) -> tuple[Point, ...]:
        """What is best."""


@dataclass
class Least:
    """The least value of one figure; of equal ones that with the least of the other, then the first found."""

    figure: Callable[[Numbers, Numbers], Numbers]
    least: float = inf
    point: Point | None = None

    def beaten(self, energy: Numbers, latency: Numbers) -> Mask:
        """No less than the least."""
        return self.figure(energy, latency) >= self.least

    def value(self, energy: Numbers, latency: Numbers) -> Numbers:
        """The figure."""
        return self.figure(energy, latency)

    def offer(self, energy: Numbers, latency: Numbers, make: Callable[[int], Point]) -> None:
        """The first of the least, if it is less."""
        values = self.figure(energy, latency)
        if len(values) and values.min() < self.least:
            equal = np.flatnonzero(values == values.min())
            first = int(equal[np.lexsort((latency[equal], energy[equal]))[0]])
            self.least, self.point = float(values[first]), make(first)

    def points(self) -> tuple[Point, ...]:
        """The one point, if any."""
        return (self.point,) if self.point else ()


@dataclass
class Frontier:
    """All that no other undercuts in energy and latency, by rising energy."""

    known: list[Point] = field(default_factory=list)

    def beaten(self, energy: Numbers, latency: Numbers) -> Mask:
        """A known point needs no more of either."""
        energies = np.array([point.energy for point in self.known])
        fastest = np.array([inf, *(point.latency for point in self.known)])
        mask: Mask = fastest[np.searchsorted(energies, energy, side="right")] <= latency
        return mask

    def value(self, energy: Numbers, latency: Numbers) -> Numbers:
        """The product, which a good compromise makes small."""
        return energy * latency

    def offer(self, energy: Numbers, latency: Numbers, make: Callable[[int], Point]) -> None:
        """The frontier of what is known and given."""
        order = np.lexsort((latency, energy))
        floor = np.minimum.accumulate(latency[order])
        steps = (
            order[np.flatnonzero(np.concatenate([[True], floor[1:] < floor[:-1]]))] if len(order) else order
        )
        merged = sorted(
            [*self.known, *(make(int(each)) for each in steps)], key=lambda each: (each.energy, each.latency)
        )
        self.known = []
        for point in merged:
            if not self.known or point.latency < self.known[-1].latency:
                self.known.append(point)

    def points(self) -> tuple[Point, ...]:
        """The frontier."""
        return tuple(self.known)


def best_for(objective: Objective) -> Best:
    """What an objective keeps."""
    if objective == "pareto":
        return Frontier()
    figures: dict[str, Callable[[Numbers, Numbers], Numbers]] = {
        "energy": lambda energy, _: energy,
        "latency": lambda _, latency: latency,
        "edp": lambda energy, latency: energy * latency,
    }
    return Least(figures[objective])
