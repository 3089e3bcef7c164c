"""The smallest scratchpad in which some order spills nothing, addresses included."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from hwsim.schedule.exact import exact_search
from hwsim.schedule.greedy import file_order, greedy
from hwsim.schedule.indexed import index_problem
from hwsim.schedule.plan import peak_units
from hwsim.schedule.problem import Problem
from hwsim.schedule.solve import ScheduleResult, SolveOptions, solve

# One question may take this share of the time left.
_QUESTION_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class Peak:
    """``problem`` has the smallest scratchpad found and ``result`` is its schedule without any spill.

    None of less than ``lower_bound_bytes`` has one.
    """

    problem: Problem
    lower_bound_bytes: int
    result: ScheduleResult


def minimum_peak(problem: Problem, options: SolveOptions | None = None) -> Peak:
    """Bisection between the largest working set and the peak of a greedy order.

    Every question is whether a verified schedule without cost exists; one that time leaves open counts as
    "no" for where to look, and not for the bound.
    """
    chosen = options or SolveOptions()
    deadline = time.monotonic() + chosen.time_limit_s
    indexed = index_problem(problem)
    low = max(indexed.demand)
    bound, best = low, _roomy(problem, chosen)
    high = best.problem.scratchpad_bytes // indexed.unit
    while low < high:
        middle = (low + high) // 2
        smaller = problem.with_scratchpad(middle * indexed.unit)
        answer, decided = _without_spill(smaller, chosen, deadline)
        if answer is not None:
            best, high = Peak(smaller, 0, answer), middle
        else:
            low = middle + 1
            bound = low if decided else bound
    return replace(best, lower_bound_bytes=bound * indexed.unit)


def _roomy(problem: Problem, options: SolveOptions) -> Peak:
    """A schedule without spill in the peak of a greedy order, or in as much more as its addresses take."""
    everything = problem.with_scratchpad(sum(problem.occupied_bytes(each.id) for each in problem.tensors))
    indexed = index_problem(everything)
    plans = [greedy(indexed).plan, greedy(indexed, file_order(indexed)).plan]
    size = min(peak_units(indexed, plan) for plan in plans) * indexed.unit
    while True:
        roomy = problem.with_scratchpad(size)
        result = solve(roomy, options)
        if result.cost == 0:
            return Peak(roomy, 0, result)
        size = min(everything.scratchpad_bytes, size + max(indexed.unit, size // 20))


def _without_spill(
    problem: Problem, options: SolveOptions, deadline: float
) -> tuple[ScheduleResult | None, bool]:
    """A schedule that costs nothing; and whether the question is decided."""
    left = deadline - time.monotonic()
    if left <= 0:
        return None, False
    indexed = index_problem(problem)
    until = time.monotonic() + left * _QUESTION_SHARE
    found = exact_search(indexed, until, 1, greedy(indexed).plan)
    if found.plan is None:
        return None, found.proved
    result = solve(problem, replace(options, time_limit_s=max(left * _QUESTION_SHARE, 0.1)))
    return (result, True) if result.cost == 0 else (None, bool(result.bound))
