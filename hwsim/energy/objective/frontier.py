"""From the corners of every step to those of the whole: latencies and energies add up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hwsim.energy.objective.choice import Costed
from hwsim.energy.objective.judge import Figure


@dataclass(frozen=True, slots=True)
class Sum:
    """A whole: what it takes, and which of its corners every step has."""

    figure: Figure
    chosen: tuple[int, ...]


def corners(front: Sequence[Costed]) -> tuple[Costed, ...]:
    """The lower hull of a front, from the fastest to the most frugal."""
    found: list[Costed] = []
    for each in sorted(front, key=lambda costed: (costed.figure.seconds, costed.figure.joules)):
        while len(found) > 1 and _above(found[-2].figure, found[-1].figure, each.figure):
            found.pop()
        if not found or each.figure.joules < found[-1].figure.joules:
            found.append(each)
    return tuple(found)


def _above(one: Figure, middle: Figure, other: Figure) -> bool:
    """Whether ``middle`` is on or above the line between its neighbours."""
    long = (other.seconds - one.seconds) * (middle.joules - one.joules)
    return long >= (middle.seconds - one.seconds) * (other.joules - one.joules)


def frontier(steps: Sequence[tuple[Costed, ...]], rest: Figure) -> tuple[Sum, ...]:
    """All sums of corners that no other sum beats for some price of time, from the fastest on.

    Every step starts at its fastest corner; one after the other takes the turn that saves most joules for a
    second lost. ``rest`` is what all else takes.
    """
    chosen = [0] * len(steps)
    seconds = rest.seconds + sum(corner[0].figure.seconds for corner in steps)
    joules = rest.joules + sum(corner[0].figure.joules for corner in steps)
    found = [Sum(Figure(seconds, joules), tuple(chosen))]
    turns = [
        (_rate(corner[at].figure, corner[at + 1].figure), number, at)
        for number, corner in enumerate(steps)
        for at in range(len(corner) - 1)
    ]
    for _, number, at in sorted(turns):
        before, after = steps[number][at].figure, steps[number][at + 1].figure
        seconds += after.seconds - before.seconds
        joules += after.joules - before.joules
        chosen[number] = at + 1
        found.append(Sum(Figure(seconds, joules), tuple(chosen)))
    return tuple(found)


def _rate(before: Figure, after: Figure) -> float:
    """Joules gained (negative) for a second lost."""
    return (after.joules - before.joules) / (after.seconds - before.seconds)
