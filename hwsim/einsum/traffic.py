"""Traffic that no schedule of a cascade can avoid, given the sizes of its ranks and of the buffer.

Model: inputs lie in DRAM, the buffer holds ``capacity`` bytes and begins empty, an Einsum computes at one
point of its iteration space when all operands of this point are final and in the buffer, nothing is split or
reassociated.

Compulsory: every input element that is surely touched is loaded once, every output element stored once. (A
gather surely touches one coordinate, ``k+1`` all but one, an index all.)

Passes: take a fiber of N elements of one tensor and a chain of p Einsums that each visit all of it, where the
first visit of each waits for every visit of the one before (``revisit``). Cut time at these first visits. In
each of the p intervals all N elements must be in the buffer at some time, and at a cut at most C of them can
be in it, C being the elements that fit the capacity. So at least N - C must come in again after each of the p
- 1 cuts:

* an input: N + (p - 1) max(0, N - C) loads, however much is computed twice;
* an intermediate, if no point is computed twice: N - C elements are not in the buffer at the first cut, so
  they were stored, and N - C come in after each cut: p max(0, N - C), for p of at least 2.

Fibers and tensors are disjoint, so their traffic adds up. Of the ranks and families of a tensor the one that
gives most is taken. The bound is not always tight: tensors and fibers share the buffer, which it ignores.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hwsim.einsum.cascade import Cascade
from hwsim.einsum.passes import Analysis
from hwsim.einsum.revisit import Revisits, full_fiber_sizes, revisits
from hwsim.einsum.terms import Access, Index, Shifted, Window


@dataclass(frozen=True, slots=True)
class TensorTraffic:
    """Bytes to and from DRAM that one tensor needs at least.

    ``compulsory``: with a buffer that holds everything. ``revisits``: loads beyond that, in any schedule.
    ``spills``: stores and loads of an intermediate, in a schedule that computes nothing twice.
    """

    compulsory: int
    revisits: int = 0
    spills: int = 0


@dataclass(frozen=True)
class TrafficBound:
    """The bound, tensor by tensor."""

    tensors: Mapping[str, TensorTraffic]

    @property
    def compulsory_bytes(self) -> int:
        """Inputs once and outputs once."""
        return sum(each.compulsory for each in self.tensors.values())

    @property
    def lower_bound_bytes(self) -> int:
        """What every schedule moves at least, also one that computes intermediates again."""
        return sum(each.compulsory + each.revisits for each in self.tensors.values())

    @property
    def lower_bound_without_recomputation_bytes(self) -> int:
        """What every schedule moves at least that computes each point once."""
        return self.lower_bound_bytes + sum(each.spills for each in self.tensors.values())


def traffic_bound(
    analysis: Analysis, sizes: Mapping[str, int], capacity: int | None, bits: int
) -> TrafficBound:
    """The least traffic of a cascade.

    Args:
        analysis: the passes of a cascade.
        sizes: the size of every leaf rank.
        capacity: bytes of the buffer; None where it holds everything.
        bits: bits of one element of any tensor.
    """
    again = revisits(analysis.cascade)
    fitting = math.inf if capacity is None else capacity * 8 // bits
    tensors = {}
    for tensor in analysis.cascade.tensor_ranks:
        more = max(_repeated(analysis, again, sizes, tensor, fitting), default=0)
        compulsory = _bytes(_compulsory(analysis.cascade, sizes, tensor), bits)
        is_input = tensor in analysis.cascade.inputs
        extra = more * bits // 8
        tensors[tensor] = TensorTraffic(compulsory, extra if is_input else 0, 0 if is_input else extra)
    return TrafficBound(tensors)


def _repeated(
    analysis: Analysis, again: Revisits, sizes: Mapping[str, int], tensor: str, fitting: float
) -> Iterator[int]:
    """The elements of ``tensor`` moved beyond the compulsory: a bound for each of its ranks and families."""
    cascade = analysis.cascade
    for rank, passes in analysis.tensors.get(tensor, {}).items():
        leaves = cascade.leaves_of(tensor, rank)
        length, count = full_fiber_sizes(cascade, sizes, tensor, leaves)
        if passes.direct > 1 and length > fitting:
            visits = again.longest_chain(tensor, leaves)
            cuts = visits - 1 if tensor in cascade.inputs or visits < 2 else visits
            yield count * (length - int(fitting)) * max(cuts, 0)


def _compulsory(cascade: Cascade, sizes: Mapping[str, int], tensor: str) -> int:
    """How many elements of ``tensor`` are surely loaded as an input or stored as an output."""
    if tensor in cascade.outputs:
        return math.prod(sizes[rank] for rank in cascade.tensor_ranks[tensor])
    if tensor not in cascade.inputs:
        return 0
    reads = (access for einsum in cascade.einsums for access in einsum.reads if access.tensor == tensor)
    return max((_touched(cascade, sizes, access) for access in reads), default=0)


def _touched(cascade: Cascade, sizes: Mapping[str, int], access: Access) -> int:
    """How many different elements a read touches at least; an index that comes twice counts once."""
    seen: set[str] = set()
    touched = 1
    for coord in access.coords:
        if isinstance(coord, Index | Shifted | Window) and coord.index not in seen:
            seen.add(coord.index)
            size = sizes[cascade.rank_of(coord.index)]
            touched *= max(size - abs(coord.offset), 0) if isinstance(coord, Shifted) else size
    return touched


def _bytes(elements: int, bits: int) -> int:
    return -(-elements * bits // 8)
