"""Large-neighbourhood search: re-optimise one stretch of a plan after another, each exactly.

Only stretches that pay for something are looked at. Lengths grow from round to round; a round that improves
nothing ends its length. Addresses are left out.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

from hwsim.schedule.indexed import Indexed
from hwsim.schedule.plan import Plan, plan_cost, returns
from hwsim.schedule.search import search
from hwsim.schedule.window import plan_inside, put_back, window_of

# Lengths of stretches in operators, and the states (not seconds: answers must not depend on the machine)
# after which the exact search gives one up, about a second of work.
_LENGTHS = (12, 20, 32, 48, 64)
_WINDOW_STATES = 10_000


@dataclass(frozen=True, slots=True)
class Improved:
    """The plan, and how many stretches were solved and how many of them to their optimum."""

    plan: Plan
    windows: int
    proved: int


def improve(
    indexed: Indexed,
    plan: Plan,
    deadline: float,
    share: float = 1.0,
    lengths: tuple[int, ...] = _LENGTHS,
) -> Improved:
    """The plan after rounds of every length, or at ``deadline`` (``time.monotonic()``).

    ``share``: how much of the scratchpad a re-optimised stretch may use. ``lengths``: of the stretches.
    """
    windows = proved = 0
    for length in lengths:
        better = True
        while better and time.monotonic() < deadline:
            before = plan_cost(indexed, plan)
            for first in _starts(plan, length):
                if time.monotonic() > deadline:
                    break
                plan, ended = _solved(indexed, plan, range(first, first + length), deadline, share)
                windows += 1
                proved += ended
            better = plan_cost(indexed, plan) < before
        if length >= len(plan.order):
            break
    return Improved(plan, windows, proved)


def _starts(plan: Plan, length: int) -> Iterator[int]:
    """Where stretches begin: every half length, if something is paid inside."""
    paying = [step for steps in returns(plan).values() for step in steps]
    for first in range(0, max(1, len(plan.order) - length // 2), max(1, length // 2)):
        if any(first <= step <= first + length for step in paying):
            yield first


def _solved(indexed: Indexed, plan: Plan, steps: range, deadline: float, share: float) -> tuple[Plan, bool]:
    """The plan with one stretch re-optimised where that pays, and whether it is now optimal."""
    window = window_of(indexed, plan, steps.start, min(steps.stop, len(plan.order)))
    cost = plan_cost(indexed, plan)
    spent = plan_cost(window.indexed, plan_inside(indexed, plan, window))
    inner = replace(window.indexed, capacity=int(window.indexed.capacity * share))
    found = search(inner, deadline, spent, _WINDOW_STATES)
    if found.plan is None:
        return plan, found.proved
    better = put_back(indexed, plan, window, found.plan)
    return (better if plan_cost(indexed, better) < cost else plan), found.proved
