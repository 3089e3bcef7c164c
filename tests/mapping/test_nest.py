"""What passes each memory, against nests walked tile by tile and element by element."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from mapping.literal import flow
from mapping.nests import convolutions, nests, products

from hwsim.arch.memory import ROLES
from hwsim.mapping.cut import tiling_of
from hwsim.mapping.nest import Level, describe, fetched_elements, passage, revisits, tile_elements
from hwsim.workload.contraction import Matmul

roles = st.sampled_from(ROLES)


def _check(problem, levels, role):
    walked, passed = flow(problem, levels, role), passage(problem, role, levels)
    assert passed.entered == walked.loaded
    if role == "output":
        assert passed.once == walked.finished_out
        assert passed.entered - passed.once == walked.partial_in == walked.partial_out


@settings(max_examples=200, deadline=None)
@given(nests(products), roles)
def test_one_level(nest, role):
    _check(*nest, role)


@settings(max_examples=200, deadline=None)
@given(nests(products, depth=2), roles)
def test_two_levels(nest, role):
    _check(*nest, role)


@settings(max_examples=60, deadline=None)
@given(nests(products, depth=3), roles)
def test_three_levels(nest, role):
    _check(*nest, role)


@settings(max_examples=120, deadline=None)
@given(nests(convolutions()), roles)
def test_one_level_of_convolutions(nest, role):
    _check(*nest, role)


@settings(max_examples=100, deadline=None)
@given(nests(convolutions(), depth=2), roles)
def test_two_levels_of_convolutions(nest, role):
    _check(*nest, role)


@settings(max_examples=120, deadline=None)
@given(nests(convolutions(), aligned=False))
def test_cuts_inside_channels_are_bounded_by_one_channel_a_tile(nest):
    problem, levels = nest
    walked = flow(problem, levels, "input")
    passed = passage(problem, "input", levels)
    tiles = sum(loaded > 0 for loaded, _, _ in walked.tiles)
    batch, M, _, _ = levels[0].tile
    channel = tile_elements(problem, "input", batch, M, 1, problem.taps)
    assert walked.loaded <= passed.entered
    if problem.taps == 1:
        assert walked.loaded == passed.entered
    assert passed.entered <= walked.loaded + 2 * tiles * channel


@settings(max_examples=150, deadline=None)
@given(nests(st.one_of(products, convolutions())), roles)
def test_one_level_is_every_tile_once_times_the_revisits(nest, role):
    problem, levels = nest
    tiling = tiling_of(problem, levels[0].tile)
    passed = passage(problem, role, levels)
    assert passed.once == fetched_elements(problem, role, tiling)
    assert passed.entered == passed.once * revisits(role, levels[0].order, tiling)


def test_a_nest_in_words():
    problem = Matmul(2, 100, 90, 80)
    levels = (Level(("K", "N", "M"), 1, 50, 90, 40), Level(("M", "N", "K"), 1, 50, 30, 40))
    assert describe(levels, problem) == "batch:2 K:2 M:2 | N:3 | tile batch=1 M=50 N=30 K=40"
