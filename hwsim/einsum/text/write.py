"""From objects back to text: the shortest text that parses to the same Einsum."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hwsim.einsum.functions import COORDINATE, SIZE
from hwsim.einsum.terms import (
    Access,
    Binary,
    Call,
    Coord,
    Expression,
    Fixed,
    Gather,
    Index,
    IndexValue,
    Last,
    Leaf,
    Negative,
    Number,
    Shifted,
    Size,
    Window,
)

if TYPE_CHECKING:
    from hwsim.einsum.statement import Einsum

_SUM, _PRODUCT, _ATOM = 1, 2, 3
_STRENGTH = {"+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT}


def einsum_text(einsum: Einsum) -> str:
    """The Einsum as one line."""
    head = f"{einsum.head.operator}({','.join(einsum.head.indices)}): " if einsum.head else ""
    return f"{access_text(einsum.output)} = {head}{expression_text(einsum.expression)}"


def access_text(access: Access) -> str:
    """``T[i,j+1]``, or ``T`` alone for a tensor without ranks."""
    coords = ",".join(map(coord_text, access.coords))
    return f"{access.tensor}[{coords}]" if coords else access.tensor


def coord_text(coord: Coord) -> str:
    """One coordinate."""
    match coord:
        case Index(index):
            return index
        case Shifted(index, offset):
            return f"{index}{offset:+d}"
        case Window(index, tap):
            return f"{index}+{tap}"
        case Fixed(value):
            return str(value)
        case Last(rank):
            return rank
        case Gather(access):
            return f"@{access_text(access)}"


def expression_text(expression: Expression) -> str:
    """An expression, with the parentheses it needs and no others."""
    match expression:
        case Negative(operand):
            return f"-{_bracketed(operand, _ATOM)}"
        case Call(function, arguments):
            return f"{function}({', '.join(map(expression_text, arguments))})"
        case Binary(operator, left, right):
            strength = _STRENGTH[operator]
            return f"{_bracketed(left, strength)} {operator} {_bracketed(right, strength + 1)}"
        case leaf:
            return _leaf_text(leaf)


def number_text(value: float) -> str:
    """A number as short as it can be read back exactly."""
    if math.isinf(value):
        return "inf"
    return str(int(value)) if value.is_integer() and value < 1e15 else repr(value)


def _leaf_text(leaf: Leaf) -> str:
    match leaf:
        case Access():
            return access_text(leaf)
        case Number(value):
            return number_text(value)
        case Size(rank):
            return f"{SIZE}({rank})"
        case IndexValue(index):
            return f"{COORDINATE}({index})"


def _bracketed(expression: Expression, least: int) -> str:
    """The text of an operand, in parentheses where it binds less strongly than ``least``."""
    text = expression_text(expression)
    strength = _STRENGTH[expression.operator] if isinstance(expression, Binary) else _ATOM
    return f"({text})" if strength < least else text
