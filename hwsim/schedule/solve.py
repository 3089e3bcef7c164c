"""Solve a scheduling problem: what is asked, what is answered, and the way from one to the other.

Every answer is replayed by :mod:`hwsim.schedule.verify` before it leaves.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import StrEnum

from hwsim.schedule.allocation import Status
from hwsim.schedule.attempt import Attempt
from hwsim.schedule.graph_check import check_graph, scratchpad_fault
from hwsim.schedule.indexed import Indexed, in_order, index_problem
from hwsim.schedule.plan import schedule_from_plan
from hwsim.schedule.problem import Prices, Problem, Schedule
from hwsim.schedule.symmetry import twins_in_order
from hwsim.schedule.verify import verify


class Solver(StrEnum):
    """Which engine decides order and residency."""

    AUTO = "auto"
    HIGHS = "highs"
    CPSAT = "cpsat"


@dataclass(frozen=True, slots=True)
class SolveOptions:
    """``time_limit_s``: seconds for everything. ``order``: operator ids, to fix the order (``auto`` only)."""

    solver: Solver = Solver.AUTO
    time_limit_s: float = 60.0
    order: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class ScheduleResult:
    """A verified schedule and how far it can be from the best: all amounts in bytes.

    ``status``: ``optimal`` when the cost equals the bound, ``feasible`` otherwise, ``infeasible`` with a
    ``reason`` and no steps. ``cost`` and ``bound`` are in the unit of the problem's prices; with prices other
    than bytes, ``lower_bound_bytes`` is None. ``solve_s`` is without the time in which the code of the
    thorough search was compiled or loaded.
    """

    status: Status
    noncompulsory_bytes: int | None
    compulsory_bytes: int
    lower_bound_bytes: int | None
    steps: Schedule
    solve_s: float
    verified: bool
    interrupted: bool = False
    reason: str = ""
    cost: int | None = None
    bound: int | None = None

    @property
    def gap(self) -> float | None:
        """``(cost - bound) / cost``; 0 when proved, None when infeasible."""
        if self.cost is None or self.bound is None:
            return None
        return (self.cost - self.bound) / self.cost if self.cost else 0.0


def solve(problem: Problem, options: SolveOptions | None = None) -> ScheduleResult:
    """The cheapest verified schedule that can be found, with a valid lower bound.

    An interrupt (Ctrl-C) ends the work early and returns the best so far with ``interrupted``.

    Raises:
        InputError: a fault of the graph, or a solver that is not installed.
    """
    chosen = options or SolveOptions()
    started = time.monotonic()
    check_graph(problem)
    fault = scratchpad_fault(problem)
    if fault:
        return _infeasible(problem, fault.message, started)
    indexed = _ordered(index_problem(problem), chosen.order)
    attempt = Attempt(indexed, started + chosen.time_limit_s, chosen.order is None)
    interrupted = False
    try:
        _work(attempt, chosen.solver)
    except KeyboardInterrupt:
        interrupted = True
    return _result(attempt, started, interrupted)


def _infeasible(problem: Problem, reason: str, started: float) -> ScheduleResult:
    seconds = time.monotonic() - started
    return ScheduleResult(
        Status.INFEASIBLE, None, problem.compulsory_bytes, None, (), seconds, False, reason=reason
    )


def _work(attempt: Attempt, solver: Solver) -> None:
    """All stages of one solver, the cheap ones first."""
    if solver is Solver.AUTO:
        attempt.search_and_divide()
        return
    attempt.formulate(str(solver), addresses=False)
    attempt.formulate(str(solver), addresses=True)


def _result(attempt: Attempt, started: float, interrupted: bool) -> ScheduleResult:
    """The incumbent, verified."""
    indexed, best = attempt.indexed, attempt.best
    steps = schedule_from_plan(indexed, best.plan, best.addresses)
    verdict = verify(indexed.problem, steps)
    if verdict.cost != attempt.cost:
        raise AssertionError(f"unsound schedule: {verdict.violation or verdict.cost}")
    bound = min(attempt.bound, attempt.cost)
    return ScheduleResult(
        status=Status.OPTIMAL if attempt.proved else Status.FEASIBLE,
        noncompulsory_bytes=verdict.noncompulsory_bytes,
        compulsory_bytes=indexed.problem.compulsory_bytes,
        lower_bound_bytes=bound if indexed.problem.prices == Prices() else None,
        steps=steps,
        solve_s=time.monotonic() - started - attempt.loading_s,
        verified=verdict.valid,
        interrupted=interrupted,
        cost=attempt.cost,
        bound=bound,
    )


def _ordered(indexed: Indexed, names: tuple[str, ...] | None) -> Indexed:
    """The problem with its operators in the order of ``names``; without one, with twins in one order."""
    if names is None:
        return twins_in_order(indexed)
    number = {operator.id: index for index, operator in enumerate(indexed.problem.operators)}
    return in_order(indexed, tuple(number[name] for name in names))
