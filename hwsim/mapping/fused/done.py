"""What an array does for one Einsum of one attention: its operations, and how often each.

A division by a value that serves many points (a row's sum) is a reciprocal of each value and a product at
each point where that takes fewer cycles, as in the softmax of an unfused run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hwsim.einsum.cascade import Cascade
from hwsim.einsum.statement import Einsum
from hwsim.einsum.terms import Access, Binary
from hwsim.mapping.fused.machine import Processor
from hwsim.mapping.fused.operations import elements, operations, points
from hwsim.mapping.fused.shape import Sizes

DIVIDE, MULTIPLY, RECIPROCAL = "divide", "multiply", "reciprocal"
UNARY = frozenset({"exp", RECIPROCAL})


@dataclass(frozen=True, slots=True)
class Done:
    """``count`` times an operation, in one attention."""

    operation: str
    count: float

    @property
    def operands(self) -> int:
        """Values that one of them takes."""
        return 1 if self.operation in UNARY else 2


def done(processor: Processor, cascade: Cascade, einsum: Einsum, sizes: Sizes) -> tuple[Done, ...]:
    """All operations of ``einsum`` on ``processor``, in order."""
    return tuple(_done(processor, cascade, einsum, sizes))


def lacking_operation(processor: Processor, cascade: Cascade, einsum: Einsum) -> Iterator[str]:
    """The operations of ``einsum`` that ``processor`` can do in no way."""
    for operation in operations(einsum):
        instead = operation == DIVIDE and _divisor(cascade, einsum) and _can_multiply(processor)
        if not processor.can(operation) and not instead:
            yield operation


def _done(processor: Processor, cascade: Cascade, einsum: Einsum, sizes: Sizes) -> Iterator[Done]:
    count = float(points(cascade, einsum, sizes))
    divisor = _divisor(cascade, einsum)
    for operation in operations(einsum):
        if operation == DIVIDE and divisor and _can_multiply(processor):
            few = float(elements(cascade, divisor, sizes))
            if _cycles(processor, count, few) < _division(processor, count):
                yield Done(RECIPROCAL, few)
                yield Done(MULTIPLY, count)
                continue
        yield Done(operation, count)


def _divisor(cascade: Cascade, einsum: Einsum) -> str | None:
    """The tensor an Einsum divides by at last, if it has fewer ranks than the Einsum."""
    match einsum.expression:
        case Binary("/", _, Access(tensor)):
            indices = {*einsum.left_indices, *einsum.right_indices}
            return tensor if len(cascade.tensor_ranks[tensor]) < len(indices) else None
        case _:
            return None


def _can_multiply(processor: Processor) -> bool:
    return processor.can(RECIPROCAL) and processor.can(MULTIPLY)


def _cycles(processor: Processor, count: float, few: float) -> float:
    return few * processor.cycles_of(RECIPROCAL) + count * processor.cycles_of(MULTIPLY)


def _division(processor: Processor, count: float) -> float:
    return count * processor.cycles_of(DIVIDE) if processor.can(DIVIDE) else float("inf")
