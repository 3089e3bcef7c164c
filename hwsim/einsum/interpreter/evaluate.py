"""The value of one Einsum at all points of its iteration space."""

from __future__ import annotations

import operator
from collections.abc import Callable

import numpy as np

from hwsim.einsum.interpreter.combine import combine, contract, product_factors
from hwsim.einsum.interpreter.operators import ELEMENT_FUNCTIONS, Array
from hwsim.einsum.interpreter.point import Point
from hwsim.einsum.sizes import rank_size
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
from hwsim.spec.errors import InputError

_ARITHMETIC: dict[str, Callable[[Array, Array], Array]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


def evaluate(point: Point) -> Array:
    """What the Einsum writes, one axis for each index of the output that runs."""
    factors = product_factors(point.einsum)
    if factors:
        return contract(point, [_read(point, factor) for factor in factors])
    return combine(point, np.broadcast_to(_value(point, point.einsum.expression), point.shape))


def _value(point: Point, expression: Expression) -> Array:
    match expression:
        case Negative(operand):
            return np.negative(_value(point, operand))
        case Binary(sign, left, right):
            return _ARITHMETIC[sign](_value(point, left), _value(point, right))
        case Call(function, arguments):
            return ELEMENT_FUNCTIONS[function](*(_value(point, argument) for argument in arguments))
        case leaf:
            return _leaf_value(point, leaf)


def _leaf_value(point: Point, leaf: Leaf) -> Array:
    match leaf:
        case Access():
            return _read(point, leaf)
        case Number(value):
            return np.asarray(value)
        case Size(rank):
            return np.asarray(rank_size(point.store.cascade, point.store.sizes, rank))
        case IndexValue(index):
            return point.coordinates(index)


def _read(point: Point, access: Access) -> Array:
    coords = [_coordinate(point, access, number) for number in range(len(access.coords))]
    return point.store.read(access.tensor, coords)


def _coordinate(point: Point, access: Access, number: int) -> Array:
    coord: Coord = access.coords[number]
    match coord:
        case Index(index):
            return point.coordinates(index)
        case Shifted(index, offset):
            return point.coordinates(index) + offset
        case Window(index, tap):
            return point.coordinates(index) + point.coordinates(tap)
        case Fixed(value):
            return np.asarray(value)
        case Last():
            return np.asarray(point.store.last(access.tensor, number))
        case Gather(pointer):
            return _gathered(point, access, number, _read(point, pointer))


def _gathered(point: Point, access: Access, number: int, values: Array) -> Array:
    """Data as coordinates.

    Raises:
        InputError: not whole, or outside the tensor.
    """
    first, end = point.store.bounds(access.tensor, number)
    wrong = (values != np.floor(values)) | (values < first) | (values >= end)
    if np.any(wrong):
        shown = np.asarray(values)[np.asarray(wrong)].flat[0]
        message = f"data-dependent coordinate {shown} of {access.tensor} is not among {first} to {end - 1}"
        raise InputError(f"{message}, in '{point.einsum}'")
    return values.astype(np.int64)
