"""The barrier order: which Einsums cannot begin before others have seen every coordinate of some ranks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hwsim.einsum.dependence import Edge


class BarrierOrder:
    """``x`` stands before ``y`` if some path of edges from ``x`` to ``y`` has barriers that cover ``ranks``.

    Sets of Einsums are integers, bit ``n`` for the Einsum at position ``n``. Only Einsums within ``first ..
    last`` are looked at: edges lead forward, so no path between two of them leaves the interval.
    """

    def __init__(
        self, arriving: Sequence[Sequence[Edge]], ranks: frozenset[str], first: int, last: int
    ) -> None:
        self.ranks = ranks
        self._bits = {rank: 1 << number for number, rank in enumerate(sorted(ranks))}
        self._before: dict[int, int] = {}
        self._paths: dict[int, dict[int, int]] = {}
        full = (1 << len(ranks)) - 1
        for position in range(first, last + 1):
            paths = self._paths_along(arriving[position], first)
            self._paths[position] = paths
            self._before[position] = paths.get(full, 0)
        self.is_flat = not any(self._before.values())
        """Whether no Einsum stands before any other."""

    def before(self, position: int) -> int:
        """The set of Einsums that stand before the one at ``position``."""
        return self._before[position]

    def covered_by(self, edge: Edge) -> int:
        """Which of the ranks the barrier of ``edge`` covers, as a set."""
        return sum(self._bits[rank] for rank in edge.barrier & self.ranks)

    def _paths_along(self, arriving: Sequence[Edge], first: int) -> dict[int, int]:
        """For each set of ranks that a path over one of the edges covers, where such paths begin."""
        found: dict[int, int] = {}
        for edge in arriving:
            if edge.source >= first:
                covered = self.covered_by(edge)
                found[covered] = found.get(covered, 0) | 1 << edge.source
                for earlier, starts in self._paths[edge.source].items():
                    found[earlier | covered] = found.get(earlier | covered, 0) | starts
        return found


def chain_levels(order: BarrierOrder, members: int) -> dict[int, int]:
    """For each Einsum in the set ``members``, the length of the longest chain of members that ends at it.

    The order is transitive, so a member with a predecessor on some level has one on every level below: the
    highest such level is found by bisection.
    """
    levels: dict[int, int] = {}
    on_level: list[int] = []
    for position in positions(members):
        level = _levels_below(on_level, order.before(position) & members)
        levels[position] = level + 1
        if level == len(on_level):
            on_level.append(0)
        on_level[level] |= 1 << position
    return levels


def positions(members: int) -> Iterator[int]:
    """The positions in a set, in increasing order."""
    while members:
        lowest = members & -members
        yield lowest.bit_length() - 1
        members ^= lowest


def _levels_below(on_level: Sequence[int], before: int) -> int:
    """How many levels hold a predecessor."""
    low, high = 0, len(on_level) if before else 0
    while low < high:
        middle = (low + high) // 2
        if on_level[middle] & before:
            low = middle + 1
        else:
            high = middle
    return low
