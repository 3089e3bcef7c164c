"""Which Einsum needs which: the edges of a cascade and the ranks each edge has to wait for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hwsim.einsum.cascade import Cascade
from hwsim.einsum.terms import Access, Coord, Fixed, Gather, Index, Last, Shifted


@dataclass(frozen=True, slots=True)
class Edge:
    """Einsum ``target`` reads ``tensor``, written by Einsum ``source``, both by position.

    ``barrier`` holds the ranks of which every coordinate must have been seen before anything passes the edge.
    """

    source: int
    target: int
    tensor: str
    barrier: frozenset[str]


def edges(cascade: Cascade) -> tuple[Edge, ...]:
    """The edges of one iteration, by target, without self edges and what an earlier iteration carries over.

    In a checked cascade every edge leads forward.
    """
    spans = tuple(whole_fiber_ranks(cascade, position) for position in range(len(cascade.einsums)))
    found: dict[Edge, None] = {}
    for target, einsum in enumerate(cascade.einsums):
        for access in einsum.reads:
            waits = _ranks_waited_for(cascade, access)
            for source in sources(cascade, access):
                if source != target and not carried_ranks(cascade, source, access):
                    found[Edge(source, target, access.tensor, spans[source] | waits)] = None
    return tuple(found)


def sources(cascade: Cascade, access: Access) -> Iterator[int]:
    """The Einsums that write what ``access`` reads.

    At a fixed coordinate that is the initialisation of this coordinate, if there is one.
    """
    writers = cascade.writers.get(access.tensor, ())
    for position in writers:
        if not _writes_elsewhere(cascade, position, access, writers):
            yield position


def carried_ranks(cascade: Cascade, source: int, access: Access) -> frozenset[str]:
    """The iterative ranks along which ``access`` reads what ``source`` wrote in an earlier iteration."""
    output = cascade.einsums[source].output
    pairs = zip(cascade.tensor_ranks[access.tensor], output.coords, access.coords, strict=True)
    return frozenset(
        rank for rank, written, read in pairs if rank in cascade.iterative and (lag(written, read) or 0) > 0
    )


def lag(written: Coord, read: Coord) -> int | None:
    """How many iterations before its reading a coordinate was written; None where that varies."""
    first, second = _offset(written), _offset(read)
    return None if first is None or second is None else first - second


def whole_fiber_ranks(cascade: Cascade, position: int) -> frozenset[str]:
    """The ranks an Einsum reduces or populates: what it writes is final when it has seen all of them."""
    einsum = cascade.einsums[position]
    return frozenset(map(cascade.rank_of, einsum.reduced + einsum.populated))


def _ranks_waited_for(cascade: Cascade, access: Access) -> frozenset[str]:
    """The ranks that must be complete because the read is at their last or at a data-dependent coordinate."""
    pairs = zip(cascade.tensor_ranks[access.tensor], access.coords, strict=True)
    return frozenset(rank for rank, coord in pairs if isinstance(coord, Last | Gather))


def _writes_elsewhere(cascade: Cascade, position: int, access: Access, writers: tuple[int, ...]) -> bool:
    """Whether a coordinate fixed in the read is fixed otherwise, or is initialised by someone else."""
    for number, coord in enumerate(access.coords):
        if isinstance(coord, Fixed):
            written = [cascade.einsums[writer].output.coords[number] for writer in writers]
            own = cascade.einsums[position].output.coords[number]
            if own != coord and (isinstance(own, Fixed) or coord in written):
                return True
    return False


def _offset(coord: Coord) -> int | None:
    match coord:
        case Index():
            return 0
        case Shifted(_, offset):
            return offset
        case _:
            return None
