"""Fused attention on grids that time their tiles themselves, and where the arrays meet in the DRAM alone."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.arch.load import load_arch
from hwsim.mapping.cut import Cut
from hwsim.mapping.fused.actions import einsum_actions
from hwsim.mapping.fused.choice import FUSED
from hwsim.mapping.fused.done import done
from hwsim.mapping.fused.handed import handed
from hwsim.mapping.fused.loops import loop_nest
from hwsim.mapping.fused.machine import machine_at
from hwsim.mapping.fused.operations import bodies
from hwsim.mapping.fused.search import best_choice, flat_choice, fusemax_choice
from hwsim.mapping.fused.shape import AttentionShape
from hwsim.mapping.fused.tiled import product_costs
from hwsim.mapping.fused.variants import attention_cascade, configured
from hwsim.mapping.fused.work import attention_work, measure
from hwsim.mapping.sites import sites_of
from hwsim.spec.errors import InputError
from hwsim.workload.contraction import Matmul

from .layers import machine

PRODUCTS = {"attention_1pass": ("BQK", "SLNV"), "attention_3pass": ("QK", "AV")}


def eyeriss(keys, queries):
    return replace(machine("eyeriss"), rows=keys, columns=queries)


def gemmini():
    """With its host core, which does the exponential, as the lanes."""
    sites = sites_of(load_arch("gemmini_default"))
    return machine_at(sites, sites.matrix[0], sites.vector[1], bits=8)


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from(sorted(PRODUCTS)),
    st.tuples(*(st.integers(1, 70) for _ in range(2)), *(st.integers(1, 20) for _ in range(2))),
    st.tuples(st.integers(1, 40), st.integers(1, 40)),
)
def test_both_products_are_those_of_their_tiles(name, sizes, tile):
    """Tile by tile, each timed by the engine on its own; sums of keys come back but for the first tile."""
    (M, P, E, F), (rows, columns) = sizes, tile
    arch = eyeriss(rows, columns)
    engine = arch.tiled.engine
    shape = AttentionShape(1, 1, P, M, E, F)
    costs = product_costs(arch.tiled, attention_cascade(name, False, 0).producers, shape.sizes(rows), *tile)
    scores = values = 0
    for queries, number in _tiles(P, columns):
        for keys, times in _tiles(M, rows):
            for _ in range(number * times):
                scores += engine.tile_cycles(_matmul(P, M, E), (1, queries, keys, E), "M", True)
                values += engine.tile_cycles(_matmul(P, F, M), (1, queries, F, keys), "M", True)
    first, second = (costs[each] for each in PRODUCTS[name])
    assert (first.cycles, second.cycles) == (scores, values)
    macs = [sum(each.count for each in cost.actions if each.action == "mac") for cost in (first, second)]
    assert macs == [P * M * E, P * M * F]
    assert first.out - first.back == P * M
    assert second.out - second.back == P * F * (math.ceil(M / rows) if name == "attention_1pass" else 1)


def _tiles(size, most):
    return [(tile, times) for times, tile in Cut(size, min(most, size)).pieces]


def _matmul(M, N, K):
    return Matmul(1, M, N, K, images=M)


def test_a_grid_that_times_its_tiles_is_never_faster_than_all_its_elements():
    shape = AttentionShape(2, 2, 96, 80, 16, 16)
    for keys, queries in ((16, 16), (80, 96), (7, 5)):
        arch = eyeriss(keys, queries)
        for choose in (flat_choice, fusemax_choice, best_choice):
            work = attention_work(arch, choose(arch, shape), shape)
            assert work.grid_cycles >= work.least_cycles["array"] > 0
            assert work.cycles >= max(work.grid_cycles, work.lane_cycles)


@pytest.mark.parametrize("name", ["flat", "fusemax_cascade"])
def test_what_the_arrays_hand_over_in_the_dram_is_what_each_takes(name):
    """Counted Einsum by Einsum from the actions: what lanes read, what is written and someone takes."""
    arch, shape = gemmini(), AttentionShape(1, 1, 48, 64, 16, 32)
    plain = FUSED[name]
    cascade, configuration = attention_cascade(plain.cascade, False, 0), configured(plain, arch, shape)
    sizes = shape.sizes(arch.rows)
    found = handed(arch, configuration, cascade, sizes)
    for each in einsum_actions(arch, configuration, cascade, shape):
        if each.name not in configuration.grid:
            for tensor, words in each.read.items():
                assert found.to_lanes[tensor] >= words * arch.word_bytes
        if each.name in found.written:
            assert found.written[each.name] == each.written * arch.word_bytes
    scores, weights = PRODUCTS[plain.cascade][0], {"flat": "A", "fusemax_cascade": "SLN"}[name]
    assert found.written[scores] == found.written[weights] == found.to_grid[weights] == 48 * 64
    assert not set(found.written) & {*cascade.outputs, *cascade.inputs}
    assert handed(machine("edge_npu"), configuration, cascade, sizes).total_bytes == 0


def test_every_choice_on_arrays_that_meet_in_the_dram_counts_what_they_hand_over():
    arch, shape = gemmini(), AttentionShape(1, 3, 100, 200, 32, 32)
    for choice in (flat_choice(arch, shape), fusemax_choice(arch, shape)):
        work = attention_work(arch, choice, shape)
        own = sum(work.read.values()) + sum(work.written.values())
        assert work.dram_bytes == own + work.handed.total_bytes
        assert measure(arch, choice, shape)[1] == pytest.approx(work.dram_bytes)
        assert work.handed.total_bytes > 4 * 3 * 100 * 200 * arch.word_bytes
        assert not choice.scores_resident or choice.configuration != "flat"


def test_the_loop_nest_says_where_what_is():
    shape = AttentionShape(1, 2, 64, 128, 16, 16)
    lines = {}
    for arch in (gemmini(), eyeriss(32, 16), machine("edge_npu")):
        for choose in (flat_choice, fusemax_choice):
            choice = choose(arch, shape)
            nest = loop_nest(arch, choice, shape, attention_work(arch, choice, shape))
            (line,) = [line for line in nest if "#" in line]
            lines[arch.buffer, choice.configuration] = line
    passing = "; what mesh and rocket hand over passes system_memory"
    assert lines["scratchpad", "flat"].endswith(passing)
    kept = "scratchpad keeps the band's queries; keys and values stream"
    assert lines["scratchpad", "fusemax_cascade"].endswith(f"{kept}{passing}")
    assert "the grid keeps" not in lines["global_buffer", "flat"]
    assert "the grid keeps" in lines["buffer", "flat"]
    assert "hand over" not in lines["buffer", "fusemax_cascade"]


def test_a_sum_that_serves_a_row_is_inverted_once_where_that_is_cheaper():
    cascade, sizes = attention_cascade("attention_3pass", False, 0), {"M": 64, "P": 8}
    division = bodies(cascade)["A"]
    rocket, lanes = gemmini().lanes, machine("fusemax_cloud").lanes
    assert [(each.operation, each.count) for each in done(rocket, cascade, division, sizes)] == [
        ("reciprocal", 8),
        ("multiply", 64 * 8),
    ]
    assert [(each.operation, each.count) for each in done(lanes, cascade, division, sizes)] == [
        ("divide", 64 * 8)
    ]


def test_tiles_alone_must_fit_the_buffer():
    shape = AttentionShape(1, 1, 256, 4096, 64, 64)
    with pytest.raises(InputError, match="'global_buffer' is too small for FLAT's tiles: they need"):
        flat_choice(eyeriss(4096, 256), shape)
    assert flat_choice(eyeriss(64, 64), shape)
    with pytest.raises(InputError, match="'global_buffer' is too small for a band"):
        best_choice(eyeriss(4096, 256), shape)
