"""Lower bounds from tensors that must survive an operator: the cheapest set whose eviction makes room for it.

While operator ``o`` runs, every tensor produced before and consumed after it in any order is either resident
or away, and being away costs its fetch (and first write-back). What does not fit beside ``o`` must be away: a
minimum knapsack cover.
"""

from __future__ import annotations

from functools import lru_cache

from hwsim.schedule.indexed import Indexed, bits, mask_of

_CACHED_COVERS = 1 << 18


class CoverBound:
    """The bound for one problem; results are remembered by (operator-independent) cover question.

    By operator: ``born_before`` and ``read_after``, masks of the tensors that exist before it and are read
    after it in every order. ``tight`` are the operators beside which not everything may fit.
    """

    def __init__(self, indexed: Indexed) -> None:
        self._indexed = indexed
        operators, tensors = range(indexed.operators), range(indexed.tensors)
        touched = [indexed.inputs[o] | indexed.outputs[o] for o in operators]
        self.born_before = [
            sum(1 << t for t in tensors if _born_before(indexed, t, o)) & ~touched[o] for o in operators
        ]
        self.read_after = [
            sum(1 << t for t in tensors if indexed.consumers[t] & indexed.descendants[o]) & ~touched[o]
            for o in operators
        ]
        self.tight = mask_of(operator for operator in operators if self._can_exceed(operator))
        self._cover = lru_cache(_CACHED_COVERS)(self._cheapest_cover)

    def remaining(self, done: int, resident: int, written: int, live: int) -> int:
        """Bytes that any completion still pays, at least.

        Args:
            done: operators that ran.
            resident: tensors in the scratchpad that are needed again.
            written: activations with a copy in DRAM.
            live: tensors produced or used that are needed again; those not resident are away, already paid.
        """
        indexed = self._indexed
        away = live & ~resident
        best = 0
        for operator in bits(self.tight & ~done):
            crossing = self.read_after[operator] & (self.born_before[operator] | live) & ~away
            excess = indexed.demand[operator] + indexed.units(crossing) - indexed.capacity
            if excess > 0:
                best = max(best, self._cover(excess, crossing, crossing & written))
        return best

    def at_start(self) -> int:
        """The static bound for the whole problem, bytes."""
        return self.remaining(0, 0, 0, 0)

    def _can_exceed(self, operator: int) -> bool:
        """Whether everything that may have to survive the operator does not fit beside it."""
        indexed = self._indexed
        return indexed.demand[operator] + indexed.units(self.read_after[operator]) > indexed.capacity

    def _cheapest_cover(self, excess: int, tensors: int, written: int) -> int:
        """Cheapest subset of ``tensors`` of at least ``excess`` units (dynamic programming over units)."""
        indexed = self._indexed
        never = sum(indexed.fetch_cost) * 2 + 1
        best = [0] + [never] * excess
        for tensor in bits(tensors):
            cost = indexed.eviction_cost(1 << tensor, written)
            size = indexed.size[tensor]
            for units in range(excess, 0, -1):
                best[units] = min(best[units], best[max(0, units - size)] + cost)
        return best[excess]


def _born_before(indexed: Indexed, tensor: int, operator: int) -> bool:
    """Whether the tensor is produced, or first used, before the operator in every order."""
    producer = indexed.producer[tensor]
    if producer >= 0:
        return bool(indexed.ancestors[operator] >> producer & 1)
    return bool(indexed.consumers[tensor] & indexed.ancestors[operator])
