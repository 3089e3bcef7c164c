"""COSMA's three scratchpad budgets: MR, the largest working set; MP, the minimum peak; MH, halfway."""

from __future__ import annotations

import time
from dataclasses import dataclass

from hwsim.schedule.indexed import index_problem
from hwsim.schedule.problem import Problem
from hwsim.schedule.search import search


@dataclass(frozen=True, slots=True)
class Budgets:
    """Scratchpads in bytes; ``mp_bytes`` and ``mh_bytes`` are None where the minimum peak is not proved."""

    mr_bytes: int
    mh_bytes: int | None
    mp_bytes: int | None


def budgets(problem: Problem, time_limit_s: float) -> Budgets:
    """MR, MH = (MR + MP) / 2 and MP of a graph."""
    least = max(problem.working_set_bytes(operator.id) for operator in problem.operators)
    peak = minimum_peak_bytes(problem, time_limit_s)
    return Budgets(least, None if peak is None else (least + peak) // 2, peak)


def minimum_peak_bytes(problem: Problem, time_limit_s: float) -> int | None:
    """The smallest scratchpad at which some order spills nothing, by total size (addresses left out).

    Bisection over whether the exact search finds a plan of cost zero; None if time ends first.
    """
    deadline = time.monotonic() + time_limit_s
    unit = index_problem(problem).unit
    low = max(problem.working_set_bytes(operator.id) for operator in problem.operators) // unit
    high = sum(problem.occupied_bytes(tensor.id) for tensor in problem.tensors) // unit
    while low < high:
        middle = (low + high) // 2
        found = search(index_problem(problem.with_scratchpad(middle * unit)), deadline, ceiling=1)
        if not found.proved:
            return None
        low, high = (low, middle) if found.plan is not None else (middle + 1, high)
    return low * unit
