"""What may be kept where, in which order, and unrolled along what: the skeletons of all nests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product

from hwsim.mapping.exact.skeleton import (
    Event,
    Skeleton,
    Sliding,
    Unrolled,
    fixed_ranks,
    stays_from,
    with_held,
)
from hwsim.mapping.exact.windows import Window, windows_of
from hwsim.mapping.loopnest.machine import Machine
from hwsim.mapping.loopnest.nodes import Storage
from hwsim.mapping.loopnest.problem import Problem

LONGEST = 2**17
"""Elements of a rank at most: all its tiles, and tiles of tiles, are tried."""


@dataclass(frozen=True)
class Space:
    """The nests to choose from.

    ``roles`` says of each tensor whether it is "input", "weight" or "output", which is what memories hold.
    ``must_keep`` and ``may_not_keep`` are (memory, tensor) pairs; ``unroll`` the ranks that may lie along
    each array; an array that is not in it takes any rank but those of windows, which lie along none; ``bits``
    the width of an element of each tensor; ``on_chip`` the tensors that the root does not hold: their
    outermost storage is where they begin.

    Raises:
        ValueError: a window of more than two ranks, or one that is to lie along an array; a long rank.
    """

    problem: Problem
    machine: Machine
    bits: Mapping[str, int]
    roles: Mapping[str, str] = field(default_factory=dict)
    unroll: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    must_keep: frozenset[tuple[str, str]] = frozenset()
    may_not_keep: frozenset[tuple[str, str]] = frozenset()
    on_chip: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        long = [rank for rank, size in self.problem.sizes.items() if size > LONGEST]
        if long:
            raise ValueError(f"rank {long[0]} has more than {LONGEST:,} elements, which is not searched")
        sliding = {rank for window in windows_of(self.problem) for rank in window.ranks}
        if any(sliding & set(ranks) for ranks in self.unroll.values()):
            raise ValueError("ranks of sliding windows along an array are evaluated, not searched")

    @cached_property
    def windows(self) -> tuple[Window, ...]:
        """The sliding windows, each two ranks that are cut together."""
        return windows_of(self.problem)

    @cached_property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """The ranks: those of a window together, every other alone."""
        sliding = [rank for window in self.windows for rank in window.ranks]
        alone = [(rank,) for rank in self.problem.sizes if rank not in sliding]
        return (*alone, *(window.ranks for window in self.windows))

    @property
    def root(self) -> str:
        """The outermost memory, which holds everything."""
        return self.machine.memories[0].name

    def element_bits(self, memory: str, tensor: str) -> int:
        """Bits of an element of ``tensor`` in ``memory``."""
        return self.machine.memory(memory).bits.get(tensor, self.bits[tensor])

    def skeletons(self) -> Iterator[Skeleton]:
        """Every skeleton once, those that keep more before those that keep less."""
        for unrolled in self._unrollings:
            for kept in self._choices:
                parts = [list(_orders(part, self._depth)) for part in self._split(kept)]
                for ordered in product(*parts):
                    for held in with_held(self._with_arrays(ordered, unrolled)):
                        yield from self._with_slides(held)

    def _with_slides(self, skeleton: Skeleton) -> Iterator[Skeleton]:
        """Every choice of the loop right above each storage of a window."""
        choices = [tuple(self._slides(skeleton, event)) for event in range(len(skeleton))]
        yield from product(*choices)

    def _slides(self, skeleton: Skeleton, event: int) -> Iterator[Event]:
        """The event as it is, or with every window's rank that may step right above it."""
        node = skeleton[event]
        ranks: list[str] = []
        if isinstance(node, Storage) and stays_from(skeleton, event) is None:
            tensor = self.problem.tensor(node.tensor)
            fixed = fixed_ranks(self.problem, skeleton, event)
            moving = [rank for window in self.windows for rank in window.ranks if rank in tensor.windowed]
            ranks = [rank for rank in moving if self.problem.sizes[rank] > 1 and rank not in fixed]
            yield from (Sliding(node.memory, node.tensor, "on_slide", 0, rank) for rank in ranks)
        if not ranks:
            yield node

    @cached_property
    def _depth(self) -> dict[str, int]:
        return {memory.name: depth for depth, memory in enumerate(self.machine.memories)}

    @cached_property
    def _choices(self) -> list[frozenset[tuple[str, str]]]:
        """Every set of (memory, tensor) below the root that may be kept."""
        free = [pair for pair in self._holdable() if pair not in self.must_keep]
        found = [
            frozenset(pair for pair, keep in zip(free, choice, strict=True) if keep) | self.must_keep
            for choice in product((True, False), repeat=len(free))
        ]
        return sorted(found, key=lambda kept: (-len(kept), sorted(kept)))

    def _holdable(self) -> list[tuple[str, str]]:
        return [
            (memory.name, tensor.name)
            for memory in self.machine.memories[1:]
            for tensor in self.problem.tensors
            if (memory.holds is None or self.roles[tensor.name] in memory.holds)
            and (memory.name, tensor.name) not in self.may_not_keep
        ]

    @cached_property
    def _unrollings(self) -> list[tuple[Unrolled, ...]]:
        """A rank for every array; an array of one place takes none."""
        arrays = [array for array in self.machine.arrays if array.width > 1]
        alone = tuple(rank for group in self.groups if len(group) == 1 for rank in group)
        ranks = [self.unroll.get(array.name, alone) for array in arrays]
        return [
            tuple(Unrolled(array, rank) for array, rank in zip(arrays, choice, strict=True))
            for choice in product(*ranks)
        ]

    @property
    def _borders(self) -> list[int]:
        """Depths of the memories that arrays are inside."""
        return sorted({self._depth[array.inside] for array in self.machine.arrays if array.width > 1})

    def _split(self, kept: frozenset[tuple[str, str]]) -> list[list[Storage]]:
        """The storages above, between and below the arrays, outer memories first."""
        borders = self._borders
        parts: list[list[Storage]] = [[] for _ in range(len(borders) + 1)]
        for memory, tensor in sorted(kept, key=lambda pair: (self._depth[pair[0]], pair[1])):
            parts[sum(self._depth[memory] > border for border in borders)].append(
                Storage(memory, tensor, "each_visit")
            )
        return parts

    def _with_arrays(
        self, parts: tuple[tuple[Storage, ...], ...], unrolled: tuple[Unrolled, ...]
    ) -> Skeleton:
        borders = self._borders
        events: list[Event] = list(parts[0])
        for border, part in zip(borders, parts[1:], strict=True):
            group = tuple(each for each in unrolled if self._depth[each.array.inside] == border)
            events += [group, *part] if group else part
        return tuple(events)


def _orders(storages: list[Storage], depth: Mapping[str, int]) -> Iterator[tuple[Storage, ...]]:
    """Every order in which each tensor's storages come from the outside in."""
    if not storages:
        yield ()
        return
    for number, first in enumerate(storages):
        rest = storages[:number] + storages[number + 1 :]
        if all(depth[each.memory] > depth[first.memory] for each in rest if each.tensor == first.tensor):
            yield from ((first, *others) for others in _orders(rest, depth))
