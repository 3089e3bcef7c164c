"""What a schedule is compared with: the order of the file, furthest next use leaves first (Belady, 1966)."""

from __future__ import annotations

from hwsim.schedule.greedy import file_order, greedy
from hwsim.schedule.indexed import index_problem
from hwsim.schedule.plan import schedule_from_plan
from hwsim.schedule.problem import Problem, Schedule


def naive_schedule(problem: Problem) -> Schedule:
    """A valid schedule in topological order, as near to that of the file as can be."""
    indexed = index_problem(problem)
    placed = greedy(indexed, file_order(indexed))
    return schedule_from_plan(indexed, placed.plan, placed.addresses)
