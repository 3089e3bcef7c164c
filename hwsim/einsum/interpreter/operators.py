"""What the functions and operators of Einsums compute, in numpy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from hwsim.einsum.functions import top_count

Array = npt.NDArray[Any]


def silu(x: Array) -> Array:
    """``x * sigmoid(x)``."""
    return x * sigmoid(x)


def sigmoid(x: Array) -> Array:
    """``1 / (1 + exp(-x))``, without overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * np.asarray(x))))


def chosen(condition: Array, x: Array, y: Array) -> Array:
    """``x`` where the condition is not 0, else ``y``."""
    return np.asarray(np.where(np.not_equal(condition, 0), x, y))


def softplus(x: Array) -> Array:
    """``log(1 + exp(x))``, without overflow."""
    return np.asarray(np.logaddexp(0.0, x))


ELEMENT_FUNCTIONS: dict[str, Callable[..., Array]] = {
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "rsqrt": lambda x: 1.0 / np.sqrt(x),
    "square": np.square,
    "abs": np.abs,
    "round": np.rint,
    "max": np.maximum,
    "min": np.minimum,
    "relu": lambda x: np.maximum(x, 0),
    "silu": silu,
    "sigmoid": sigmoid,
    "tanh": np.tanh,
    "softplus": softplus,
    "lt": lambda x, y: np.less(x, y).astype(np.int64),
    "le": lambda x, y: np.less_equal(x, y).astype(np.int64),
    "eq": lambda x, y: np.equal(x, y).astype(np.int64),
    "where": chosen,
}
"""Element functions; ``round`` goes to the even neighbour from halfway."""

FIBER_REDUCERS: dict[str, Callable[..., Array]] = {
    "sum": np.sum,
    "prod": np.prod,
    "max": np.max,
    "min": np.min,
    "mean": np.mean,
    "any": np.any,
    "all": np.all,
    "argmax": np.argmax,
    "argmin": np.argmin,
}
"""Operators that take the last axis away; ``argmax`` and ``argmin`` give the first of equals."""

FIBER_MAPS: dict[str, Callable[..., Array]] = {
    "sort": np.sort,
    "argsort": lambda fiber, axis: np.argsort(fiber, axis=axis, kind="stable"),
    "cumsum": np.cumsum,
    "cumprod": np.cumprod,
    "cummax": np.maximum.accumulate,
    "cummin": np.minimum.accumulate,
}
"""Operators that keep the last axis."""


def fiber_map(operator: str) -> Callable[[Array], Array] | None:
    """The operator from a fiber to a fiber of that name, ``top2`` and the like included; None if unknown."""
    count = top_count(operator)
    if count is not None:
        return lambda fiber: keep_largest(fiber, count)
    known = FIBER_MAPS.get(operator)
    return None if known is None else lambda fiber: known(fiber, axis=-1)


def keep_largest(fiber: Array, count: int) -> Array:
    """The ``count`` largest elements along the last axis in place, 0 elsewhere; the first of equals stay."""
    ranked = np.argsort(-fiber, axis=-1, kind="stable")[..., :count]
    kept = np.zeros_like(fiber)
    np.put_along_axis(kept, ranked, np.take_along_axis(fiber, ranked, axis=-1), axis=-1)
    return kept
