"""The visitors of every tensor's fibers along one set of ranks, and the chains among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from hwsim.einsum.barrier import BarrierOrder, chain_levels, positions
from hwsim.einsum.cascade import Cascade
from hwsim.einsum.dependence import Edge, edges
from hwsim.einsum.visits import Inheritance, Visit, inheritances, visits


@dataclass(frozen=True)
class Relations:
    """What the passes of a cascade follow from; visits and inheritances are found by any rank they have."""

    cascade: Cascade
    arriving: Sequence[Sequence[Edge]]
    visits: Mapping[str, Sequence[Visit]]
    inheritances: Mapping[str, Sequence[Inheritance]]


def relations(cascade: Cascade) -> Relations:
    """The relations of ``cascade``."""
    arriving: list[list[Edge]] = [[] for _ in cascade.einsums]
    for edge in edges(cascade):
        arriving[edge.target].append(edge)
    by_rank: dict[str, list[Visit]] = {}
    for visit in visits(cascade):
        for rank in visit.ranks:
            by_rank.setdefault(rank, []).append(visit)
    heirs: dict[str, list[Inheritance]] = {}
    for inheritance in inheritances(cascade):
        for rank in inheritance.ranks:
            heirs.setdefault(rank, []).append(inheritance)
    return Relations(cascade, arriving, by_rank, heirs)


@dataclass(frozen=True)
class Fibers:
    """Everything about the fibers along ``ranks``: one leaf, or leaves of one family that some tensor carries.

    Sets of Einsums are integers, bit ``n`` for position ``n``.
    """

    relations: Relations
    ranks: frozenset[str]

    @cached_property
    def visitors(self) -> dict[str, int]:
        """The visitors of each tensor that has any."""
        found: dict[str, int] = {}
        for visit in self.relations.visits.get(self._any_rank, ()):
            if self.ranks <= visit.ranks:
                found[visit.tensor] = found.get(visit.tensor, 0) | 1 << visit.position
        return found

    @cached_property
    def order(self) -> BarrierOrder:
        """The barrier order among all visitors."""
        everyone = self._everyone
        first = (everyone & -everyone).bit_length() - 1
        return BarrierOrder(self.relations.arriving, self.ranks, first, everyone.bit_length() - 1)

    @cached_property
    def asap_levels(self) -> dict[int, int]:
        """The earliest level of every visitor."""
        return chain_levels(self.order, self._everyone)

    def direct(self, tensor: str) -> int:
        """The longest chain among the visitors of ``tensor``; 0 if it has none."""
        return self.longest_chain(self.visitors.get(tensor, 0))

    def lineage(self, tensor: str) -> int:
        """The longest chain among the visitors of ``tensor`` and of what is derived from it."""
        return self.longest_chain(self.lineage_visitors(tensor))

    def asap(self, tensor: str) -> int:
        """On how many levels ``tensor`` is visited."""
        return len({self.asap_levels[position] for position in positions(self.visitors.get(tensor, 0))})

    def lineage_visitors(self, tensor: str) -> int:
        """The visitors of ``tensor`` and of every tensor derived from it along these ranks."""
        found, pending = {tensor}, [tensor]
        while pending:
            fresh = [heir for heir in self._heirs.get(pending.pop(), ()) if heir not in found]
            found.update(fresh)
            pending.extend(fresh)
        members = 0
        for each in found:
            members |= self.visitors.get(each, 0)
        return members

    def longest_chain(self, members: int) -> int:
        """The length of the longest chain in a set of visitors."""
        return max(chain_levels(self.order, members).values()) if members else 0

    @cached_property
    def _any_rank(self) -> str:
        return min(self.ranks)

    @cached_property
    def _everyone(self) -> int:
        members = 0
        for each in self.visitors.values():
            members |= each
        return members

    @cached_property
    def _heirs(self) -> dict[str, dict[str, None]]:
        """What is derived in one step from each tensor, with the ranks kept and the same leaves of the family."""
        found: dict[str, dict[str, None]] = {}
        for each in self.relations.inheritances.get(self._any_rank, ()):
            if self.ranks <= each.ranks and self._leaves(each.tensor) == self._leaves(each.heir):
                found.setdefault(each.tensor, {})[each.heir] = None
        return found

    def _leaves(self, tensor: str) -> frozenset[str]:
        cascade = self.relations.cascade
        family = cascade.families.get(self._any_rank, self._any_rank)
        return cascade.leaves_of(tensor, family)
