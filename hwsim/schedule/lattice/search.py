"""As :func:`hwsim.schedule.search.search`, on the lattice of downsets.

Where all downsets can be listed and are few enough, bounds come from prices and tolls
(:mod:`hwsim.schedule.lattice.tolls`); then wider and wider beams until one leaves nothing out. Otherwise only
the downsets that a beam reaches are listed.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import cached_property

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
_WIDTHS = (1_000, 4_000, 16_000, 64_000, 256_000, 1_024_000)
_SETTLE_SHARE = 0.1


def lattice_search(
    indexed: Indexed,
    deadline: float,
    ceiling: int,
    plan: Plan | None = None,
    widths: tuple[int, ...] = _WIDTHS,
) -> SearchResult:
    """The cheapest plan below ``ceiling``, or the best bound.

    Args:
        indexed: the problem.
        deadline: ``time.monotonic()`` at which to stop.
        ceiling: look only for plans cheaper than this.
        plan: a good one, whose order tells where room is dear.
        widths: states a layer at most, of one beam after the other.
    """
    *_, last = lattice_searches(indexed, deadline, ceiling, plan, widths)
    return last


def lattice_searches(
    indexed: Indexed,
    deadline: float,
    ceiling: int,
    plan: Plan | None = None,
    widths: tuple[int, ...] = _WIDTHS,
) -> Iterator[SearchResult]:
    """As :func:`lattice_search`, with what is known after each beam."""
    search = _Search(contracted(indexed), deadline)
    yield from search.run(ceiling, None if plan is None else search.short.order_of(plan), widths)


class _Search:
    """One contracted problem, and what is known of it so far."""

    def __init__(self, short: Contracted, deadline: float) -> None:
        self.short = short
        self.deadline = deadline
        self.facts = facts_of(short.indexed)
        self.grain = grain_of(short.indexed)
        self.bounds: Bounds | None = None

    def run(
        self, ceiling: int, order: tuple[int, ...] | None, widths: tuple[int, ...]
    ) -> Iterator[SearchResult]:
        """Wider and wider beams, each with what the ones before it found."""
        best, bound, states = None, 0, 0
        beam = self._reaching()
        for width in widths:
            found = beam.search(ceiling, width, self.deadline)
            bound, states = max(bound, found.bound), states + width
            if found.moves is not None:
                best, ceiling = found.moves, found.cost
                order = tuple(operator for operator, _ in best)
                self.bounds = None
            proved = found.complete or bound >= ceiling
            yield SearchResult(self._plan(best), ceiling if proved else bound, proved, states)
            if proved or time.monotonic() > self.deadline:
                return
            beam = self._beam(ceiling, order)

    @cached_property
    def downsets(self) -> Downsets | None:
        """All of them; None where they are too many."""
        downsets = Downsets(self.facts, _MOST_NODES)
        return downsets if downsets.grow_whole() else None

    def _beam(self, ceiling: int, order: tuple[int, ...] | None) -> Beam:
        """A beam with what prices along ``order`` and tolls say, where there are few enough downsets."""
        downsets = self.downsets
        if downsets is None:
            return self._reaching()
        if downsets.nodes * len(self.facts.size) > _MOST_PAYMENTS or order is None:
            return Beam(downsets, no_outlook(downsets, self.grain), True)
        until = time.monotonic() + _SETTLE_SHARE * (self.deadline - time.monotonic())
        if self.bounds is None:
            self.bounds = bounds_of(downsets, prices_along(self.short.indexed, order, ceiling, until))
        settle(downsets, self.bounds, ceiling, until)
        return Beam(downsets, outlook_of(downsets, self.bounds, self.grain), True)

    def _reaching(self) -> Beam:
        """A beam that lists downsets as it reaches them and knows only what was paid."""
        downsets = Downsets(self.facts, _MOST_REACHED)
        return Beam(downsets, no_outlook(downsets, self.grain), False)

    def _plan(self, moves: list[tuple[int, int]] | None) -> Plan | None:
        if moves is None:
            return None
        order = tuple(operator for operator, _ in moves)
        keeps = {step: carried for step, (_, carried) in enumerate(moves)}
        return self.short.expanded(plan_from_keeps(self.short.indexed, order, keeps))
