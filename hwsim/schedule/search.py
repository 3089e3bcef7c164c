"""Exact search over what has run (downsets of the graph) and what is resident: A* with the cover bound.

Addresses are left out: only the total size resident at a step is limited. The answer is an optimal plan for
that relaxation, or the best bound reached when time or memory ends.
"""

from __future__ import annotations

import heapq
import time
from dataclasses import dataclass
from itertools import count

from hwsim.schedule.cover import CoverBound
from hwsim.schedule.indexed import Indexed
from hwsim.schedule.moves import START, MoveGenerator, State
from hwsim.schedule.plan import Plan, plan_from_keeps

_POPS_PER_CLOCK = 256
# A state is three masks of operators and tensors: about two gigabytes for all of them.
_MOST_STATE_BITS = 400_000_000


@dataclass(frozen=True, slots=True)
class SearchResult:
    """``plan``: the cheapest found below the ceiling, or None. ``lower_bound``: bytes no plan goes below.

    ``proved``: the plan is optimal, or no plan below the ceiling exists.
    """

    plan: Plan | None
    lower_bound: int
    proved: bool
    states: int


class _Trail:
    """Cheapest known way to every state reached."""

    def __init__(self) -> None:
        self.cost: dict[State, int] = {START: 0}
        self.parent: dict[State, tuple[State, int, int]] = {}

    def improve(self, state: State, cost: int, parent: State, operator: int, evicted: int) -> bool:
        """Remember a cheaper way; False where the known one is as cheap."""
        known = self.cost.get(state)
        if known is not None and known <= cost:
            return False
        self.cost[state] = cost
        self.parent[state] = (parent, operator, evicted)
        return True

    def plan(self, indexed: Indexed, state: State) -> Plan:
        """The plan whose last state is ``state``."""
        moves: list[tuple[State, int, int]] = []
        while state in self.parent:
            moves.append(self.parent[state])
            state = moves[-1][0]
        moves.reverse()
        keeps = {step: before.resident & ~evicted for step, (before, _, evicted) in enumerate(moves)}
        return plan_from_keeps(indexed, tuple(operator for _, operator, _ in moves), keeps)


def search(
    indexed: Indexed,
    deadline: float,
    ceiling: int | None = None,
    most_states: int | None = None,
) -> SearchResult:
    """The cheapest plan without addresses.

    Args:
        indexed: the problem.
        deadline: ``time.monotonic()`` at which to stop.
        ceiling: look only for plans cheaper than this.
        most_states: how many to remember at most; what memory allows unless given.
    """
    generator = MoveGenerator(indexed)
    bound = CoverBound(indexed)
    trail = _Trail()
    tie, pops = count(), count(1)
    most = most_states or _MOST_STATE_BITS // (indexed.operators + 2 * indexed.tensors)
    reached = bound.at_start()
    heap = [(reached, 0, next(tie), 0, START)]
    while heap:
        promise, _, _, cost, state = heapq.heappop(heap)
        if cost > trail.cost[state]:
            continue
        if ceiling is not None and promise >= ceiling:
            return SearchResult(None, ceiling, True, len(trail.cost))
        reached = max(reached, promise)
        if state.done == indexed.everything:
            return SearchResult(trail.plan(indexed, state), reached, True, len(trail.cost))
        if next(pops) % _POPS_PER_CLOCK == 0 and _out_of_means(deadline, trail, most):
            return SearchResult(None, reached, False, len(trail.cost))
        for move in generator.moves(state):
            total = cost + move.cost
            if not trail.improve(move.state, total, state, move.operator, move.evicted):
                continue
            done, resident, written = move.state
            rest = bound.remaining(done, resident, written, generator.live(done))
            reach = max(promise, total + rest)
            if ceiling is None or reach < ceiling:
                heapq.heappush(heap, (reach, -done.bit_count(), next(tie), total, move.state))
    return SearchResult(None, reached if ceiling is None else ceiling, True, len(trail.cost))


def _out_of_means(deadline: float, trail: _Trail, most_states: int) -> bool:
    return time.monotonic() > deadline or len(trail.cost) > most_states
