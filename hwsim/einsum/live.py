"""How much of each tensor is live at once in a fused walk: from footprints to elements.

A rank over which a tensor's footprint is ``O(rank)`` is held whole, every other in a tile (of one coordinate
unless given) and the neighbours that windows and shifted coordinates reach. Where a family is held whole, so
are the leaves of it that the tensor carries.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from hwsim.einsum.cascade import Cascade
from hwsim.einsum.passes import Analysis
from hwsim.einsum.terms import Access, Coord, Shifted, Window


def live_elements(analysis: Analysis, sizes: Mapping[str, int], tile: Mapping[str, int]) -> dict[str, int]:
    """For each tensor, how many elements are live at once.

    Args:
        analysis: the passes of a cascade.
        sizes: the size of every leaf rank.
        tile: how many coordinates of a leaf rank are processed at once; 1 for a rank that is absent.
    """
    return {
        tensor: math.prod(_live_along(analysis, sizes, tile, tensor, rank) for rank in ranks)
        for tensor, ranks in analysis.cascade.tensor_ranks.items()
    }


def live_fiber(analysis: Analysis, sizes: Mapping[str, int], tensor: str, rank: str) -> int:
    """How many elements of a fiber of ``tensor`` along ``rank`` are live, the other ranks held constant."""
    leaves = analysis.cascade.leaves_of(tensor, rank)
    if analysis.tensors[tensor][rank].footprint == "O(rank)":
        return math.prod(sizes[leaf] for leaf in leaves)
    reach = sum(_reach(analysis.cascade, sizes, tensor, leaf) for leaf in leaves)
    return min(math.prod(sizes[leaf] for leaf in leaves), 1 + reach)


def _live_along(
    analysis: Analysis, sizes: Mapping[str, int], tile: Mapping[str, int], tensor: str, rank: str
) -> int:
    """How many coordinates of leaf ``rank`` are live."""
    family = analysis.cascade.families.get(rank, rank)
    by_rank = analysis.tensors[tensor]
    if "O(rank)" in (by_rank[rank].footprint, by_rank[family].footprint):
        return sizes[rank]
    return min(sizes[rank], tile.get(rank, 1) + _reach(analysis.cascade, sizes, tensor, rank))


def _reach(cascade: Cascade, sizes: Mapping[str, int], tensor: str, rank: str) -> int:
    """How far apart the coordinates are at which ``tensor`` is visited at once."""
    low, high = 0, 0
    for access in _accesses(cascade, tensor):
        for carried, coord in zip(cascade.tensor_ranks[tensor], access.coords, strict=True):
            if carried == rank:
                first, last = _offsets(cascade, sizes, coord)
                low, high = min(low, first), max(high, last)
    return high - low


def _accesses(cascade: Cascade, tensor: str) -> list[Access]:
    reads = (access for einsum in cascade.einsums for access in einsum.reads)
    written = (einsum.output for einsum in cascade.einsums if not einsum.is_initialisation)
    return [access for access in (*written, *reads) if access.tensor == tensor]


def _offsets(cascade: Cascade, sizes: Mapping[str, int], coord: Coord) -> tuple[int, int]:
    match coord:
        case Window(_, tap):
            return 0, sizes[cascade.rank_of(tap)] - 1
        case Shifted(_, offset):
            return offset, offset
        case _:
            return 0, 0
