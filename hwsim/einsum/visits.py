"""Who visits which tensor along which ranks, and which tensor keeps the coordinates of which."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hwsim.einsum.cascade import Cascade
from hwsim.einsum.terms import Access, Streaming


@dataclass(frozen=True, slots=True)
class Visit:
    """The Einsum at ``position`` moves over ``tensor`` along each of ``ranks``."""

    position: int
    tensor: str
    ranks: frozenset[str]


@dataclass(frozen=True, slots=True)
class Inheritance:
    """``heir`` is computed from ``tensor`` with the coordinates in ``ranks`` kept."""

    tensor: str
    heir: str
    ranks: frozenset[str]


def visits(cascade: Cascade) -> Iterator[Visit]:
    """Every visit: of the tensor an Einsum produces (not of one it initialises) and of those it reads."""
    for position, einsum in enumerate(cascade.einsums):
        if not einsum.is_initialisation:
            tensor = einsum.output.tensor
            yield Visit(position, tensor, frozenset(cascade.tensor_ranks[tensor]))
        for access in einsum.reads:
            yield Visit(position, access.tensor, cascade.visited_ranks(access))


def inheritances(cascade: Cascade) -> Iterator[Inheritance]:
    """Every two tensors of which the second is computed from the first by one Einsum, and what it keeps."""
    for einsum in cascade.einsums:
        for access in einsum.reads:
            kept = _indexed(cascade, access) & _indexed(cascade, einsum.output)
            yield Inheritance(access.tensor, einsum.output.tensor, frozenset(rank for rank, _ in kept))


def _indexed(cascade: Cascade, access: Access) -> set[tuple[str, str]]:
    """The ranks of an access that stream, each with its index."""
    pairs = zip(cascade.tensor_ranks[access.tensor], access.coords, strict=True)
    return {(rank, coord.index) for rank, coord in pairs if isinstance(coord, Streaming)}
