"""As :func:`hwsim.schedule.search.search`, on the lattice of downsets.

Where all downsets can be listed and are few enough, bounds come from prices and tolls
(:mod:`hwsim.schedule.lattice.tolls`); then wider and wider beams until one leaves nothing out. Otherwise only
the downsets that a beam reaches are listed.
"""

from __future__ import annotations

import time

from hwsim.schedule.indexed import Indexed
from hwsim.schedule.lattice.beam import Beam
from hwsim.schedule.lattice.chains import Contracted, contracted
from hwsim.schedule.lattice.downsets import Downsets
from hwsim.schedule.lattice.facts import facts_of
from hwsim.schedule.lattice.pricing import grain_of, no_outlook, outlook_of, prices_along, settle
from hwsim.schedule.lattice.tolls import Bounds, bounds_of
from hwsim.schedule.plan import Plan, plan_from_keeps
from hwsim.schedule.search import SearchResult

# Downsets listed at most, with all of them and with those reached; payments of tensors in them at most.
_MOST_NODES, _MOST_REACHED = 1_200_000, 4_000_000
_MOST_PAYMENTS = 4_000_000
_WIDTHS = (1_000, 10_000, 40_000, 200_000, 800_000)
# Beams up to this width need less time than good prices do.
_BLIND_WIDTH = 10_000
_SETTLE_SHARE = 0.25


def lattice_search(
    indexed: Indexed, deadline: float, ceiling: int, plan: Plan | None = None, widest: int = _WIDTHS[-1]
) -> SearchResult:
    """The cheapest plan below ``ceiling``, or the best bound.

    Args:
        indexed: the problem.
        deadline: ``time.monotonic()`` at which to stop.
        ceiling: look only for plans cheaper than this.
        plan: a good one, whose order tells where room is dear.
        widest: states a layer at most.
    """
    search = _Search(contracted(indexed), deadline)
    return search.run(ceiling, None if plan is None else search.short.order_of(plan), widest)


class _Search:
    """One contracted problem: its downsets where all of them could be listed, and what is known of them."""

    def __init__(self, short: Contracted, deadline: float) -> None:
        self.short = short
        self.deadline = deadline
        self.facts = facts_of(short.indexed)
        self.grain = grain_of(short.indexed)
        self.downsets = Downsets(self.facts, _MOST_NODES)
        self.whole = self.downsets.grow_whole()
        self.bounds: Bounds | None = None

    def run(self, ceiling: int, order: tuple[int, ...] | None, widest: int) -> SearchResult:
        """Wider and wider beams, each with what the ones before it found."""
        best, bound, states = None, 0, 0
        beam = self._blind()
        for width in (width for width in _WIDTHS if width <= widest):
            found = beam.search(ceiling, width, self.deadline)
            bound, states = max(bound, found.bound), states + width
            if found.moves is not None:
                best, ceiling = found.moves, found.cost
                order = tuple(operator for operator, _ in best)
            if found.complete or bound >= ceiling:
                return SearchResult(self._plan(best), ceiling, True, states)
            if time.monotonic() > self.deadline:
                break
            beam = self._beam(ceiling, order) if width >= _BLIND_WIDTH else self._blind()
        return SearchResult(self._plan(best), min(bound, ceiling), False, states)

    def _beam(self, ceiling: int, order: tuple[int, ...] | None) -> Beam:
        """A beam with what prices along ``order`` and tolls say, where there are few enough downsets."""
        many = self.downsets.nodes * len(self.facts.size) > _MOST_PAYMENTS
        if not self.whole or many or order is None:
            return self._blind()
        until = time.monotonic() + _SETTLE_SHARE * (self.deadline - time.monotonic())
        if self.bounds is None:
            self.bounds = bounds_of(self.downsets, prices_along(self.short.indexed, order, ceiling, until))
        settle(self.downsets, self.bounds, ceiling, until)
        return Beam(self.downsets, outlook_of(self.downsets, self.bounds, self.grain), True)

    def _blind(self) -> Beam:
        """A beam that knows only what was paid."""
        downsets = self.downsets if self.whole else Downsets(self.facts, _MOST_REACHED)
        return Beam(downsets, no_outlook(downsets, self.grain), self.whole)

    def _plan(self, moves: list[tuple[int, int]] | None) -> Plan | None:
        if moves is None:
            return None
        order = tuple(operator for operator, _ in moves)
        keeps = {step: carried for step, (_, carried) in enumerate(moves)}
        return self.short.expanded(plan_from_keeps(self.short.indexed, order, keeps))
