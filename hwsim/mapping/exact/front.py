"""Leaving out rows that are nowhere smaller than another."""

from __future__ import annotations

import numpy as np

from hwsim.mapping.exact.chains import Column


def front(rows: Column) -> Column:
    """The rows that no other row equals or undercuts in every column; of equal ones the first."""
    varying = [each for each in range(rows.shape[1]) if np.ptp(rows[:, each])] if len(rows) else []
    if not varying:
        return np.arange(min(len(rows), 1))
    ranked = np.column_stack([_ranked(rows[:, each]) for each in varying])
    return np.sort(_undominated(ranked))


def _ranked(values: Column) -> Column:
    """The order of values, from 1, in as few bits as it takes."""
    distinct, order = np.unique(values, return_inverse=True)
    return order.astype(np.int16 if len(distinct) < 2**15 else np.int32) + 1


def _undominated(ranked: Column) -> Column:
    """Places of the front: that with the least product of ranks is in it, and removes what it undercuts."""
    order = np.argsort(np.log(ranked).sum(axis=1), kind="stable")
    left = np.ascontiguousarray(ranked[order].T)
    kept: list[Column] = []
    while len(order):
        kept.append(order[:1])
        smaller = left[0] < left[0, 0]
        for column in left[1:]:
            smaller |= column < column[0]
        left, order = left[:, smaller], order[smaller]
    return np.concatenate(kept)
