"""Energy and port times of a skeleton as sums over terms, each a product of one number a rank."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite, prod
from typing import Literal

from hwsim.mapping.exact.skeleton import Skeleton, Sliding, stays_from
from hwsim.mapping.exact.space import Space
from hwsim.mapping.exact.windows import Window
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

    ``windows``: of their ranks together, all elements that the visits bring (of ``tile``: of the tile);
    ``slide``: the rank whose loop right above finds what the step before left. ``held_from``: no temporal
    loop after that event makes a visit.
    """

    kind: Kind
    event: int
    but: frozenset[str] = frozenset()
    together: frozenset[str] = frozenset()
    at_end: bool = False
    windows: tuple[Window, ...] = ()
    slide: str = ""
    held_from: int | None = None


def tile_term(space: Space, event: int, tensor: str) -> Term:
    """Elements of the tile of ``tensor`` at ``event``."""
    stored = space.problem.tensor(tensor)
    windows = tuple(each for each in space.windows if each.ranks[0] in stored.windowed)
    return Term("tile", event, frozenset(space.problem.sizes) - stored.ranks, windows=windows)


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
    plain = tensor.ranks - tensor.windowed if inner else tensor.ranks
    elements = prod(space.problem.sizes[rank] for rank in plain)
    bits = elements * space.element_bits(outer.name, tensor.name)
    read, joint, filled = (
        _visits(space, skeleton, boundary, together)
        for together in (
            _between(skeleton, boundary, only_shared=True),
            _between(skeleton, boundary, only_shared=False),
            frozenset[str](),
        )
    )
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
        yield _Share(joint, inner, "write", inner_bits)
        yield _Share(new, inner, "write", -inner_bits)
        yield _Share(filled, inner, "read", inner_bits)


def _between(skeleton: Skeleton, boundary: _Boundary, only_shared: bool) -> frozenset[str]:
    """The arrays between both memories, or the shared ones only."""
    between = (
        each.array
        for node in skeleton[boundary.above + 1 : boundary.event]
        if isinstance(node, tuple)
        for each in node
    )
    return frozenset(array.name for array in between if array.shared or not only_shared)


def _visits(space: Space, skeleton: Skeleton, boundary: _Boundary, together: frozenset[str]) -> Term:
    """Visits, with the places of some arrays taken together."""
    ranks, inside = boundary.tensor.ranks, boundary.inner is not None
    if not inside:
        return Term("visits", boundary.event, ranks, together, at_end=True)
    node = skeleton[boundary.event]
    return Term(
        "visits",
        boundary.event,
        ranks,
        together,
        windows=tuple(each for each in space.windows if each.ranks[0] in boundary.tensor.windowed),
        slide=node.along if isinstance(node, Sliding) else "",
        held_from=stays_from(skeleton, boundary.event),
    )
