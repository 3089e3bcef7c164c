"""Which visits to a tensor must see a whole fiber again: the barrier order within one fiber.

The barrier order speaks of ranks; a bound on traffic needs more: that the second visit to *any* element of a
fiber waits for the first visit to *every* element of *this* fiber. So the coordinates of the first visit are
followed through the Einsums between. Each is, at any moment, ``ALL`` (the value depends on the visit at every
coordinate), a ``Held`` coordinate of the value, or lost (fixed, gathered, moved to a neighbour), which ends
the search.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from hwsim.einsum.cascade import Cascade
from hwsim.einsum.dependence import Edge, edges
from hwsim.einsum.statement import Einsum
from hwsim.einsum.terms import Access, Coord, Index, Last, Shifted, Window

ALL = "ALL"


class Held(NamedTuple):
    """The coordinate ``number`` of a value is the followed coordinate plus ``offset``."""

    number: int
    offset: int


_Track = Held | str
_Tracks = tuple[_Track, ...]


@dataclass(frozen=True)
class Revisits:
    """The visits to the tensors of a cascade at every element, and which wait for which."""

    cascade: Cascade
    leaving: Sequence[Sequence[Edge]]

    @cached_property
    def visitors(self) -> dict[str, list[int]]:
        """The Einsums that read or produce each tensor at every element, in order."""
        found: dict[str, list[int]] = {tensor: [] for tensor in self.cascade.tensor_ranks}
        for position, einsum in enumerate(self.cascade.einsums):
            for tensor in {access.tensor for access in (einsum.output, *einsum.reads) if _is_full(access)}:
                found[tensor].append(position)
        return found

    def longest_chain(self, tensor: str, ranks: frozenset[str]) -> int:
        """How many visits to a fiber of ``tensor`` along ``ranks`` wait, each for all of the one before."""
        longest: dict[int, int] = {}
        for first in reversed(self.visitors[tensor]):
            later = self._waiting(tensor, ranks, first)
            longest[first] = 1 + max((longest[each] for each in later if each in longest), default=0)
        return max(longest.values(), default=0)

    def _waiting(self, tensor: str, ranks: frozenset[str], first: int) -> set[int]:
        """The visitors that wait for ``first``, a visitor itself."""
        einsum = self.cascade.einsums[first]
        starts = [_written_tracks(einsum, access) for access in _accesses(einsum, tensor) if _is_full(access)]
        pending: list[tuple[int, _Tracks]] = [(first, tracks) for tracks in starts if tracks is not None]
        seen, found = set(pending), set()
        last = self.visitors[tensor][-1]
        while pending:
            position, tracks = pending.pop()
            for edge in self.leaving[position]:
                for access in self._reads(edge) if edge.target <= last else ():
                    if self._waits(tensor, ranks, edge.target, access, tracks):
                        found.add(edge.target)
                    following = self._followed(edge.target, access, tracks)
                    if following is not None and (edge.target, following) not in seen:
                        seen.add((edge.target, following))
                        pending.append((edge.target, following))
        return found

    def _reads(self, edge: Edge) -> Iterator[Access]:
        reads = self.cascade.einsums[edge.target].reads
        return (access for access in reads if access.tensor == edge.tensor)

    def _waits(
        self, tensor: str, ranks: frozenset[str], position: int, access: Access, tracks: _Tracks
    ) -> bool:
        """Whether an Einsum that reads ``access`` also visits all of the fiber the tracks come from."""
        einsum = self.cascade.einsums[position]
        held = [self._index_of(access, track) for track in tracks]
        for visit in _accesses(einsum, tensor):
            own = [coord.index if isinstance(coord, Index) else None for coord in visit.coords]
            pairs = zip(self.cascade.tensor_ranks[tensor], held, own, strict=True)
            if _is_full(visit) and all(
                index == ALL or (rank not in ranks and index is not None and index == mine)
                for rank, index, mine in pairs
            ):
                return True
        return False

    def _followed(self, position: int, access: Access, tracks: _Tracks) -> _Tracks | None:
        """The tracks in what Einsum ``position`` writes from what it reads; None where one is lost."""
        einsum = self.cascade.einsums[position]
        followed: list[_Track] = []
        for track in tracks:
            index = self._index_of(access, track) or _window_index(einsum, access, track)
            following = ALL if index == ALL else _written_track(einsum, index)
            if following is None:
                return None
            followed.append(following)
        return tuple(followed)

    def _index_of(self, access: Access, track: _Track) -> str | None:
        """The index of a read that equals a followed coordinate; ALL stays ALL; None where there is none."""
        if isinstance(track, str):
            return ALL
        match access.coords[track.number]:
            case Index(index) if track.offset == 0:
                return index
            case Shifted(index, offset) if track.offset == offset:
                return index
            case Last() if self._accumulates(access.tensor, track.number):
                return ALL
            case _:
                return None

    def _accumulates(self, tensor: str, number: int) -> bool:
        """Whether the last value along a coordinate depends on every value before: T[t+1] reads T[t]."""
        producer = self.cascade.producers.get(tensor)
        if producer is None:
            return False
        einsum = self.cascade.einsums[producer]
        before = tuple(
            _one_before(coord) if at == number else coord for at, coord in enumerate(einsum.output.coords)
        )
        return any(access.tensor == tensor and access.coords == before for access in einsum.reads)


def revisits(cascade: Cascade) -> Revisits:
    """The revisits of ``cascade``."""
    leaving: list[list[Edge]] = [[] for _ in cascade.einsums]
    for edge in edges(cascade):
        leaving[edge.source].append(edge)
    return Revisits(cascade, leaving)


def full_fiber_sizes(
    cascade: Cascade, sizes: Mapping[str, int], tensor: str, ranks: frozenset[str]
) -> tuple[int, int]:
    """How many elements a fiber of ``tensor`` along ``ranks`` has, and how many such fibers there are."""
    length = count = 1
    for rank in cascade.tensor_ranks[tensor]:
        if rank in ranks:
            length *= sizes[rank]
        else:
            count *= sizes[rank]
    return length, count


def _accesses(einsum: Einsum, tensor: str) -> tuple[Access, ...]:
    """Where an Einsum reads or produces ``tensor``."""
    return tuple(access for access in (einsum.output, *einsum.reads) if access.tensor == tensor)


def _is_full(access: Access) -> bool:
    """Whether the access touches every element: plain indices, all different."""
    indices = [coord.index for coord in access.coords if isinstance(coord, Index)]
    return len(set(indices)) == len(access.coords)


def _written_tracks(einsum: Einsum, access: Access) -> _Tracks | None:
    """The tracks in what an Einsum writes of the coordinates of a full access."""
    tracks = [_written_track(einsum, coord.index) for coord in access.coords if isinstance(coord, Index)]
    return None if None in tracks else tuple(track for track in tracks if track is not None)


def _written_track(einsum: Einsum, index: str | None) -> _Track | None:
    """Where an index goes: ALL if a whole fiber of it is combined, else its coordinate on the left."""
    if index is None:
        return None
    if index not in einsum.left_indices or index in einsum.populated:
        return ALL
    for number, coord in enumerate(einsum.output.coords):
        if isinstance(coord, Index | Shifted) and coord.index == index:
            return Held(number, coord.offset if isinstance(coord, Shifted) else 0)
    return None


def _window_index(einsum: Einsum, access: Access, track: _Track) -> str | None:
    """The index of a window over a followed coordinate of which the Einsum combines every tap."""
    coord = access.coords[track.number] if isinstance(track, Held) and track.offset == 0 else None
    return coord.index if isinstance(coord, Window) and coord.tap in einsum.reduced else None


def _one_before(coord: Coord) -> Coord | None:
    match coord:
        case Index(index):
            return Shifted(index, -1)
        case Shifted(index, offset):
            return Shifted(index, offset - 1) if offset != 1 else Index(index)
        case _:
            return None
