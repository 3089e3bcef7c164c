from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mapping.one_buffer.literal import all_tiles, fits, walk

from hwsim.mapping.one_buffer.answer import mapper_answer
from hwsim.mapping.one_buffer.model import Sizes, traffic
from hwsim.mapping.one_buffer.optimum import divisor_optimum, optimum
from hwsim.mapping.one_buffer.tile_sizes import AnySize, divisors
from hwsim.spec.errors import InputError
from hwsim.validation.references.gemm_traffic import SHIPPED

ORDERS = ["".join(order) for order in permutations("mnk")]
small = st.integers(1, 6)


@settings(max_examples=150)
@given(small, small, small, st.integers(1, 7), st.integers(1, 7), st.integers(1, 7), st.sampled_from(ORDERS))
def test_the_formula_is_the_walk(M, N, K, m, n, k, order):
    tile = {"m": min(m, M), "n": min(n, N), "k": min(k, K)}
    moved = traffic(Sizes(M, N, K), Sizes(**tile), tuple(order))
    literal = walk({"m": M, "n": N, "k": K}, tile, order)
    assert {name: getattr(moved, name) for name in literal} == literal
    assert moved.total == sum(literal.values())


def _brute(M, N, K, capacity, divide):
    """The least of all tiles and orders, ties as the reference breaks them."""
    problem = Sizes(M, N, K)
    costed = [
        (traffic(problem, Sizes(**tile), tuple(order)).total, Sizes(**tile).occupancy, order, *tile.values())
        for tile in all_tiles({"m": M, "n": N, "k": K}, divide)
        if fits(tile, capacity)
        for order in ORDERS
    ]
    return min(costed)


@settings(max_examples=120, deadline=None)
@given(st.integers(1, 10), st.integers(1, 10), st.integers(1, 10), st.integers(3, 120), st.booleans())
def test_the_optimum_is_the_least_of_all_tiles_and_orders(M, N, K, capacity, divide):
    search = divisor_optimum if divide else optimum
    best = search(Sizes(M, N, K), capacity)
    found = (best.traffic.total, best.tile.occupancy, "".join(best.order), *best.tile.as_json().values())
    assert found == _brute(M, N, K, capacity, divide)


def test_what_ships_is_met_mapping_and_all():
    for case in json.loads(SHIPPED.read_text())["instances"]:
        ours = mapper_answer(Sizes(case["M"], case["N"], case["K"]), case["capacity_words"])
        known = {key: value for key, value in case.items() if key in ours}
        assert {key: ours[key] for key in known} == known


@given(st.integers(1, 400), st.integers(1, 400))
def test_tile_sizes_are_the_least_of_every_trip_count(size, most):
    tried = AnySize(size).up_to(most)
    every = {
        min(t for t in range(1, size + 1) if -(-size // t) == trips)
        for trips in {-(-size // t) for t in range(1, size + 1)}
    }
    assert tried == sorted(tile for tile in every if tile <= most)
    assert AnySize(size).fitting(most) == max(every & set(range(1, most + 1)))
    assert divisors(size).values == tuple(t for t in range(1, size + 1) if size % t == 0)


def test_a_huge_product_never_moves_less_than_every_word_once():
    problem = Sizes(10**9 + 7, 10**9 + 9, 998_244_353)
    best = optimum(problem, 10**12)
    assert best.traffic.total >= problem.occupancy
    assert best.tile.occupancy <= 10**12
    assert traffic(problem, best.tile, best.order) == best.traffic


@pytest.mark.parametrize(("size", "capacity"), [((8, 8, 8), 2), ((0, 8, 8), 100), ((8, 8, 10**13), 100)])
def test_what_cannot_be_is_refused(size, capacity):
    with pytest.raises(InputError):
        mapper_answer(Sizes(*size), capacity)


def test_the_reference_of_the_house_where_it_is():
    file = Path(__file__).parents[4] / "shared/reference/mapper/gemm_traffic_public.json"
    if not file.exists():
        pytest.skip("../shared/reference/mapper is not here")
    assert json.loads(file.read_text()) == json.loads(SHIPPED.read_text())
