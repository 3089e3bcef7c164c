"""One attempt at a problem: an incumbent and a bound, improved in stages until they meet or time ends."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from hwsim.schedule.adapter import ask, is_installed
from hwsim.schedule.allocation import Status
from hwsim.schedule.cover import CoverBound
from hwsim.schedule.exact import easy_search, thorough_search
from hwsim.schedule.greedy import PlacedPlan, file_order, greedy, realised
from hwsim.schedule.improve import improve
from hwsim.schedule.indexed import Indexed
from hwsim.schedule.packing import pack
from hwsim.schedule.plan import Plan, plan_cost, plan_from_keeps
from hwsim.schedule.reply import Reply
from hwsim.schedule.search import SearchResult
from hwsim.schedule.whole_bound import whole_bound

# Shares of the time left. Packing one plan is only a means, and a glance at it enough where a solver can be
# asked for addresses, in graphs of no more operators than a cell has.
_PACKING_SHARE = 0.2
_SEARCH_SHARE = 0.8
_GLANCE_SHARE = 0.05
_IMPROVE_SHARE = 0.5
_BOUND_SHARE = 0.8
_CELL = 64
# Scratchpads to try where a plan of the whole one finds no addresses, as shares of it.
_SLACK = (1.0, 0.98, 0.95, 0.9)


_Search = Callable[[Indexed, float, int, Plan], Iterator[SearchResult]]


class Attempt:
    """``order_is_free``: whether a solver that knows nothing of ``indexed``'s own order may be asked.

    ``loading_s`` are the seconds that went into compiling and loading code: they do not count as time used.
    """

    def __init__(self, indexed: Indexed, deadline: float, order_is_free: bool = True) -> None:
        self.indexed = indexed
        self.deadline = deadline
        self.order_is_free = order_is_free
        self.bound = 0
        self.loading_s = 0.0
        self._starts = [greedy(indexed), greedy(indexed, file_order(indexed))]
        self.best = min(self._starts, key=lambda placed: plan_cost(indexed, placed.plan))

    @property
    def cost(self) -> int:
        """What the incumbent costs."""
        return plan_cost(self.indexed, self.best.plan)

    @property
    def proved(self) -> bool:
        """Whether incumbent and bound meet."""
        return self.bound >= self.cost

    def search_and_divide(self) -> None:
        """The exact search without addresses; where it ends, addresses alone are left; else divide."""
        small = self.indexed.operators <= _CELL
        self.bound = CoverBound(self.indexed).at_start()
        ended = self._search(easy_search, _GLANCE_SHARE)
        if not ended and not self.proved:
            self._load()
            ended = self._search(thorough_search, _SEARCH_SHARE)
        solvable = small and self.order_is_free and is_installed("cpsat")
        if ended and solvable:
            self.formulate("cpsat", addresses=True)
        if not self.proved:
            self._improve(_IMPROVE_SHARE)
        if not self.proved and not ended and not small:
            self._bound_whole()
        if solvable:
            self.formulate("cpsat", addresses=True)

    def formulate(self, engine: str, addresses: bool) -> None:
        """Ask a solver for anything cheaper than the incumbent."""
        if self.proved or self._left() <= 0:
            return
        reply = ask(self.indexed, engine, addresses, self._left(), self.bound, self.cost)
        self.bound = max(self.bound, min(reply.bound_bytes, self.cost))
        if reply.order and addresses:
            self._adopt(_placed(self.indexed, reply))
        elif reply.order:
            self._adopt_if_packs(_plan(self.indexed, reply))

    def _load(self) -> None:
        """Get ready what the thorough search runs on."""
        from hwsim.schedule.lattice.ready import seconds_to_be_ready
        from hwsim.schedule.restarts import seconds_to_load

        seconds = seconds_to_be_ready() + seconds_to_load()
        self.loading_s += seconds
        self.deadline += seconds

    def _left(self) -> float:
        return max(0.0, self.deadline - time.monotonic())

    def _until(self, share: float) -> float:
        return time.monotonic() + self._left() * share

    def _search(self, search: _Search, share: float) -> bool:
        """Exact without addresses, each plan packed as it comes; whether the search came to its end."""
        ended, last = False, None
        for found in search(self.indexed, self._until(share), self.cost, self.best.plan):
            self.bound, ended = max(self.bound, found.lower_bound), found.proved
            if found.plan is not None and found.plan != last:
                last = found.plan
                self._adopt_if_packs(last)
        return ended

    def _improve(self, share_of_time: float) -> None:
        """Re-optimise windows from every start, in smaller scratchpads where addresses are the trouble."""
        until = self._until(share_of_time)
        for start in [self.best, *(start for start in self._starts if start is not self.best)]:
            for share in _SLACK:
                plan = improve(self.indexed, start.plan, until, share).plan
                if plan_cost(self.indexed, plan) >= self.cost or self._adopt_if_packs(plan):
                    break
            if self.proved or time.monotonic() > until:
                return

    def _bound_whole(self) -> None:
        self.bound = max(self.bound, whole_bound(self.indexed, self.best.plan, self._until(_BOUND_SHARE)))

    def _adopt_if_packs(self, plan: Plan) -> bool:
        """Adopt a plan with addresses, at least as its realisation allows; whether it packs as it is."""
        share = _GLANCE_SHARE if self.indexed.operators <= _CELL else _PACKING_SHARE
        status, addresses = pack(self.indexed, plan, self._until(share))
        packs = status is Status.FEASIBLE
        self._adopt(PlacedPlan(plan, addresses) if packs else realised(self.indexed, plan))
        return packs

    def _adopt(self, placed: PlacedPlan) -> None:
        if plan_cost(self.indexed, placed.plan) < self.cost:
            self.best = placed


def _plan(indexed: Indexed, reply: Reply) -> Plan:
    keeps: dict[int, int] = {}
    for tensor, boundary in reply.keeps:
        keeps[boundary] = keeps.get(boundary, 0) | 1 << tensor
    return plan_from_keeps(indexed, tuple(reply.order), keeps)


def _placed(indexed: Indexed, reply: Reply) -> PlacedPlan:
    plan = _plan(indexed, reply)
    at = {(tensor, step): address for tensor, step, address in reply.addresses}
    return PlacedPlan(plan, tuple(at[episode.tensor, episode.first] for episode in plan.episodes))
