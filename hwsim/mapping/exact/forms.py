"""Energy and port times of a skeleton as sums over terms, each a product of one number a rank."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite, prod
from typing import Literal

from hwsim.mapping.exact.space import Skeleton, Space
from hwsim.mapping.loopnest.machine import Memory, Port
from hwsim.mapping.loopnest.nodes import Storage
from hwsim.mapping.loopnest.problem import Tensor

Kind = Literal["visits", "places", "steps", "tile"]


@dataclass(frozen=True, slots=True)
class Term:
    """A product over ranks, but for those in ``but``.

    ``visits``: tiles that the loops above ``event`` make, one for all places of the arrays ``together``;
    ``at_end``: the tiles are single elements, taken by the compute units; ``places``: places of the arrays
    above ``event``; ``steps``: of the compute units; ``tile``: elements of the tile at ``event``.
    """

    kind: Kind
    event: int
    but: frozenset[str] = frozenset()
    together: frozenset[str] = frozenset()
    at_end: bool = False


@dataclass(frozen=True)
class Forms:
    """Weights of every term: joules, and seconds at every port that may limit; ``constant`` joules on top.

    ``times`` has a part for each Einsum: each takes as long as its busiest port, one after the other.
    """

    terms: tuple[Term, ...]
    energy: tuple[float, ...]
    times: tuple[tuple[tuple[float, ...], ...], ...]
    constant: float


@dataclass(frozen=True, slots=True)
class _Boundary:
    """A tensor's storage (None: the compute units) at ``event`` below one at ``above`` (-1: the root)."""

    tensor: Tensor
    outer: Memory
    above: int
    inner: Memory | None
    event: int


@dataclass(frozen=True, slots=True)
class _Share:
    """So many elements for each unit of a term, read or written by a memory, of so many bits."""

    term: Term
    memory: Memory
    kind: Literal["read", "write"]
    bits: float


def forms_of(space: Space, skeleton: Skeleton) -> Forms:
    """The forms of a skeleton."""
    shares = [
        share for boundary in _boundaries(space, skeleton) for share in _shares(space, skeleton, boundary)
    ]
    walked = Term("steps", len(skeleton), frozenset(), _arrays(skeleton))
    terms = tuple(dict.fromkeys([*(share.term for share in shares), walked]))
    compute = space.machine.compute
    limits = [_weights(terms, each) for each in _ports(space, shares)]
    step = tuple(1 / compute.macs_per_second if term == walked else 0.0 for term in terms)
    energies = [(share.term, share.bits * _port(share).energy_per_bit) for share in shares]
    return Forms(
        terms,
        _weights(terms, energies),
        ((*(each for each in limits if any(each)), step),),
        space.problem.macs * compute.energy,
    )


def _port(share: _Share) -> Port:
    return share.memory.read if share.kind == "read" else share.memory.write


def _weights(terms: tuple[Term, ...], parts: list[tuple[Term, float]]) -> tuple[float, ...]:
    found = dict.fromkeys(terms, 0.0)
    for term, weight in parts:
        found[term] += weight
    return tuple(found.values())


def _ports(space: Space, shares: list[_Share]) -> Iterator[list[tuple[Term, float]]]:
    """Seconds of each port by term."""
    for memory in space.machine.memories:
        own = [share for share in shares if share.memory is memory and isfinite(_port(share).bits_per_second)]
        seconds = [(share, share.bits / (_port(share).bits_per_second * memory.instances)) for share in own]
        for kinds in (("read", "write"),) if memory.shared_port else (("read",), ("write",)):
            yield [(share.term, time) for share, time in seconds if share.kind in kinds]


def _arrays(skeleton: Skeleton) -> frozenset[str]:
    return frozenset(each.array.name for node in skeleton if isinstance(node, tuple) for each in node)


def _boundaries(space: Space, skeleton: Skeleton) -> Iterator[_Boundary]:
    for tensor in space.problem.tensors:
        outer, above = space.machine.memory(space.root), -1
        for event, node in enumerate(skeleton):
            if isinstance(node, Storage) and node.tensor == tensor.name:
                inner = space.machine.memory(node.memory)
                if above >= 0 or tensor.name not in space.on_chip:
                    yield _Boundary(tensor, outer, above, inner, event)
                outer, above = inner, event
        yield _Boundary(tensor, outer, above, None, len(skeleton))


def _shares(space: Space, skeleton: Skeleton, boundary: _Boundary) -> Iterator[_Share]:
    """What ``loopnest.actions`` counts, for a storage that takes its tile at each visit."""
    tensor, outer, inner = boundary.tensor, boundary.outer, boundary.inner
    elements = prod(space.problem.sizes[rank] for rank in tensor.ranks)
    bits = elements * space.element_bits(outer.name, tensor.name)
    read = _visits(skeleton, boundary, only_shared=True)
    filled = Term("visits", boundary.event, tensor.ranks)
    inner_bits = elements * space.element_bits(inner.name, tensor.name) if inner else 0
    if not tensor.is_output:
        yield _Share(read, outer, "read", bits)
        if inner:
            yield _Share(filled, inner, "write", inner_bits)
        return
    new = Term("places", boundary.above, tensor.ranks)
    yield _Share(read, outer, "read", bits)
    if not outer.reads_zeros:
        yield _Share(new, outer, "read", -bits)
    yield _Share(read, outer, "write", bits)
    if inner:
        yield _Share(_visits(skeleton, boundary, only_shared=False), inner, "write", inner_bits)
        yield _Share(new, inner, "write", -inner_bits)
        yield _Share(filled, inner, "read", inner_bits)


def _visits(skeleton: Skeleton, boundary: _Boundary, only_shared: bool) -> Term:
    """Visits with the places between both memories taken together, or those of shared arrays only."""
    between = (
        each.array
        for node in skeleton[boundary.above + 1 : boundary.event]
        if isinstance(node, tuple)
        for each in node
    )
    together = frozenset(array.name for array in between if array.shared or not only_shared)
    at_end = boundary.inner is None
    return Term("visits", boundary.event, boundary.tensor.ranks, together, at_end)
