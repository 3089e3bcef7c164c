"""Matrices in the (max, +) algebra: how later times depend on earlier ones.

``matrix[i][j]`` is the least time from event j before to event i after; minus infinity: no dependence. Finite
entries stay Python ints, so results are exact at any size.
"""

from __future__ import annotations

from operator import add
from typing import TypeAlias

_NEVER = float("-inf")

Time: TypeAlias = int | float
"""A whole number, or minus infinity."""
State: TypeAlias = list[Time]
Matrix: TypeAlias = list[State]


def identity(size: int) -> Matrix:
    """Every event stays when it was."""
    return [[0 if row == column else _NEVER for column in range(size)] for row in range(size)]


def product(later: Matrix, earlier: Matrix) -> Matrix:
    """What ``earlier`` and then ``later`` do."""
    columns = list(zip(*earlier, strict=True))
    return [[max(map(add, row, column)) for column in columns] for row in later]


def power(matrix: Matrix, exponent: int) -> Matrix:
    """What ``exponent`` times the same does, by repeated squaring."""
    result = identity(len(matrix))
    while exponent:
        if exponent & 1:
            result = product(result, matrix)
        exponent >>= 1
        if exponent:
            matrix = product(matrix, matrix)
    return result


def apply(matrix: Matrix, state: State) -> State:
    """The times after, from the times before."""
    return [max(map(add, row, state)) for row in matrix]
