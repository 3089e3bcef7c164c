"""How often a cascade must walk its data, from its text alone: no shapes, no mapping, no loop order.

Definitions (after FuseMax, Nayak et al., arXiv 2406.10491, generalised to any cascade):

* An Einsum *visits* a tensor over a set of ranks if it produces the tensor or reads it at an index, window or
  data-dependent coordinate in each of them. Initialisations and reads at fixed or last coordinates do not.
* ``direct``: the longest chain, in the barrier order, of the tensor's visitors. It is the least number of
  times the elements of a fiber are traversed in any legal schedule, production included.
* ``lineage``: the same over the visitors of the tensor and of every tensor derived from it that keeps its
  coordinates in these ranks and the same leaves of the family. This is the "n-pass" of the literature.
* ``asap``: how many distinct levels the tensor's visitors have when every visitor, of any tensor that carries
  the ranks, runs on the earliest level the barriers allow.
* ``footprint``: ``O(1)`` if there is one such level, else ``O(rank)``: what of a fiber must stay live (or be
  fetched or computed again) when this rank is outermost and the others are held constant.

The definitions are about ranks: a value of an earlier iteration is state, not a dependence, and a path whose
barriers cover a rank counts even where some Einsum on it read a single fixed coordinate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from hwsim.einsum.cascade import Cascade
from hwsim.einsum.fibers import Fibers, relations

Footprint = Literal["O(1)", "O(rank)"]


@dataclass(frozen=True, slots=True)
class RankPasses:
    """What one tensor does along one rank or family."""

    direct: int
    lineage: int
    asap: int

    @property
    def footprint(self) -> Footprint:
        """How much of a fiber stays live."""
        return "O(1)" if self.asap <= 1 else "O(rank)"

    def as_json(self) -> dict[str, int | str]:
        """The four values by name."""
        return {
            "direct": self.direct,
            "lineage": self.lineage,
            "asap": self.asap,
            "footprint": self.footprint,
        }


@dataclass(frozen=True)
class Analysis:
    """The passes of a cascade: for each tensor, each rank it carries and each family it carries leaves of."""

    cascade: Cascade
    tensors: Mapping[str, Mapping[str, RankPasses]]

    @cached_property
    def passes(self) -> dict[str, int]:
        """For each rank and family, the largest ``lineage`` over all tensors that carry it."""
        found = dict.fromkeys(self.cascade.ranks_and_families, 0)
        for by_rank in self.tensors.values():
            for rank, passes in by_rank.items():
                found[rank] = max(found[rank], passes.lineage)
        return found


def analyse(cascade: Cascade) -> Analysis:
    """The passes of ``cascade``; time grows with its Einsums and edges, not with the size of any rank."""
    related = relations(cascade)
    fibers: dict[frozenset[str], Fibers] = {}
    tensors: dict[str, dict[str, RankPasses]] = {}
    for tensor in cascade.tensor_ranks:
        for rank in cascade.ranks_and_families_of(tensor):
            leaves = cascade.leaves_of(tensor, rank)
            along = fibers.setdefault(leaves, Fibers(related, leaves))
            passes = RankPasses(along.direct(tensor), along.lineage(tensor), along.asap(tensor))
            tensors.setdefault(tensor, {})[rank] = passes
    return Analysis(cascade, tensors)
