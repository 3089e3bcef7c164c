"""The compiled search against the plain one: other code, and one that also skips dominated states."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from schedule.random_graphs import COSMA, cosma, tiny_problems

from hwsim.schedule.compiled_search import compiled_search
from hwsim.schedule.exact import fits
from hwsim.schedule.indexed import index_problem
from hwsim.schedule.plan import peak_units, plan_cost
from hwsim.schedule.problem import Problem
from hwsim.schedule.search import search

FAR = 1e9


@settings(max_examples=60, deadline=None)
@given(tiny_problems(operators=9, largest=5, room=2, arity=3))
def test_both_searches_find_the_same_optimum(problem: Problem) -> None:
    indexed = index_problem(problem)
    plain, compiled = search(indexed, FAR), compiled_search(indexed, FAR)
    assert compiled.proved
    assert compiled.plan is not None
    assert compiled.lower_bound == plain.lower_bound == plan_cost(indexed, compiled.plan)
    assert peak_units(indexed, compiled.plan) <= indexed.capacity


@pytest.mark.parametrize("name", sorted(path.stem for path in COSMA.glob("*.json")))
def test_both_searches_agree_on_the_reference(name: str) -> None:
    indexed = index_problem(cosma(name))
    if fits(indexed) and name != "randwire_40_mh":
        plain = search(indexed, FAR)
        assert compiled_search(indexed, FAR).lower_bound == plain.lower_bound
        assert compiled_search(indexed, FAR, plain.lower_bound).plan is None


def test_a_state_budget_ends_both_with_a_valid_bound() -> None:
    indexed = index_problem(cosma("randwire_40_mh"))
    assert search(indexed, FAR, None, 50).lower_bound <= 53248
    assert compiled_search(indexed, 0.0).lower_bound <= 53248
