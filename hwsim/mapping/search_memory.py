"""What searches on one machine share: equal contractions and equal settings come again and again."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from hwsim.mapping.boundary import Boundary, boundary
from hwsim.mapping.candidates import cuttings
from hwsim.mapping.mesh_costs import MeshCosts
from hwsim.mapping.nest import Level
from hwsim.mapping.protocol import MatrixEngine
from hwsim.mapping.request import MatrixRequest
from hwsim.mapping.search import best_level
from hwsim.workload.contraction import Matmul


@dataclass(frozen=True, slots=True)
class SearchMemory:
    """The meshes and the boundaries met so far on one machine, and how a level is chosen of a mesh."""

    choose: Callable[[Boundary, tuple[MeshCosts, ...]], Level | None] = best_level
    _costs: dict[Hashable, tuple[MeshCosts, ...]] = field(default_factory=dict)
    _limits: dict[Hashable, Boundary] = field(default_factory=dict)

    def costs(self, problem: Matmul, engine: MatrixEngine) -> tuple[MeshCosts, ...]:
        """The meshes for ``problem`` on ``engine``, those to fall back upon last."""
        key = (engine.component.name, problem)
        costs = self._costs.get(key)
        if costs is None:
            costs = tuple(MeshCosts(problem, engine, each) for each in cuttings(problem, engine))
            self._costs[key] = costs
        return costs

    def limits(self, request: MatrixRequest, depth: int, K: int) -> Boundary:
        """:func:`~hwsim.mapping.boundary.boundary`, which sees of the problem only whether K is cut."""
        key = (*request.setting, depth, K < request.problem.K)
        limits = self._limits.get(key)
        if limits is None:
            limits = self._limits[key] = boundary(request, depth, K)
        return limits
