"""Which points no other point beats in everything."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def pareto_front(costs: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which rows of ``costs`` (points x objectives, all to be small) no other row dominates.

    A row dominates another if it is nowhere larger and somewhere smaller; of equal rows all are kept. Rows
    with an infinite or unknown cost are never kept.
    """
    import numpy as np

    kept = np.zeros(len(costs), dtype=bool)
    usable = np.flatnonzero(np.isfinite(costs).all(axis=1))
    if not len(usable):
        return kept
    # In lexicographic order only an earlier row can dominate a later one.
    order = usable[np.lexsort(costs[usable].T[::-1])]
    front = np.empty((0, costs.shape[1]))
    for row in order:
        candidate = costs[row]
        below = (front <= candidate).all(axis=1)
        if not (below & (front < candidate).any(axis=1)).any():
            kept[row] = True
            if not below.any():
                front = np.vstack([front, candidate])
    return kept
