"""A good schedule that does not depend on the clock: a narrow beam, windows where it proves nothing."""

from __future__ import annotations

import time
from collections.abc import Mapping
from math import inf

from hwsim.schedule.allocation import Status
from hwsim.schedule.cover import CoverBound
from hwsim.schedule.greedy import PlacedPlan, file_order, greedy, realised
from hwsim.schedule.improve import improve
from hwsim.schedule.indexed import Indexed, ancestors_of, index_problem, mask_of, with_ancestors
from hwsim.schedule.packing import pack
from hwsim.schedule.plan import Plan, plan_cost, schedule_from_plan
from hwsim.schedule.problem import Problem, Schedule
from hwsim.schedule.verify import verify

_LENGTHS = (12, 20, 32)
# States a layer of the beam: enough to prove whole networks whose tensors mostly fit.
_WIDTH = 100
# A guard, far beyond what packing has been seen to take.
_PACKING_S = 60.0


def steady_schedule(problem: Problem, follows: Mapping[str, frozenset[str]]) -> Schedule:
    """The best of two starts and what improves on them, verified.

    Args:
        problem: checked, in a scratchpad that holds its largest operator.
        follows: by operator, those that have to run before it for reasons besides the problem's tensors.
    """
    indexed = _after(index_problem(problem), follows)
    starts = (greedy(indexed), greedy(indexed, file_order(indexed)))
    placed = [*(_placed(indexed, plan) for plan in _improved(indexed, starts)), *starts]
    best = min(placed, key=lambda each: plan_cost(indexed, each.plan))
    steps = schedule_from_plan(indexed, best.plan, best.addresses)
    verdict = verify(problem, steps)
    if not verdict.valid:
        raise AssertionError(f"unsound schedule: {verdict.violation}")
    return steps


def _improved(indexed: Indexed, starts: tuple[PlacedPlan, ...]) -> list[Plan]:
    """Plans without addresses that are better than the starts; none where a start is proved optimal."""
    best = min((start.plan for start in starts), key=lambda plan: plan_cost(indexed, plan))
    cost = plan_cost(indexed, best)
    if cost <= CoverBound(indexed).at_start():
        return []
    # Compiled code takes a second to load, so only where it is needed.
    from hwsim.schedule.lattice.search import lattice_search

    found = lattice_search(indexed, inf, cost, best, (_WIDTH,))
    if found.proved:
        return [] if found.plan is None else [found.plan]
    plans = [found.plan or best, *(start.plan for start in starts if start.plan is not best)]
    return [improve(indexed, plan, inf, lengths=_LENGTHS).plan for plan in plans]


def _placed(indexed: Indexed, plan: Plan) -> PlacedPlan:
    status, addresses = pack(indexed, plan, time.monotonic() + _PACKING_S)
    return PlacedPlan(plan, addresses) if status is Status.FEASIBLE else realised(indexed, plan)


def _after(indexed: Indexed, follows: Mapping[str, frozenset[str]]) -> Indexed:
    """The problem with further operators before each."""
    names = [operator.id for operator in indexed.problem.operators]
    number = {name: place for place, name in enumerate(names)}
    direct = tuple(
        indexed.predecessors[place] | mask_of(number[before] for before in follows.get(name, ()))
        for place, name in enumerate(names)
    )
    return with_ancestors(indexed, ancestors_of(direct))
