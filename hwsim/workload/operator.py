"""Operators: extended Einsums over tensors, and vector work counted function by function."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Coordinate:
    """One coordinate of an access: an affine sum ``coefficient * rank + ... + offset``."""

    terms: tuple[tuple[str, int], ...]
    offset: int = 0

    @property
    def ranks(self) -> tuple[str, ...]:
        """The ranks in the sum."""
        return tuple(rank for rank, _ in self.terms)


@dataclass(frozen=True, slots=True)
class Access:
    """A tensor and the coordinates at which an operator touches it.

    No coordinates means that the whole tensor is touched (data movement, vector work).
    """

    tensor: str
    coordinates: tuple[Coordinate, ...] = ()

    @property
    def ranks(self) -> frozenset[str]:
        """Every rank that moves the access."""
        return frozenset([rank for coordinate in self.coordinates for rank, _ in coordinate.terms])


@dataclass(frozen=True, slots=True)
class Operator:
    """One node of a workload.

    ``ranks`` (name, size) span the iteration space of a contraction; it is empty for vector work. The first
    two ``inputs`` of a contraction are its operands (roles ``input`` and ``weight``), a third is a bias.
    ``macs`` counts the multiply-accumulates that matter: for a masked contraction fewer than the iteration
    space has points. ``functions`` counts scalar vector functions (``exp``, ``add`` ...) over the whole
    operator. ``fiber`` is, for a reduction such as softmax, how many elements one reduced fiber has, and
    ``passes`` how often the fiber is walked; an element-wise operator has ``fiber`` 1 and one pass.
    ``touched`` overrides how much of a tensor is read by a gather or slice, or written by an append to a
    state: (tensor, fraction of its elements). An operator that reads a state it writes updates it in place.
    """

    name: str
    kind: str
    inputs: tuple[Access, ...]
    outputs: tuple[Access, ...]
    ranks: tuple[tuple[str, int], ...] = ()
    macs: int = 0
    functions: tuple[tuple[str, int], ...] = ()
    fiber: int = 1
    passes: int = 1
    touched: tuple[tuple[str, float], ...] = ()

    @property
    def is_contraction(self) -> bool:
        """Whether the operator multiplies and accumulates over an iteration space."""
        return bool(self.ranks)

    @property
    def points(self) -> int:
        """Points of the iteration space; 0 for vector work."""
        return math.prod(size for _, size in self.ranks) if self.ranks else 0

    @property
    def is_elementwise(self) -> bool:
        """Whether each output element needs only the input elements at its own coordinate."""
        return not self.is_contraction and self.fiber == 1 and bool(self.functions)

    def size(self, rank: str) -> int:
        """The size of ``rank``."""
        return dict(self.ranks)[rank]


def access(tensor: str, *coordinates: str | Coordinate) -> Access:
    """An access written compactly: ``access("A", "M", "K")``."""
    return Access(tensor, tuple(_coordinate(part) for part in coordinates))


def window(outer: str, stride: int, inner: str, dilation: int = 1, padding: int = 0) -> Coordinate:
    """The coordinate ``stride * outer + dilation * inner - padding`` of a sliding window."""
    return Coordinate(((outer, stride), (inner, dilation)), -padding)


def _coordinate(part: str | Coordinate) -> Coordinate:
    return Coordinate(((part, 1),)) if isinstance(part, str) else part
