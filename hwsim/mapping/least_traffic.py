"""Tiles by a fixed rule: of those that fit, the ones that move the fewest bits over the boundary.

Nothing in the rule depends on a bandwidth or a time, so the nest of a contraction is the same however fast
the memories are. Of equal ones those with the fewest engine cycles are taken, then the fewest tiles, then the
first as the search has them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hwsim.mapping.boundary import Boundary
from hwsim.mapping.candidates import Column
from hwsim.mapping.mesh_costs import SEARCHED, MeshCosts
from hwsim.mapping.nest import Level
from hwsim.mapping.search import Costing, best_level, chosen_level


def least_traffic_level(boundary: Boundary, meshes: tuple[MeshCosts, ...]) -> Level | None:
    """Of the first mesh in which any candidate fits, the level with the least traffic; None if none fits.

    A tile that may be left whole is, as in the search.
    """
    return chosen_level(boundary, meshes, _least)


def _least(costing: Costing, fits: Column) -> Level | None:
    mesh, shape = costing.costs.mesh, (len(SEARCHED), *fits.shape)
    ranked = _ranked(costing, shape)
    fitting_ones = np.broadcast_to(fits, shape).reshape(-1)[ranked]
    first = int(fitting_ones.argmax()) if len(ranked) else 0
    if not len(ranked) or not fitting_ones[first]:
        return None
    order, m, n, k = np.unravel_index(int(ranked[first]), shape)
    return Level(SEARCHED[order], mesh.batch, int(mesh.M.flat[m]), int(mesh.N.flat[n]), int(mesh.K.flat[k]))


def _ranked(costing: Costing, shape: tuple[int, ...]) -> Column:
    """The places of all candidates whose sums may cross as they do, the best first, whatever the room."""
    boundary, known = costing.boundary, costing.costs.rankings
    key = (boundary.streams, boundary.direct, boundary.whole_sums)
    if key not in known:
        costs = (costing.costs.tiles, costing.costs.cycles, costing.traffic())
        order = np.lexsort([np.broadcast_to(each, shape).reshape(-1) for each in costs])
        known[key] = order[~np.broadcast_to(costing.refused(), shape).reshape(-1)[order]]
    return known[key]


CHOOSERS: dict[str, Callable[[Boundary, tuple[MeshCosts, ...]], Level | None]] = {
    "searched": best_level,
    "fixed": least_traffic_level,
}
"""How tiles are chosen, by the name a mapping gives it."""
