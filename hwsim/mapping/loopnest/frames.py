"""The coordinates of a tensor that all instances hold at one time, and what two such frames have in common.

Dimensions of a tensor have no rank in common, so that what an instance holds is a box: the product of one set
a dimension. Counts over all instances are products of sums over each dimension's instances.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from math import prod

from hwsim.mapping.loopnest.extents import Extents, Layout
from hwsim.mapping.loopnest.problem import Dimension, Tensor

Bits = int
"""A set of coordinates as the bits of a whole number."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One time: what each instance has of every rank, and where its tensor's ranks begin."""

    extents: Mapping[str, Extents]
    starts: Mapping[str, int]

    def moved(self, rank: str, distance: int) -> Frame:
        """The frame further along ``rank``, where that matters."""
        if rank not in self.starts or not distance:
            return self
        return Frame(self.extents, {**self.starts, rank: self.starts[rank] + distance})


@dataclass(frozen=True, slots=True)
class Counts:
    """Elements at the instances' side, read from above, and counted once for each instance above."""

    filled: int
    read: int
    joint: int

    def plus(self, other: Counts, times: int) -> Counts:
        """The sum with ``times`` the other."""
        return Counts(
            self.filled + times * other.filled,
            self.read + times * other.read,
            self.joint + times * other.joint,
        )


NOTHING = Counts(0, 0, 0)


@dataclass(frozen=True)
class Counter:
    """Counts elements of ``tensor`` for instances that stand as ``layouts`` says, rank by rank."""

    tensor: Tensor
    layouts: Mapping[str, Layout]

    def everything(self, frame: Frame) -> Counts:
        """What a frame holds."""
        dimensions = [self._dimension(each, frame, None) for each in self.tensor.dimensions]
        return self._times_idle_ranks(frame, [each.whole for each in dimensions])

    def kept(self, frame: Frame, before: Frame) -> Counts:
        """What of a frame need not come, because the one ``before`` it has left it where it is wanted."""
        dimensions = [self._dimension(each, frame, before) for each in self.tensor.dimensions]
        return self._times_idle_ranks(frame, [each.kept for each in dimensions])

    def places(self, frame: Frame) -> Counts:
        """Instances that work, by ranks that do not move the tensor."""
        return self._times_idle_ranks(frame, [])

    def _times_idle_ranks(self, frame: Frame, factors: list[Counts]) -> Counts:
        """The product of ``factors`` and of the working instances along ranks that do not move the tensor."""
        for rank, extents in frame.extents.items():
            if rank not in self.tensor.ranks:
                factors.append(_working(extents, self.layouts[rank]))
        return Counts(
            prod(each.filled for each in factors),
            prod(each.read for each in factors),
            prod(each.joint for each in factors),
        )

    def _dimension(self, dimension: Dimension, frame: Frame, before: Frame | None) -> _Dimension:
        if len(dimension) == 1:
            return self._interval(dimension[0][0], frame, before)
        return self._window(dimension, frame, before)

    def _interval(self, rank: str, frame: Frame, before: Frame | None) -> _Dimension:
        """A dimension of one rank: instances have no coordinate in common."""
        now = frame.extents[rank]
        total = sum(now)
        whole = Counts(total, total, total)
        if before is None:
            return _Dimension(whole, NOTHING)
        distance = frame.starts[rank] - before.starts[rank]
        common = sum(
            max(0, min(one, other - distance) - max(0, -distance))
            for one, other in zip(now, before.extents[rank], strict=True)
        )
        return _Dimension(whole, Counts(common, common, common))

    def _window(self, dimension: Dimension, frame: Frame, before: Frame | None) -> _Dimension:
        """A dimension that is a sum of ranks: instances may want the same coordinates."""
        begins, began = _start(dimension, frame), _start(dimension, before or frame)
        origin = min(begins, began)
        now = self._sets(dimension, frame, begins - origin)
        then = self._sets(dimension, before, began - origin) if before else [0] * len(now)
        filled = sum(each.bit_count() for each in now)
        common = sum((one & other).bit_count() for one, other in zip(now, then, strict=True))
        read, read_kept = _unions(now, then, self._numbers(dimension, "readers"))
        joint, joint_kept = _unions(now, then, self._numbers(dimension, "holders"))
        return _Dimension(Counts(filled, read, joint), Counts(common, read_kept, joint_kept))

    def _sets(self, dimension: Dimension, frame: Frame, shift: int) -> list[Bits]:
        """Each instance's coordinates, moved up by ``shift``."""
        ranks = [
            list(zip(frame.extents[rank], self.layouts[rank].offsets, strict=True)) for rank, _ in dimension
        ]
        return [_coordinates(dimension, parts, shift) for parts in product(*ranks)]

    def _numbers(self, dimension: Dimension, group: str) -> list[tuple[int, ...]]:
        return list(product(*(getattr(self.layouts[rank], group) for rank, _ in dimension)))


@dataclass(frozen=True, slots=True)
class _Dimension:
    whole: Counts
    kept: Counts


def _working(extents: Extents, layout: Layout) -> Counts:
    """Instances with work, and their groups."""
    at_work = [number for number, extent in enumerate(extents) if extent]
    return Counts(
        len(at_work),
        len({layout.readers[number] for number in at_work}),
        len({layout.holders[number] for number in at_work}),
    )


def _start(dimension: Dimension, frame: Frame) -> int:
    """The first coordinate of the first instance."""
    return sum(step * frame.starts[rank] for rank, step in dimension)


def _coordinates(dimension: Dimension, parts: tuple[tuple[int, int], ...], shift: int) -> Bits:
    """The set of sums of one instance; none where it has no work."""
    if any(extent == 0 for extent, _ in parts):
        return 0
    found = 1 << (shift + sum(step * offset for (_, step), (_, offset) in zip(dimension, parts, strict=True)))
    for (_, step), (extent, _) in zip(dimension, parts, strict=True):
        found = _repeated(found, step, extent)
    return found


def _repeated(bits: Bits, step: int, times: int) -> Bits:
    """The union of ``bits`` moved by 0, ``step``, ... ``(times - 1) * step``."""
    done = 1
    while done < times:
        more = min(done, times - done)
        bits |= bits << (more * step)
        done += more
    return bits


def _unions(now: list[Bits], then: list[Bits], numbers: list[tuple[int, ...]]) -> tuple[int, int]:
    """Coordinates that groups of instances want, and those of them that no instance of the group lacks."""
    wanted: dict[tuple[int, ...], Bits] = {}
    lacking: dict[tuple[int, ...], Bits] = {}
    for one, other, number in zip(now, then, numbers, strict=True):
        wanted[number] = wanted.get(number, 0) | one
        lacking[number] = lacking.get(number, 0) | (one & ~other)
    whole = sum(each.bit_count() for each in wanted.values())
    return whole, whole - sum(each.bit_count() for each in lacking.values())
