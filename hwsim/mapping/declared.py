"""The declared set of outermost levels for one contraction, each with bounds on what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from hwsim.mapping.boundary import Boundary
from hwsim.mapping.candidates import Column, cuttings
from hwsim.mapping.constraints import NestRule
from hwsim.mapping.mesh_costs import SEARCHED, MeshCosts
from hwsim.mapping.narrowed import Narrowed
from hwsim.mapping.nest import Level, Order
from hwsim.mapping.request import MatrixRequest
from hwsim.mapping.search import Costing, fitting


@dataclass(frozen=True)
class Declared:
    """The candidates of one mesh at the outermost boundary: arrays over (order, M, N, K), flat.

    ``cycles`` of the engine and ``bits`` by memory are what no mapping with this outermost level is below;
    ``allowed`` are those that fit and keep the rules, ``without_room`` and ``against_rules`` how many do not.
    """

    orders: tuple[Order, ...]
    costing: Costing
    allowed: Column
    without_room: int
    against_rules: int
    request: MatrixRequest

    @property
    def count(self) -> int:
        """How many candidates there are."""
        return int(self.allowed.size)

    @cached_property
    def cycles(self) -> Column:
        """Engine cycles: of the busiest resource, or of the engine once the first tile is there. Where levels
        are inside, their order may suit the engine better, and only the root is a limit besides.
        """
        costing = self.costing
        engine = np.broadcast_to(costing.costs.cycles, (len(SEARCHED), *_shape(costing)))
        if self.request.depth > 1:
            engine = engine.min(axis=0, keepdims=True)
        begun = self._flat(engine + costing.filling())
        rate = costing.boundary.bits_per_cycle
        other = costing.traffic() / (rate or np.inf) if self.request.depth > 1 else costing.busiest()
        found: Column = np.maximum(begun, self._flat(other))
        return found

    @cached_property
    def bits(self) -> Mapping[str, Column]:
        """Bits that each memory at least reads and writes: streams where they arrive, edges, and the root."""
        request, costing = self.request, self.costing
        root = next(iter(request.paths.values()))[0].name
        found: dict[str, Column] = {root: self._flat(costing.traffic())}
        passing = costing.passing_bits()
        for role, memory in request.streaming(1).items():
            found[memory.name] = found.get(memory.name, 0) + self._flat(passing[role])
        for role, path in request.paths.items():
            if len(path) > 1:
                width = request.partial_bits if role == "output" else request.bits[role]
                words = self._flat(costing.costs.edge_words[role] * min(width, request.bits[role]))
                found[path[-1].name] = found.get(path[-1].name, 0) + words
        return found

    def level(self, number: int) -> Level:
        """The level of one candidate."""
        mesh = self.costing.costs.mesh
        shape = (len(self.orders), mesh.M.size, mesh.N.size, mesh.K.size)
        order, m, n, k = (int(each) for each in np.unravel_index(number, shape))
        return Level(
            self.orders[order], mesh.batch, int(mesh.M.flat[m]), int(mesh.N.flat[n]), int(mesh.K.flat[k])
        )

    def _flat(self, costs: Column) -> Column:
        """Costs by order as the candidates have them: of an order that is not costed, the least of all."""
        mesh = self.costing.costs.mesh
        shape = (len(SEARCHED), mesh.M.size, mesh.N.size, mesh.K.size)
        full = np.broadcast_to(np.asarray(costs, dtype=np.float64), shape)
        rows = [full[SEARCHED.index(o)] if o in SEARCHED else full.min(axis=0) for o in self.orders]
        return np.stack(rows).ravel()


def declared(
    request: MatrixRequest,
    boundary: Boundary,
    rule: NestRule | None = None,
    where: tuple[str | int, ...] = (),
) -> Declared:
    """The candidates for a request, under a rule if there is one: of the first mesh in which any is allowed,
    else of the last.

    Raises:
        RuleError: the rule leaves no tile.
    """
    problem, engine = request.problem, request.engine
    orders = SEARCHED if rule is None or rule.order is None else (rule.order,)
    for free in cuttings(problem, engine):
        cutting = Narrowed(free.batch, free.granules, rule, where) if rule else free
        costing = Costing(MeshCosts(problem, engine, cutting), boundary)
        fits = np.broadcast_to(fitting(costing.costs, boundary), (len(orders), *_shape(costing)))
        kept = _kept(costing, request, rule, orders)
        allowed = (fits & kept).ravel()
        result = Declared(orders, costing, allowed, int((~fits).sum()), int((fits & ~kept).sum()), request)
        if allowed.any():
            return result
    return result


def _shape(costing: Costing) -> tuple[int, int, int]:
    mesh = costing.costs.mesh
    return mesh.M.size, mesh.N.size, mesh.K.size


def _kept(
    costing: Costing, request: MatrixRequest, rule: NestRule | None, orders: tuple[Order, ...]
) -> Column:
    """Candidates whose sums may cross as they do, and that are utilised as the rule wants."""
    refused = np.broadcast_to(costing.refused(), (len(SEARCHED), *_shape(costing)))
    kept = np.stack([~refused[_alike(order)] for order in orders])
    if rule is None or not rule.min_utilization:
        return kept
    cycles: Column = np.broadcast_to(costing.costs.cycles, (len(SEARCHED), *_shape(costing)))
    utilized = request.problem.points / (cycles * request.engine.peak_macs) >= rule.min_utilization
    found: Column = kept & np.stack([utilized[_alike(order)] for order in orders])
    return found


def _alike(order: Order) -> int:
    """The costed order with the same innermost axis: the outer two matter only where it takes one step."""
    return next(number for number, each in enumerate(SEARCHED) if each[2] == order[2])
