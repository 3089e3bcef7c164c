"""The visitors of every tensor's fibers along one set of ranks, and the chains among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import or_

from hwsim.einsum.barrier import BarrierOrder, chain_levels, positions
from hwsim.einsum.cascade import Cascade
from hwsim.einsum.components import components
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
    """The fibers along ``ranks``: one leaf, or the leaves of a family that some tensor carries.

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
        first, last = (everyone & -everyone).bit_length() - 1, everyone.bit_length() - 1
        return BarrierOrder(self.relations.arriving, self.ranks, max(first, 0), last)

    @cached_property
    def asap_levels(self) -> dict[int, int]:
        """The earliest level of every visitor."""
        return chain_levels(self.order, self._everyone)

    def direct(self, tensor: str) -> int:
        """The longest chain among the visitors of ``tensor``; 0 if it has none."""
        return self.longest_chain(self.visitors.get(tensor, 0))

    def lineage(self, tensor: str) -> int:
        """The longest chain among the visitors of ``tensor`` and of what is derived from it."""
        if self.order.is_flat:
            return self.direct(tensor)
        return self.longest_chain(self.lineage_visitors.get(tensor, 0))

    def asap(self, tensor: str) -> int:
        """On how many levels ``tensor`` is visited."""
        return len({self.asap_levels[position] for position in positions(self.visitors.get(tensor, 0))})

    def longest_chain(self, members: int) -> int:
        """The length of the longest chain in a set of visitors."""
        return max(chain_levels(self.order, members).values()) if members else 0

    @cached_property
    def lineage_visitors(self) -> dict[str, int]:
        """The visitors of each tensor and of every tensor derived from it along these ranks."""
        names = list(self.visitors)
        number = {name: at for at, name in enumerate(names)}
        heirs = {number[name]: [number[heir] for heir in self._heirs.get(name, ())] for name in names}
        found: dict[int, int] = {}
        for members in components(heirs):
            own = (self.visitors[names[member]] for member in members)
            inherited = (found.get(heir, 0) for member in members for heir in heirs[member])
            everyone = reduce(or_, (*own, *inherited))
            found.update(dict.fromkeys(members, everyone))
        return {names[at]: everyone for at, everyone in found.items()}

    @cached_property
    def _any_rank(self) -> str:
        return min(self.ranks)

    @cached_property
    def _everyone(self) -> int:
        return reduce(or_, self.visitors.values(), 0)

    @cached_property
    def _heirs(self) -> dict[str, dict[str, None]]:
        """What is derived from each tensor in one step, with the ranks and the leaves of the family kept."""
        found: dict[str, dict[str, None]] = {}
        for each in self.relations.inheritances.get(self._any_rank, ()):
            if self.ranks <= each.ranks and self._leaves(each.tensor) == self._leaves(each.heir):
                found.setdefault(each.tensor, {})[each.heir] = None
        return found

    def _leaves(self, tensor: str) -> frozenset[str]:
        cascade = self.relations.cascade
        family = cascade.families.get(self._any_rank, self._any_rank)
        return cascade.leaves_of(tensor, family)
