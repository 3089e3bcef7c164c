"""Why a rank needs as many passes as it does: the chain of visits, and what each waits for."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from hwsim.einsum.barrier import chain_levels, positions
from hwsim.einsum.cascade import Cascade
from hwsim.einsum.dependence import Edge
from hwsim.einsum.fibers import Fibers, relations
from hwsim.einsum.passes import Analysis


@dataclass(frozen=True, slots=True)
class BarrierChain:
    """The ``lineage`` of ``tensor`` over ``rank`` shown: one visiting Einsum a pass, by position.

    ``waits[n]`` is a path of edges from ``visitors[n]`` to ``visitors[n + 1]`` whose barriers cover the rank.
    """

    tensor: str
    rank: str
    visitors: tuple[int, ...]
    waits: tuple[tuple[Edge, ...], ...]


def barrier_chain(cascade: Cascade, tensor: str, rank: str) -> BarrierChain:
    """A longest chain of visits to ``tensor`` and to what is derived from it along ``rank``."""
    fibers = Fibers(relations(cascade), cascade.leaves_of(tensor, rank))
    visitors = _longest(fibers, fibers.lineage_visitors.get(tensor, 0))
    waits = tuple(_path(fibers, first, second) for first, second in pairwise(visitors))
    return BarrierChain(tensor, rank, visitors, waits)


def evidence(analysis: Analysis) -> dict[str, BarrierChain]:
    """For each rank and family of more than one pass, the chain of the first tensor that needs that many."""
    found = {}
    for rank, passes in analysis.passes.items():
        if passes > 1:
            tensor = next(
                tensor
                for tensor, by_rank in analysis.tensors.items()
                if rank in by_rank and by_rank[rank].lineage == passes
            )
            found[rank] = barrier_chain(analysis.cascade, tensor, rank)
    return found


def chain_data(cascade: Cascade, chain: BarrierChain) -> dict[str, object]:
    """The chain for a JSON file: Einsums as text."""
    return {
        "tensor": chain.tensor,
        "passes": [str(cascade.einsums[position]) for position in chain.visitors],
        "waits": [
            [
                {
                    "tensor": edge.tensor,
                    "from": str(cascade.einsums[edge.source]),
                    "ranks": sorted(edge.barrier),
                }
                for edge in path
            ]
            for path in chain.waits
        ],
    }


def _longest(fibers: Fibers, members: int) -> tuple[int, ...]:
    """The visitors of a longest chain, each the first on its level that stands before the next."""
    levels = chain_levels(fibers.order, members)
    chain: list[int] = []
    allowed = members
    for level in range(max(levels.values(), default=0), 0, -1):
        position = next(position for position in positions(allowed) if levels[position] == level)
        chain.insert(0, position)
        allowed = members & fibers.order.before(position)
    return tuple(chain)


def _path(fibers: Fibers, first: int, last: int) -> tuple[Edge, ...]:
    """A shortest path from ``first`` to ``last`` whose barriers cover the ranks, found from the end."""
    full = (1 << len(fibers.ranks)) - 1
    seen = {(last, 0)}
    level: list[tuple[int, int, tuple[Edge, ...]]] = [(last, 0, ())]
    while level:
        following = []
        for position, covered, path in level:
            if position == first and covered == full and path:
                return path
            for edge in fibers.relations.arriving[position]:
                state = (edge.source, covered | fibers.order.covered_by(edge))
                if edge.source >= first and state not in seen:
                    seen.add(state)
                    following.append((*state, (edge, *path)))
        level = following
    raise ValueError(f"no barrier path from Einsum {first} to {last}")
