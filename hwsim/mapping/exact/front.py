"""Leaving out rows that are nowhere smaller than another."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hwsim.mapping.exact.chains import Column

PIVOTS, MANY = 48, 5_000
"""After so many rows held against all others, with so many left, the compiled kernel goes on."""


def front(rows: Column, groups: Column | None = None, most: int | None = None) -> Column:
    """The rows that no other row equals or undercuts in every column; of equal ones the first.

    With ``groups``, a number for each row: no other row of its group. With ``most``, only so many rows are
    held against the others, which leaves some in that are undercut.
    """
    if not len(rows):
        return np.arange(0)
    numbers = np.zeros(len(rows), dtype=np.int64) if groups is None else groups
    varying = [each for each in range(rows.shape[1]) if np.ptp(rows[:, each])]
    if not varying:
        return np.sort(np.unique(numbers, return_index=True)[1])
    ranked = np.column_stack([_ranked(rows[:, each]) for each in varying])
    return np.sort(_undominated(ranked, numbers, len(rows) if most is None else most))


def _ranked(values: Column) -> Column:
    """The order of values, from 1, in as few bits as it takes."""
    distinct, order = np.unique(values, return_inverse=True)
    narrow: npt.DTypeLike = np.int16 if len(distinct) < 2**15 else np.int32
    found: Column = (order + 1).astype(narrow)
    return found


def _undominated(ranked: Column, groups: Column, most: int) -> Column:
    """The fronts of all groups: a group's row with the least product of ranks is in it, and removes what it
    undercuts, again and again.
    """
    order = np.lexsort((np.log(ranked).sum(axis=1), groups))
    left, group = np.ascontiguousarray(ranked[order].T), groups[order]
    kept: list[Column] = []
    while len(order):
        if len(kept) == most:
            return np.concatenate([*kept, order])
        if len(kept) == PIVOTS and len(order) > MANY:
            from hwsim.mapping.exact.front_kernel import undominated

            rest = np.ascontiguousarray(left.T).astype(np.int32)
            return np.concatenate([*kept, order[undominated(rest, group)]])
        begins = np.concatenate([[True], group[1:] != group[:-1]])
        first = np.flatnonzero(begins)
        kept.append(order[first])
        pivot = first[np.cumsum(begins) - 1] if len(first) > 1 else np.zeros(1, dtype=np.int64)
        smaller = left[0] < left[0, pivot]
        for column in left[1:]:
            smaller |= column < column[pivot]
        left, order, group = left[:, smaller], order[smaller], group[smaller]
    return np.concatenate(kept)
