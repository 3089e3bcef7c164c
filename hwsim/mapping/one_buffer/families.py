"""The families of mappings among which the best one is.

The words moved depend on a tile only through three trip counts, and of these only through those that repeat
an operand. So take which trip counts are one (the axis is not cut) and an order: every other axis either
repeats an operand, and is then worth a large tile, or repeats none, and is then cut into single elements,
which takes the least room. At most two axes repeat anything: of them one is enumerated, over the least tile
of each reachable trip count, and the other follows from the room that is left. A family's own count of
passes is never below what its mappings really move (an axis of few elements may turn out not to be cut), and
equal for the family that has the trip counts right: the least over all families is the least over all
mappings.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from hwsim.mapping.one_buffer.model import AXES, ORDERS, REUSED_ALONG, Axis, Operand, Order, Sizes, passes

_CUT = 2
"""Stands for any trip count above one."""


@dataclass(frozen=True, slots=True)
class Family:
    """The axes left ``whole``, and those whose trip count repeats an operand; all others are cut to ones."""

    whole: frozenset[Axis]
    repeating: tuple[Axis, ...]

    def least_tile(self, problem: Sizes) -> dict[Axis, int]:
        """The family's smallest tile: its whole axes whole, one element along every other."""
        return {axis: problem.along(axis) if axis in self.whole else 1 for axis in AXES}


def families() -> Iterator[Family]:
    """Every family once."""
    found: dict[Family, None] = {}
    for cuts, order in product(product((False, True), repeat=3), ORDERS):
        found[_family(frozenset(axis for axis, cut in zip(AXES, cuts, strict=True) if not cut), order)] = None
    yield from found


def _family(whole: frozenset[Axis], order: Order) -> Family:
    trips = Sizes(*(1 if axis in whole else _CUT for axis in AXES))
    times = passes(trips, order)
    return Family(whole, tuple(axis for operand, axis in REUSED_ALONG.items() if times[operand] > 1))


def cost_of_a_trip(problem: Sizes, axis: Axis) -> int:
    """Words that one more trip along ``axis`` moves, where it repeats its operand: partial sums both ways."""
    operand: Operand = next(each for each, reused in REUSED_ALONG.items() if reused == axis)
    return problem.words(operand) * (2 if operand == "C" else 1)
