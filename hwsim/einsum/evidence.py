"""Why a rank needs as many passes as it does: the chain of visits, and what each waits for."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from hwsim.einsum.barrier import chain_levels, positions
from hwsim.einsum.cascade import Cascade
from hwsim.einsum.dependence import Edge
from hwsim.einsum.fibers import Fibers, Relations, relations
from hwsim.einsum.passes import Analysis


@dataclass(frozen=True, slots=True)
class ChainStep:
    """One Einsum of a chain, by position.

    ``number`` is the pass it begins, from 1, or None where it only stands between two passes. ``complete``
    are the ranks of which it, or the read that follows, must have seen every coordinate before the chain goes
    on.
    """

    position: int
    number: int | None
    complete: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BarrierChain:
    """What forces the ``lineage`` of ``tensor`` over ``rank``: its Einsums from first to last pass."""

    tensor: str
    rank: str
    steps: tuple[ChainStep, ...]


def barrier_chain(cascade: Cascade, tensor: str, rank: str) -> BarrierChain:
    """A longest chain of visits to ``tensor`` and to what is derived from it along ``rank``."""
    return _chain(relations(cascade), tensor, rank)


def evidence(analysis: Analysis) -> dict[str, BarrierChain]:
    """For each rank and family of more than one pass, the chain of the first tensor that needs that many."""
    related = relations(analysis.cascade)
    found = {}
    for rank, passes in analysis.passes.items():
        if passes > 1:
            tensor = next(
                tensor
                for tensor, by_rank in analysis.tensors.items()
                if rank in by_rank and by_rank[rank].lineage == passes
            )
            found[rank] = _chain(related, tensor, rank)
    return found


def _chain(related: Relations, tensor: str, rank: str) -> BarrierChain:
    fibers = Fibers(related, related.cascade.leaves_of(tensor, rank))
    visitors = _longest(fibers, fibers.lineage_visitors.get(tensor, 0))
    steps: list[ChainStep] = []
    for number, (first, second) in enumerate(pairwise(visitors), start=1):
        for edge in _path(fibers, first, second):
            complete = tuple(sorted(edge.barrier & fibers.ranks))
            steps.append(ChainStep(edge.source, number if edge.source == first else None, complete))
    steps += [ChainStep(position, len(visitors), ()) for position in visitors[-1:]]
    return BarrierChain(tensor, rank, tuple(steps))


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
