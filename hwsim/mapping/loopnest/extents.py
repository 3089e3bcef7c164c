"""How loops cut one rank: what each instance of an array has of it, as tuples of extents.

Instances stand side by side along spatial loops; an extent of 0 means that the instance has no work. All
instances step together: a temporal loop takes as many steps as the instance with most.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

Extents = tuple[int, ...]
"""Elements of a rank that each instance has, in the order of instances."""


def steps(extents: Extents, tile: int) -> Iterator[tuple[int, int, Extents]]:
    """The steps of a temporal loop in runs of equal ones: (first step, how many, what each instance has)."""
    edges = {each // tile for each in extents} | {-(-each // tile) for each in extents} | {0}
    ordered = sorted(edges)
    for first, after in pairwise(ordered):
        yield first, after - first, tuple(_part(each, first, tile) for each in extents)


def spread(extents: Extents, tile: int, width: int) -> Extents:
    """What the instances of a spatial loop have: ``width`` for each that there was."""
    return tuple(_part(each, place, tile) for each in extents for place in range(width))


def _part(extent: int, step: int, tile: int) -> int:
    return min(max(extent - step * tile, 0), tile)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the instances of a rank stand: how far each is from the first along the rank, and its groups.

    Instances of one ``readers`` number are served by one read of the memory above; those of one ``holders``
    number hang below one instance of that memory.
    """

    offsets: tuple[int, ...] = (0,)
    readers: tuple[int, ...] = (0,)
    holders: tuple[int, ...] = (0,)

    def spread(self, tile: int, width: int, shared: bool, above: bool) -> Layout:
        """The layout after a spatial loop; ``above``: it stands above the memory that serves."""
        return Layout(
            tuple(offset + place * tile for offset in self.offsets for place in range(width)),
            _groups(self.readers, width, apart=above or not shared),
            _groups(self.holders, width, apart=above),
        )


def _groups(numbers: tuple[int, ...], width: int, apart: bool) -> tuple[int, ...]:
    return tuple(number * width + place if apart else number for number in numbers for place in range(width))
