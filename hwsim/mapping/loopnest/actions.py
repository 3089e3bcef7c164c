"""Reads and writes of every memory, by tensor and by the neighbour they serve."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from hwsim.mapping.loopnest.nodes import Nest, Refill, Storage
from hwsim.mapping.loopnest.problem import Problem, Tensor
from hwsim.mapping.loopnest.reuse import Arrivals, arrivals

Side = Literal["above", "below"]
"""Whether a memory talks to the memory above it or to what lies below."""


@dataclass(frozen=True, slots=True)
class Action:
    """Elements of a tensor that a memory (all its instances) reads or writes.

    ``final``: elements of a finished result, which may be narrower than a sum. ``zeros``: reads of sums that
    start from nothing, which only some memories do.
    """

    memory: str
    tensor: str
    kind: Literal["read", "write"]
    side: Side
    count: int
    final: bool = True
    zeros: bool = False


@dataclass(frozen=True, slots=True)
class Boundary:
    """Two neighbours on a tensor's way and what passes; ``inner`` is None where that is the compute units."""

    tensor: Tensor
    outer: str
    inner: str | None
    arrivals: Arrivals

    @property
    def accumulates(self) -> bool:
        """Whether sums come back to ``outer`` before they are done."""
        return self.tensor.is_output and self.arrivals.read > self.arrivals.new


def boundaries(problem: Problem, nest: Nest, latched: Mapping[str, Refill] | None = None) -> list[Boundary]:
    """Every boundary of every tensor, from the outside in.

    ``latched`` says when the compute units read a tensor: at every multiplication (``each_visit``), or only
    where the element is another than before (``on_change``).
    """
    found: list[Boundary] = []
    for tensor in problem.tensors:
        places = [at for at, node in enumerate(nest) if _stores(node, tensor)]
        for above, place in zip(places, [*places[1:], len(nest)], strict=True):
            inner = nest[place] if place < len(nest) else None
            refill = (
                inner.refill if isinstance(inner, Storage) else (latched or {}).get(tensor.name, "each_visit")
            )
            came = arrivals(problem, nest, tensor, above, place, refill)
            outer = nest[above]
            assert isinstance(outer, Storage)
            name = inner.memory if isinstance(inner, Storage) else None
            found.append(Boundary(tensor, outer.memory, name, came))
    return found


def _stores(node: object, tensor: Tensor) -> bool:
    return isinstance(node, Storage) and node.tensor == tensor.name


def actions(found: list[Boundary]) -> list[Action]:
    """What the memories do for all of ``found``."""
    inner_of = {(each.tensor.name, each.outer): each for each in found}
    return [action for each in found for action in _of_boundary(each, inner_of)]


def _of_boundary(boundary: Boundary, below: Mapping[tuple[str, str], Boundary]) -> Iterator[Action]:
    came, name, outer, inner = boundary.arrivals, boundary.tensor.name, boundary.outer, boundary.inner
    if not boundary.tensor.is_output:
        yield Action(outer, name, "read", "below", came.read)
        if inner:
            yield Action(inner, name, "write", "above", came.filled)
        return
    again = came.read - came.new
    yield Action(outer, name, "read", "below", again, final=False)
    yield Action(outer, name, "read", "below", came.new, final=False, zeros=True)
    yield Action(outer, name, "write", "below", came.new)
    yield Action(outer, name, "write", "below", again, final=False)
    if inner:
        finished = not below[name, inner].accumulates
        yield Action(inner, name, "write", "above", came.joint - came.new, final=False)
        yield Action(inner, name, "read", "above", came.filled, final=finished)
