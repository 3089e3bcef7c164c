"""The search on the lattice of downsets against the plain one: other code, bounds and shorter graphs."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from schedule.random_graphs import COSMA, cosma, tiny_problems

from hwsim.schedule.greedy import greedy
from hwsim.schedule.indexed import Indexed, index_problem
from hwsim.schedule.lattice import search as lattice
from hwsim.schedule.lattice.beam import Beam
from hwsim.schedule.lattice.chains import contracted
from hwsim.schedule.lattice.downsets import Downsets
from hwsim.schedule.lattice.facts import facts_of
from hwsim.schedule.lattice.pricing import grain_of, no_outlook, outlook_of, prices_along, settle
from hwsim.schedule.lattice.states import SCALE
from hwsim.schedule.lattice.tolls import bound_at_start, bounds_of
from hwsim.schedule.plan import peak_units, plan_cost
from hwsim.schedule.problem import Problem
from hwsim.schedule.search import SearchResult, search
from hwsim.schedule.symmetry import twins_in_order

FAR = 1e9
WIDE = 1 << 15


def found(indexed: Indexed) -> SearchResult:
    """The search on the lattice, from a greedy plan."""
    start = greedy(indexed).plan
    return lattice.lattice_search(indexed, FAR, plan_cost(indexed, start) + 1, start)


@settings(max_examples=60, deadline=None)
@given(tiny_problems(operators=9, largest=5, room=2, arity=3))
def test_both_searches_find_the_same_optimum(problem: Problem) -> None:
    indexed = index_problem(problem)
    plain, other = search(indexed, FAR), found(indexed)
    assert other.proved
    assert other.plan is not None
    assert other.lower_bound == plain.lower_bound == plan_cost(indexed, other.plan)
    assert peak_units(indexed, other.plan) <= indexed.capacity


@settings(max_examples=60, deadline=None)
@given(tiny_problems(operators=9, largest=5, room=2, arity=1))
def test_chains_lose_nothing(problem: Problem) -> None:
    indexed = index_problem(problem)
    short = contracted(indexed)
    plain, chained = search(indexed, FAR), search(short.indexed, FAR)
    assert chained.plan is not None
    whole = short.expanded(chained.plan)
    assert plan_cost(indexed, whole) == chained.lower_bound == plain.lower_bound
    assert peak_units(indexed, whole) <= indexed.capacity


@settings(max_examples=60, deadline=None)
@given(tiny_problems(operators=9, largest=5, room=1, arity=3))
def test_prices_and_tolls_never_promise_too_much(problem: Problem) -> None:
    indexed = index_problem(problem)
    start, optimum = greedy(indexed).plan, search(indexed, FAR).lower_bound
    ceiling = plan_cost(indexed, start) + 1
    downsets = Downsets(facts_of(indexed), 1 << 12)
    assert downsets.grow_whole()
    bounds = bounds_of(downsets, prices_along(indexed, start.order, ceiling, FAR))
    settle(downsets, bounds, ceiling, FAR)
    assert bound_at_start(downsets.facts, bounds) <= optimum * SCALE
    outlook = outlook_of(downsets, bounds, grain_of(indexed))
    best = Beam(downsets, outlook, True).search(ceiling, WIDE, FAR)
    assert (best.cost, best.bound, best.complete) == (optimum, optimum, True)


@settings(max_examples=30, deadline=None)
@given(tiny_problems(operators=9, largest=5, room=1, arity=3))
def test_a_narrow_beam_says_how_far_it_may_be_off(problem: Problem) -> None:
    indexed = index_problem(problem)
    optimum = search(indexed, FAR).lower_bound
    downsets = Downsets(facts_of(indexed), 1 << 12)
    beam = Beam(downsets, no_outlook(downsets, grain_of(indexed)), False)
    narrow = beam.search(plan_cost(indexed, greedy(indexed).plan) + 1, 2, FAR)
    assert narrow.bound <= optimum
    assert narrow.moves is None or narrow.cost >= optimum


# Their heads in parallel make half a million downsets, and the plain search ends at once.
HEADS = ("transformer_h4_mr", "transformer_h6_mr")


@pytest.mark.parametrize("name", sorted({path.stem for path in COSMA.glob("*.json")} - {*HEADS}))
def test_both_searches_agree_on_the_reference(name: str) -> None:
    indexed = twins_in_order(index_problem(cosma(name)))
    other = found(indexed)
    assert other.proved
    if name != "randwire_40_mh":
        plain = search(indexed, FAR)
        assert other.lower_bound == plain.lower_bound


def test_downsets_that_cannot_all_be_listed_are_listed_as_they_are_reached(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    indexed = index_problem(cosma("randwire_28_mh"))
    expected = found(indexed)
    monkeypatch.setattr(lattice, "_MOST_NODES", 20)
    assert found(indexed).lower_bound == expected.lower_bound


def test_a_budget_ends_both_with_a_valid_bound() -> None:
    indexed = index_problem(cosma("randwire_40_mh"))
    start = greedy(indexed).plan
    ceiling = plan_cost(indexed, start) + 1
    assert search(indexed, FAR, None, 50).lower_bound <= 53248
    assert lattice.lattice_search(indexed, FAR, ceiling, start, (10,)).lower_bound <= 53248
    assert lattice.lattice_search(indexed, 0.0, ceiling, start).lower_bound <= 53248
