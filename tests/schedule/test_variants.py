"""Every variant of the cost model against an exhaustive search on tiny graphs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from schedule.address_search import cheapest
from schedule.random_graphs import cosma, tiny_problems

from hwsim.schedule.allocation import Status
from hwsim.schedule.minimum_peak import minimum_peak
from hwsim.schedule.problem import Prices, Problem
from hwsim.schedule.solve import SolveOptions, Solver, solve
from hwsim.schedule.variants import Variants, activations_only, banked, in_place, varied
from hwsim.schedule.verify import verify
from hwsim.spec.errors import InputError

UNIT = 16


def least(problem: Problem) -> int:
    return max(problem.working_set_bytes(operator.id) for operator in problem.operators)


@settings(max_examples=12, deadline=None)
@given(tiny_problems())
def test_activations_only(problem: Problem) -> None:
    bare = activations_only(problem)
    bare = bare.with_scratchpad(least(bare))
    assert solve(bare).noncompulsory_bytes == cheapest(bare, UNIT)


@settings(max_examples=12, deadline=None)
@given(tiny_problems())
def test_alignment(problem: Problem) -> None:
    aligned = varied(problem, Variants(alignment=32))
    aligned = aligned.with_scratchpad(least(aligned) + 32)
    assert solve(aligned).noncompulsory_bytes == cheapest(aligned, 32)


@settings(max_examples=12, deadline=None)
@given(tiny_problems(), st.integers(4, 5))
def test_banks(problem: Problem, banks: int) -> None:
    problem = problem.with_scratchpad(32 * banks)
    split = banked(problem, banks)
    if least(split) <= split.scratchpad_bytes:
        assert solve(split).noncompulsory_bytes == cheapest(split, 32)
    else:
        assert solve(split).status is Status.INFEASIBLE


@settings(max_examples=12, deadline=None)
@given(tiny_problems())
def test_a_fixed_order(problem: Problem) -> None:
    order = tuple(operator.id for operator in problem.operators)
    assert solve(problem, SolveOptions(order=order)).noncompulsory_bytes == cheapest(problem, UNIT, order)


@settings(max_examples=12, deadline=None)
@given(tiny_problems(operators=3, largest=1))
def test_in_place(problem: Problem) -> None:
    shared = in_place(problem, frozenset(operator.id for operator in problem.operators))
    shared = shared.with_scratchpad(least(shared))
    result = solve(shared)
    assert result.noncompulsory_bytes == cheapest(shared, UNIT)
    assert verify(shared, result.steps).valid


@settings(max_examples=8, deadline=None)
@given(tiny_problems(operators=3), st.integers(1, 3), st.integers(0, 3), st.integers(0, 40))
def test_prices(problem: Problem, fetch: int, writeback: int, each: int) -> None:
    priced = replace(problem, prices=Prices(fetch, writeback, each, each))
    result = solve(priced)
    assert result.cost == result.bound == cheapest(priced, UNIT)
    assert result.lower_bound_bytes is None or priced.prices == Prices()


@settings(max_examples=8, deadline=None)
@given(tiny_problems(operators=3))
def test_the_minimum_peak(problem: Problem) -> None:
    peak = minimum_peak(problem)
    size = peak.problem.scratchpad_bytes
    assert peak.lower_bound_bytes == size
    assert verify(peak.problem, peak.result.steps).noncompulsory_bytes == 0
    assert size == least(problem) or cheapest(problem.with_scratchpad(size - UNIT), UNIT) > 0


def test_banks_that_do_not_divide_the_scratchpad_are_refused() -> None:
    problem = Problem((), (), 100)
    with pytest.raises(InputError, match="not 3 equal banks"):
        banked(problem, 3)
    with pytest.raises(InputError, match="not 0 equal banks"):
        banked(problem, 0)


def test_solvers_agree_on_prices() -> None:
    priced = replace(cosma("tiny_1"), prices=Prices(3, 5, 7, 11))
    expected = solve(priced).cost
    for solver in (Solver.HIGHS, Solver.CPSAT):
        result = solve(priced, SolveOptions(solver=solver))
        assert (result.status, result.cost) == (Status.OPTIMAL, expected)
