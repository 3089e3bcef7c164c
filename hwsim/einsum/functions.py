"""The functions an Einsum may apply to elements, and the operators it may apply to fibers, by name."""

from __future__ import annotations

import difflib
import re

MAP_FUNCTIONS: dict[str, int] = {
    "exp": 1,
    "log": 1,
    "sqrt": 1,
    "rsqrt": 1,
    "square": 1,
    "abs": 1,
    "round": 1,
    "max": 2,
    "min": 2,
    "relu": 1,
    "silu": 1,
    "sigmoid": 1,
    "tanh": 1,
    "softplus": 1,
    "lt": 2,
    "le": 2,
    "eq": 2,
    "where": 3,
}
"""Element functions and how many arguments they take; ``lt``, ``le``, ``eq`` give 1 or 0 for ``where``."""

SIZE = "size"
"""``size(K)``: how many coordinates rank (or family) K has."""

COORDINATE = "coord"
"""``coord(k)``: the value of index k, which must also stand in a coordinate."""

REDUCERS = frozenset(("sum", "prod", "max", "min", "mean", "any", "all", "argmax", "argmin"))
"""Operators from a fiber to one value."""

POPULATORS = frozenset(("topk", "sort", "argsort", "cumsum", "cumprod", "cummax", "cummin"))
"""Operators from a fiber to a fiber."""

_TOP = re.compile(r"top([1-9][0-9]*)")
_TYPO_LIKENESS = 0.8


def top_count(operator: str) -> int | None:
    """How many elements ``top2`` and the like keep; None for every other operator."""
    match = _TOP.fullmatch(operator)
    return int(match[1]) if match else None


def misspelt_operator(operator: str) -> str | None:
    """The known operator that an unknown one is almost certainly meant to be.

    The set of head operators is open (the analysis needs no meaning, only which ranks the head spans), so a
    name that resembles none of the known ones is let through.
    """
    known = REDUCERS | POPULATORS
    if operator in known or top_count(operator):
        return None
    matches = difflib.get_close_matches(operator, sorted(known), n=1, cutoff=_TYPO_LIKENESS)
    return matches[0] if matches else None
