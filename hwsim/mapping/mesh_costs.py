"""What a mesh of candidate tiles costs whatever memories there are: worked out on demand, kept for a run.

One problem is searched in several situations (with its operands on the chip or not); cycles, passages and
sizes are the same in all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import cached_property, partial

import numpy as np

from hwsim.arch.memory import ROLES, Role
from hwsim.mapping.candidates import Column, Cutting, Mesh
from hwsim.mapping.cut import AXES, Axis, Count, Tiling, tiling_of
from hwsim.mapping.nest import IRRELEVANT, RELEVANT, Order, fetched_elements, tile_elements
from hwsim.mapping.protocol import MatrixEngine
from hwsim.workload.contraction import Matmul

SEARCHED: tuple[Order, ...] = (("M", "N", "K"), ("M", "K", "N"), ("N", "K", "M"))
"""One order for each innermost axis."""


def _by_order(holds: Callable[[Order], bool]) -> Column:
    """Whether something holds, order by order, along the first dimension."""
    return np.array([holds(order) for order in SEARCHED]).reshape(-1, 1, 1, 1)


def _inside(axis: Axis, other: Axis) -> Column:
    return _by_order(lambda order: order.index(axis) > order.index(other))


def _innermost(axis: Axis) -> Column:
    return _by_order(lambda order: order[2] == axis)


INSIDE: dict[Role, tuple[Column, Column]] = {
    role: (_inside(RELEVANT[role][0], IRRELEVANT[role]), _inside(RELEVANT[role][1], IRRELEVANT[role]))
    for role in ROLES
}
"""Whether each relevant axis of a role is inside the irrelevant one."""
INNERMOST: dict[Axis, Column] = {axis: _innermost(axis) for axis in AXES}
"""Whether an axis is the innermost."""


@dataclass(frozen=True)
class MeshCosts:
    """The costs of the mesh of a ``cutting`` for ``problem`` on ``engine``.

    Counts in which the loop order matters are arrays over (order, M, N, K), the orders as in ``SEARCHED``,
    the others over (M, N, K).
    """

    problem: Matmul
    engine: MatrixEngine
    cutting: Cutting
    _visits: dict[Role, Count] = field(default_factory=dict)
    _fetched: dict[Role, Count] = field(default_factory=dict)
    rankings: dict[Hashable, Column] = field(default_factory=dict)
    """Orders of the candidates that were worked out before, by what they are for."""

    @cached_property
    def mesh(self) -> Mesh:
        """The candidates."""
        return self.cutting.mesh(self.problem)

    @cached_property
    def tiling(self) -> Tiling:
        """How the tiles cut the problem."""
        return tiling_of(self.problem, self.mesh.tile)

    @cached_property
    def trips(self) -> dict[Axis, Count]:
        """Tiles along each axis."""
        return {axis: self.tiling.cut(axis).trips for axis in AXES}

    @cached_property
    def tiles(self) -> Count:
        """How many tiles there are."""
        return self.tiling.batch.trips * self.trips["M"] * self.trips["N"] * self.trips["K"]

    @cached_property
    def cycles(self) -> Count:
        """Engine cycles of all tiles."""
        return np.where(*self._by_innermost(partial(self.engine.cycles, self.problem, self.tiling)))

    @cached_property
    def edge_words(self) -> dict[Role, Count]:
        """Words of each role over the edge of the engine, both ways."""
        continuing, along, across = self._by_innermost(
            partial(self.engine.edge_words, self.problem, self.tiling)
        )
        return {
            role: np.where(
                continuing, along[role].reads + along[role].writes, across[role].reads + across[role].writes
            )
            for role in ROLES
        }

    def visits(self, role: Role) -> Count:
        """How often the whole of ``role`` passes, as :func:`hwsim.mapping.nest.revisits` counts."""
        if role not in self._visits:
            (one, other), (inside, beside) = (self.trips[axis] > 1 for axis in RELEVANT[role]), INSIDE[role]
            again = self.trips[IRRELEVANT[role]] - 1
            self._visits[role] = 1 + ((inside & one) | (beside & other)) * again
        return self._visits[role]

    def fetched(self, role: Role) -> Count:
        """Elements of ``role`` fetched when every tile is fetched once."""
        if role not in self._fetched:
            self._fetched[role] = fetched_elements(self.problem, role, self.tiling)
        return self._fetched[role]

    def elements(self, role: Role) -> Count:
        """Elements of one tile."""
        return tile_elements(self.problem, role, *self.mesh.tile)

    def _by_innermost(self, cost: Callable[[Axis], Count]) -> tuple[Column, Count, Count]:
        """Whether the innermost axis is the engine's temporal one, and ``cost`` where it is and where not.

        An engine sees no other difference between innermost axes.
        """
        along = self.engine.temporal_axis
        across = next(axis for axis in AXES if axis != along)
        return INNERMOST[along], cost(along), cost(across)
