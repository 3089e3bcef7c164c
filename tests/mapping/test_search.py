"""The choice of tiles against every candidate in every order, each costed by itself in plain numbers."""

from __future__ import annotations

import itertools
import math

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from mapping.nests import convolutions, products
from mapping.requests import array_machines, request_on

from hwsim.mapping.boundary import boundary
from hwsim.mapping.candidates import cuttings
from hwsim.mapping.cut import tiling_of, whole
from hwsim.mapping.mesh_costs import SEARCHED
from hwsim.mapping.nest import IRRELEVANT, ORDERS, fetched_elements, revisits, tile_elements
from hwsim.mapping.room import used_bits
from hwsim.mapping.search import SLACK, Costing, best_level
from hwsim.mapping.search_memory import SearchMemory


def _cost(problem, engine, limits, tile, order):
    """Latency, traffic, tiles of a candidate; no latency where sums would cross unfinished but may not."""
    tiling = tiling_of(problem, tile)

    def passing(stream, visits):
        elements = fetched_elements(problem, stream.role, tiling)
        if stream.role != "output":
            return elements * visits * stream.bits
        if stream.unfinished:
            return elements * 2 * visits * stream.partial_bits
        return elements * (stream.bits + 2 * (visits - 1) * stream.partial_bits)

    def edge(streams):
        words = engine.edge_words(problem, tiling, order[2])
        return sum(
            (words[each.role].reads + words[each.role].writes) * (each.partial_bits or each.bits)
            for each in streams
        )

    crossing = {each.role: passing(each, revisits(each.role, order, tiling)) for each in limits.streams}
    traffic = sum(crossing.values()) + edge(limits.direct)
    latency = engine.cycles(problem, tiling, order[2])
    for feeder in limits.feeders:
        passed = sum(crossing.get(role, 0) for role in feeder.roles) + edge(feeder.edge)
        for deeper in feeder.deeper:
            role = deeper.stream.role
            fits = tile_elements(problem, role, *tile) * deeper.element_bits <= deeper.room_bits
            again = revisits(role, order, tiling) if fits else tiling.cut(IRRELEVANT[role]).trips
            passed += passing(deeper.stream, again)
        latency = max(latency, passed / feeder.bits_per_cycle)
    if limits.bits_per_cycle is not None:
        latency = max(latency, traffic / limits.bits_per_cycle)
        if limits.outermost:
            exposed = sum(each.bits * tile_elements(problem, each.role, *tile) for each in limits.streams)
            latency += exposed / limits.bits_per_cycle
    if limits.whole_sums and revisits("output", order, tiling) > 1:
        return None
    tiles = tiling.batch.trips * tiling.M.trips * tiling.N.trips * tiling.K.trips
    return math.floor(latency), traffic, tiles


def _all(problem, engine, limits):
    """The costs of all candidates that fit, of the first set in which any does."""
    for mesh in (each.mesh(problem) for each in cuttings(problem, engine)):
        sizes = itertools.product(
            (mesh.batch,), *(axis.ravel().tolist() for axis in (mesh.M, mesh.N, mesh.K))
        )
        fitting = [
            tile
            for tile in sizes
            if all(used_bits(room, problem, engine, tile) <= room.bits for room in limits.rooms)
        ]
        costs = {
            (tile, order): _cost(problem, engine, limits, tile, order) for tile in fitting for order in ORDERS
        }
        if fitting:
            return {key: cost for key, cost in costs.items() if cost is not None}
    return {}


@settings(max_examples=100, deadline=None)
@given(array_machines(), st.one_of(products, convolutions()), st.data())
def test_the_best_of_all_orders_and_tiles_is_taken(arch, problem, data):
    request = request_on(arch, problem)
    depth = data.draw(st.integers(1, request.depth))
    above = data.draw(st.integers(1, problem.K)) if depth > 1 else problem.K
    limits = boundary(request, depth, above)
    costs = _all(problem, request.engine, limits)
    level = best_level(limits, SearchMemory().costs(problem, request.engine))
    if not costs:
        assert level is None
        return
    if not limits.outermost and level.tile == whole(problem):
        return
    chosen = costs[level.tile, level.order]
    slack = 0 if limits.bits_per_cycle is None else SLACK
    near = [
        cost for cost in costs.values() if cost[0] <= (1 + slack) * min(each[0] for each in costs.values())
    ]
    assert chosen[0] <= (1 + slack) * min(cost[0] for cost in costs.values())
    assert chosen[1:] == min(cost[1:] for cost in near)


@settings(max_examples=60, deadline=None)
@given(array_machines(), products)
def test_arrays_of_candidates_cost_what_each_costs(arch, problem):
    request = request_on(arch, problem)
    limits = boundary(request, 1, problem.K)
    costs = SearchMemory().costs(problem, request.engine)[0]
    mesh = costs.mesh
    assume(mesh.M.size * mesh.N.size * mesh.K.size <= 200)
    costing = Costing(costs, limits)
    shape = (len(SEARCHED), mesh.M.size, mesh.N.size, mesh.K.size)
    latencies = np.broadcast_to(costing.latency(), shape)
    traffics = np.broadcast_to(costing.traffic(), shape)
    for order, latency, traffic in zip(SEARCHED, latencies, traffics, strict=True):
        for (m, M), (n, N), (k, K) in itertools.product(
            enumerate(mesh.M.flat), enumerate(mesh.N.flat), enumerate(mesh.K.flat)
        ):
            cost = _cost(problem, request.engine, limits, (mesh.batch, int(M), int(N), int(K)), order)
            assert latency[m, n, k] == (math.inf if cost is None else cost[0])
            assert cost is None or traffic[m, n, k] == cost[1]
