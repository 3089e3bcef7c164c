"""What one point of an Einsum's iteration space costs, read off its expression."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

from hwsim.einsum.cascade import Cascade
from hwsim.einsum.statement import Einsum
from hwsim.einsum.terms import Binary, Call, Expression, Negative, Number
from hwsim.mapping.fused.shape import Sizes

BINARY = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide"}
REDUCTIONS = {"sum": "add", "prod": "multiply", "mean": "add"}
"""Operations of the reductions that are not called after them."""

MASK = "where"
MASKING = "add"
"""A mask by positions is one addition a score, as in the vector work of an unfused softmax."""


def operations(einsum: Einsum) -> tuple[str, ...]:
    """The operations of one point, in order; a product that is summed is one ``mac``."""
    mapped = list(_mapped(einsum.expression))
    reduction = einsum.head.operator if einsum.head else "sum" if einsum.reduced else None
    if reduction == "sum" and mapped[-1:] == ["multiply"]:
        return (*mapped[:-1], "mac")
    if reduction:
        mapped.append(REDUCTIONS.get(reduction, reduction))
    return tuple(mapped)


def points(cascade: Cascade, einsum: Einsum, sizes: Sizes) -> int | Fraction:
    """The points of an Einsum's iteration space."""
    indices = dict.fromkeys((*einsum.left_indices, *einsum.right_indices))
    return math.prod(sizes[cascade.rank_of(index)] for index in indices)


def elements(cascade: Cascade, tensor: str, sizes: Sizes) -> int | Fraction:
    """The elements of a tensor."""
    return math.prod(sizes[rank] for rank in cascade.tensor_ranks[tensor])


def bodies(cascade: Cascade) -> dict[str, Einsum]:
    """Every Einsum that is no initialisation, by the tensor it produces."""
    return {tensor: cascade.einsums[position] for tensor, position in cascade.producers.items()}


def _mapped(expression: Expression) -> Iterator[str]:
    """The element operations of an expression, operands first."""
    match expression:
        case Binary(operator, left, right):
            yield from _mapped(left)
            yield from _mapped(right)
            yield BINARY[operator]
        case Call(function, (_, *values)) if function == MASK:
            for value in values:
                yield from _mapped(value)
            yield MASKING
        case Call(function, arguments):
            for argument in arguments:
                yield from _mapped(argument)
            yield function
        case Negative(Number()):
            return
        case Negative(operand):
            yield from _mapped(operand)
            yield "subtract"
