"""Solve a scheduling problem: a greedy start, an exact search without addresses, packing, and addresses last.

Every answer is replayed by :mod:`hwsim.schedule.verify` before it leaves.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import StrEnum

from hwsim.schedule.adapter import ask, is_installed
from hwsim.schedule.allocation import Status
from hwsim.schedule.graph_check import check_graph, scratchpad_fault
from hwsim.schedule.greedy import PlacedPlan, file_order, greedy
from hwsim.schedule.indexed import Indexed, index_problem
from hwsim.schedule.packing import pack
from hwsim.schedule.plan import Plan, plan_cost, plan_from_keeps, schedule_from_plan
from hwsim.schedule.problem import Problem, Schedule
from hwsim.schedule.reply import Reply
from hwsim.schedule.search import search
from hwsim.schedule.verify import verify

# Packing one plan is only a means: beyond this share of the time left, solve with addresses instead.
_PACKING_SHARE = 0.2
_SEARCH_SHARE = 0.5


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
    ``reason`` and no steps.
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

    @property
    def gap(self) -> float | None:
        """``(cost - bound) / cost``; 0 when proved, None when infeasible."""
        if self.noncompulsory_bytes is None or self.lower_bound_bytes is None:
            return None
        cost = self.noncompulsory_bytes
        return (cost - self.lower_bound_bytes) / cost if cost else 0.0


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
    attempt = _Attempt(index_problem(problem), chosen, started + chosen.time_limit_s)
    interrupted = False
    try:
        attempt.work()
    except KeyboardInterrupt:
        interrupted = True
    return attempt.result(started, interrupted)


def _infeasible(problem: Problem, reason: str, started: float) -> ScheduleResult:
    seconds = time.monotonic() - started
    return ScheduleResult(
        Status.INFEASIBLE, None, problem.compulsory_bytes, None, (), seconds, False, reason=reason
    )


class _Attempt:
    """The incumbent and the bound, improved stage by stage until they meet or time ends."""

    def __init__(self, indexed: Indexed, options: SolveOptions, deadline: float) -> None:
        self.indexed = indexed
        self.options = options
        self.deadline = deadline
        self.bound = 0
        self.order = _fixed_order(indexed, options.order)
        self.best = self._start()

    @property
    def cost(self) -> int:
        """Bytes of the incumbent."""
        return plan_cost(self.indexed, self.best.plan)

    @property
    def proved(self) -> bool:
        """Whether incumbent and bound meet."""
        return self.bound >= self.cost

    def work(self) -> None:
        """All stages, the cheap ones first."""
        if self.options.solver is Solver.AUTO:
            self._search()
            if not self.proved and not self.order and is_installed("cpsat"):
                self._formulate("cpsat", addresses=True)
        else:
            self._formulate(str(self.options.solver), addresses=False)
            if not self.proved:
                self._formulate(str(self.options.solver), addresses=True)

    def result(self, started: float, interrupted: bool) -> ScheduleResult:
        """The incumbent, verified."""
        indexed = self.indexed
        steps = schedule_from_plan(indexed, self.best.plan, self.best.addresses)
        verdict = verify(indexed.problem, steps)
        if verdict.noncompulsory_bytes != self.cost:
            raise AssertionError(f"unsound schedule: {verdict.violation or verdict.noncompulsory_bytes}")
        return ScheduleResult(
            status=Status.OPTIMAL if self.proved else Status.FEASIBLE,
            noncompulsory_bytes=self.cost,
            compulsory_bytes=indexed.problem.compulsory_bytes,
            lower_bound_bytes=min(self.bound, self.cost),
            steps=steps,
            solve_s=time.monotonic() - started,
            verified=verdict.valid,
            interrupted=interrupted,
        )

    def _start(self) -> PlacedPlan:
        orders = [self.order] if self.order else [None, file_order(self.indexed)]
        starts = [greedy(self.indexed, order) for order in orders]
        return min(starts, key=lambda placed: plan_cost(self.indexed, placed.plan))

    def _left(self) -> float:
        return max(0.0, self.deadline - time.monotonic())

    def _search(self) -> None:
        """Exact without addresses, then packed."""
        until = time.monotonic() + self._left() * _SEARCH_SHARE
        found = search(self.indexed, until, ceiling=self.cost, order=self.order)
        self.bound = max(self.bound, found.lower_bound)
        if found.plan is not None:
            self._adopt_if_packs(found.plan)

    def _adopt_if_packs(self, plan: Plan) -> None:
        status, addresses = pack(self.indexed, plan, time.monotonic() + self._left() * _PACKING_SHARE)
        if status is Status.FEASIBLE:
            self._adopt(PlacedPlan(plan, addresses))

    def _adopt(self, placed: PlacedPlan) -> None:
        if plan_cost(self.indexed, placed.plan) < self.cost:
            self.best = placed

    def _formulate(self, engine: str, addresses: bool) -> None:
        """Ask a solver for anything cheaper than the incumbent."""
        if self.proved or self._left() <= 0:
            return
        reply = ask(self.indexed, engine, addresses, self._left(), self.bound, self.cost)
        self.bound = max(self.bound, min(reply.bound_bytes, self.cost))
        if reply.order and addresses:
            self._adopt(_placed(self.indexed, reply))
        elif reply.order:
            self._adopt_if_packs(_plan(self.indexed, reply))


def _fixed_order(indexed: Indexed, names: tuple[str, ...] | None) -> tuple[int, ...] | None:
    if names is None:
        return None
    number = {operator.id: index for index, operator in enumerate(indexed.problem.operators)}
    return tuple(number[name] for name in names)


def _plan(indexed: Indexed, reply: Reply) -> Plan:
    keeps: dict[int, int] = {}
    for tensor, boundary in reply.keeps:
        keeps[boundary] = keeps.get(boundary, 0) | 1 << tensor
    return plan_from_keeps(indexed, tuple(reply.order), keeps)


def _placed(indexed: Indexed, reply: Reply) -> PlacedPlan:
    plan = _plan(indexed, reply)
    at = {(tensor, step): address for tensor, step, address in reply.addresses}
    return PlacedPlan(plan, tuple(at[episode.tensor, episode.first] for episode in plan.episodes))
