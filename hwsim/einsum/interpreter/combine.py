"""From values at every point of an iteration space to the elements of the output."""

from __future__ import annotations

from typing import Any

import numpy as np

from hwsim.einsum.interpreter.operators import FIBER_REDUCERS, Array, fiber_map
from hwsim.einsum.interpreter.point import Point
from hwsim.einsum.statement import Einsum, Head
from hwsim.einsum.terms import Access, Binary
from hwsim.spec.errors import InputError


def combine(point: Point, values: Array) -> Array:
    """Sum the indices that neither the output nor the head has, then apply the head.

    Raises:
        InputError: an operator without a known meaning.
    """
    head = point.einsum.head
    listed = head.indices if head else ()
    summed = tuple(point.axes[index] for index in point.einsum.reduced if index not in listed)
    values = np.sum(values, axis=summed, keepdims=True) if summed else values
    values = _headed(point, values, head) if head else values
    return values.reshape(values.shape[: point.kept])


def product_factors(einsum: Einsum) -> list[Access] | None:
    """The factors of a plain sum of products of accesses; None for every other Einsum."""
    if not einsum.reduced or einsum.populated or (einsum.head and einsum.head.operator != "sum"):
        return None
    pending, factors = [einsum.expression], []
    while pending:
        match pending.pop():
            case Access() as access:
                factors.append(access)
            case Binary("*", left, right):
                pending.extend((right, left))
            case _:
                return None
    return factors


def contract(point: Point, factors: list[Array]) -> Array:
    """The sum of products without the whole iteration space in memory."""
    operands: list[Any] = []
    used: set[int] = set()
    for factor in factors:
        aligned = factor.reshape((1,) * (len(point.axes) - factor.ndim) + factor.shape)
        present = [axis for axis, extent in enumerate(aligned.shape) if extent > 1]
        operands += [aligned.reshape([aligned.shape[axis] for axis in present]), present]
        used.update(present)
    kept = range(point.kept)
    summed = np.einsum(*operands, [axis for axis in kept if axis in used], optimize=True)
    shape = [point.shape[axis] if axis in used else 1 for axis in kept]
    return np.broadcast_to(np.asarray(summed).reshape(shape), point.shape[: point.kept])


def _headed(point: Point, values: Array, head: Head) -> Array:
    """Apply the operator of ``head`` along its indices as one fiber; a reduced index keeps an axis of 1."""
    axes = [point.axes[index] for index in head.indices]
    ends = list(range(-len(axes), 0))
    moved = np.moveaxis(values, axes, ends)
    outer, fiber = moved.shape[: -len(axes)], moved.shape[-len(axes) :]
    flat = moved.reshape(*outer, -1)
    if head.operator in FIBER_REDUCERS:
        left = point.einsum.left_indices
        spread = [size if index in left else 1 for index, size in zip(head.indices, fiber, strict=True)]
        reduced = np.asarray(FIBER_REDUCERS[head.operator](flat, axis=-1))
        combined = np.broadcast_to(reduced.reshape(*outer, *[1] * len(axes)), (*outer, *spread))
    else:
        along = fiber_map(head.operator)
        if along is None or set(head.indices) - set(point.einsum.left_indices):
            raise _no_meaning(point, head)
        combined = along(flat).reshape(moved.shape)
    return np.moveaxis(combined, ends, axes)


def _no_meaning(point: Point, head: Head) -> InputError:
    hint = "write top2(...) for the two largest, and so on" if head.operator == "topk" else None
    message = f"operator {head.operator!r} cannot be run, in '{point.einsum}'"
    return point.einsum.place.error(message, head.column, hint)
