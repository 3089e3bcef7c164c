"""What may be kept where, in which order, and unrolled along what: the skeletons of all nests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product

from hwsim.mapping.loopnest.machine import Array, Machine
from hwsim.mapping.loopnest.nodes import Storage
from hwsim.mapping.loopnest.problem import Problem


@dataclass(frozen=True, slots=True)
class Unrolled:
    """An array and the rank that lies along it."""

    array: Array
    rank: str


@dataclass(frozen=True, slots=True)
class Shared:
    """A loop over ``rank`` that fused Einsums have in common."""

    rank: str


Event = Storage | Shared | tuple[Unrolled, ...]
"""A storage, a loop in common, or arrays side by side."""
Skeleton = tuple[Event, ...]


@dataclass(frozen=True)
class Space:
    """The nests to choose from.

    ``roles`` says of each tensor whether it is "input", "weight" or "output", which is what memories hold.
    ``must_keep`` and ``may_not_keep`` are (memory, tensor) pairs; ``unroll`` the ranks that may lie along
    each array; an array that is not in it takes any rank; ``bits`` the width of an element of each tensor;
    ``on_chip`` the tensors that the root does not hold: their outermost storage is where they begin.
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
        if any(len(each) > 1 for tensor in self.problem.tensors for each in tensor.dimensions):
            raise ValueError("sliding windows are evaluated, not searched")

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
                    yield self._with_arrays(ordered, unrolled)

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
        ranks = [self.unroll.get(array.name, tuple(self.problem.sizes)) for array in arrays]
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
