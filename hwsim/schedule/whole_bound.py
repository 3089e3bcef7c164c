"""A lower bound for a whole graph: the optima of parts of it, added up.

The parts are stretches of a good plan, cut as far as possible from the steps at which it pays, each with all
operators that touch its tensors (:mod:`hwsim.schedule.part`). A tensor's cost counts where the plan pays it.
Neighbours whose bounds stay below what the plan pays there are joined, small ones first: joined parts are
never worth less than the two were.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from hwsim.schedule.exact import exact_search
from hwsim.schedule.greedy import greedy
from hwsim.schedule.indexed import Indexed
from hwsim.schedule.part import SHARES, part_of
from hwsim.schedule.plan import Plan, carried_masks, returns
from hwsim.schedule.windows import users

# Operators of a first part, about: what the exact search ends at once, and wide enough for one cell.
_LENGTH = 40
_PART_S = 10.0


def whole_bound(indexed: Indexed, plan: Plan, deadline: float) -> int:
    """Bytes that no plan of the whole goes below; at most what ``plan`` pays."""
    parts = _Parts(indexed, plan)
    values = [_Valued((number,), parts.value((number,), deadline)) for number in range(len(parts.ranges))]
    refused: set[tuple[int, ...]] = set()
    while time.monotonic() < deadline:
        place = _next_pair(parts, values, refused)
        if place is None:
            break
        pair = values[place : place + 2]
        joined = (*pair[0].numbers, *pair[1].numbers)
        value, apart = parts.value(joined, deadline), pair[0].shares + pair[1].shares
        if value < apart:
            refused.add(joined)
        else:
            values[place : place + 2] = [_Valued(joined, value)]
    return -(-sum(value.shares for value in values) // SHARES)


@dataclass(frozen=True, slots=True)
class _Valued:
    """Parts by number, joined, and their bound in bytes / SHARES."""

    numbers: tuple[int, ...]
    shares: int


def _next_pair(parts: _Parts, values: list[_Valued], refused: set[tuple[int, ...]]) -> int | None:
    """Which neighbours to join: of those with something left to prove the ones with the fewest steps."""
    open_ = [parts.paid(value.numbers) * SHARES > value.shares for value in values]
    pairs = [
        (parts.steps((*one.numbers, *other.numbers)), place)
        for place, (one, other) in enumerate(pairwise(values))
        if (open_[place] or open_[place + 1]) and (*one.numbers, *other.numbers) not in refused
    ]
    return min(pairs)[1] if pairs else None


class _Parts:
    """Stretches of a plan's order, and the cost shares of every tensor in each."""

    def __init__(self, indexed: Indexed, plan: Plan) -> None:
        self.indexed = indexed
        self.plan = plan
        self.ranges = _cut(indexed, plan)
        self._place = [n for n, (first, stop) in enumerate(self.ranges) for _ in range(first, stop)]

    def value(self, numbers: tuple[int, ...], deadline: float) -> int:
        """A lower bound for some neighbouring stretches as one part, in bytes / SHARES."""
        shares: dict[int, int] = {}
        for number in numbers:
            for tensor, share in self.shares[number].items():
                shares[tensor] = shares.get(tensor, 0) + share
        operators = 0
        for number in numbers:
            for step in range(*self.ranges[number]):
                operators |= 1 << self.plan.order[step]
        for tensor in shares:
            for operator in users(self.indexed, tensor):
                operators |= 1 << operator
        part = part_of(self.indexed, operators, shares)
        until = min(deadline, time.monotonic() + _PART_S)
        paid = self.paid(numbers) * SHARES
        return exact_search(part, until, paid, greedy(part).plan).lower_bound if part.tensors and paid else 0

    def paid(self, numbers: tuple[int, ...]) -> int:
        """Bytes that the plan pays in these stretches."""
        return sum(self._paid[number] for number in numbers)

    def steps(self, numbers: tuple[int, ...]) -> int:
        """Steps of these stretches together."""
        return sum(stop - first for first, stop in (self.ranges[number] for number in numbers))

    @cached_property
    def _paid(self) -> list[int]:
        paid, indexed = [0] * len(self.ranges), self.indexed
        for tensor, steps in returns(self.plan).items():
            paid[self._place[steps[0]]] += indexed.writeback_cost[tensor]
            for step in steps:
                paid[self._place[step]] += indexed.fetch_cost[tensor]
        return paid

    @cached_property
    def shares(self) -> list[Mapping[int, int]]:
        """By stretch, the shares of each tensor: where the plan pays for it, else evenly where it lives."""
        steps = {operator: step for step, operator in enumerate(self.plan.order)}
        back = returns(self.plan)
        shares: list[dict[int, int]] = [{} for _ in self.ranges]
        for tensor in range(self.indexed.tensors):
            touched = [steps[operator] for operator in users(self.indexed, tensor)]
            if len(touched) > 1:
                lived = range(self._place[min(touched)], self._place[max(touched)] + 1)
                places = [self._place[step] for step in back.get(tensor, ())] or lived
                for place in places:
                    shares[place][tensor] = shares[place].get(tensor, 0) + SHARES // len(places)
        return list(shares)


def _cut(indexed: Indexed, plan: Plan) -> list[tuple[int, int]]:
    """Stretches of about _LENGTH steps, cut far from where the plan pays; of equals, where little lives."""
    steps = len(plan.order)
    paying = [step for back in returns(plan).values() for step in back]
    alive = [indexed.units(mask) for mask in carried_masks(plan)]
    distance = [min((abs(step - other) for other in paying), default=0) for step in range(steps)]
    cuts = [0]
    while steps - cuts[-1] > _LENGTH * 3 // 2:
        choices = range(cuts[-1] + _LENGTH // 2, min(cuts[-1] + _LENGTH * 3 // 2, steps))
        cuts.append(max(choices, key=lambda step: (distance[step], -alive[step])))
    return list(zip(cuts, [*cuts[1:], steps], strict=True))
