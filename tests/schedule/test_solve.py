from __future__ import annotations

import pytest
from hypothesis import given, settings
from schedule.address_search import cheapest
from schedule.random_graphs import COSMA, cosma, tiny_problems

from hwsim.schedule.allocation import Status
from hwsim.schedule.best_fit import best_fit_schedule
from hwsim.schedule.budgets import budgets, minimum_peak_bytes
from hwsim.schedule.greedy import file_order, greedy
from hwsim.schedule.indexed import index_problem
from hwsim.schedule.plan import plan_cost
from hwsim.schedule.problem import Operator, Problem, Tensor, TensorKind
from hwsim.schedule.solve import SolveOptions, solve
from hwsim.schedule.verify import verify


@settings(max_examples=12, deadline=None)
@given(tiny_problems())
def test_every_tiny_problem_is_solved_as_the_exhaustive_search_does(problem: Problem) -> None:
    result = solve(problem)
    assert result.status is Status.OPTIMAL
    assert result.noncompulsory_bytes == cheapest(problem, 16)
    assert verify(problem, result.steps).noncompulsory_bytes == result.noncompulsory_bytes


@settings(max_examples=100, deadline=None)
@given(tiny_problems(operators=9, largest=9, room=4, arity=3))
def test_the_greedy_start_is_valid_and_never_below_the_optimum(problem: Problem) -> None:
    result = solve(problem, SolveOptions(time_limit_s=20))
    indexed = index_problem(problem)
    for order in (None, file_order(indexed)):
        assert plan_cost(indexed, greedy(indexed, order).plan) >= (result.lower_bound_bytes or 0)


@settings(max_examples=25, deadline=None)
@given(tiny_problems(operators=7, largest=3, arity=3))
def test_more_scratchpad_never_costs_more(problem: Problem) -> None:
    roomier = solve(problem.with_scratchpad(problem.scratchpad_bytes + 16))
    assert roomier.noncompulsory_bytes <= solve(problem).noncompulsory_bytes


@settings(max_examples=25, deadline=None)
@given(tiny_problems(operators=7, largest=3, arity=3))
def test_a_fixed_order_costs_at_least_the_optimum(problem: Problem) -> None:
    order = tuple(operator.id for operator in problem.operators)
    fixed = solve(problem, SolveOptions(order=order))
    assert tuple(step.op for step in fixed.steps) == order
    assert fixed.noncompulsory_bytes >= solve(problem).noncompulsory_bytes


@pytest.mark.parametrize("name", ["densenet_5_mr", "tiny_1", "randwire_12_mr", "unet_3_mr"])
def test_the_minimum_peak_is_the_least_scratchpad_without_traffic(name: str) -> None:
    problem = cosma(name)
    peak = minimum_peak_bytes(problem, 20)
    assert peak is not None
    assert solve(problem.with_scratchpad(peak)).lower_bound_bytes == 0
    assert budgets(problem, 20).mr_bytes <= peak


def test_alignment_rounds_what_a_tensor_occupies() -> None:
    tensors = tuple(Tensor(f"t{i}", 10, kind) for i, kind in enumerate([TensorKind.INPUT, TensorKind.OUTPUT]))
    problem = Problem(tensors, (Operator("o", ("t0",), ("t1",)),), 32, alignment=16)
    step = solve(problem).steps[0]
    assert sorted(step.placements.values()) == [0, 16]
    assert solve(problem.with_scratchpad(31)).status is Status.INFEASIBLE


def test_an_in_place_operator_needs_room_once() -> None:
    kinds = [TensorKind.INPUT, TensorKind.ACTIVATION, TensorKind.OUTPUT]
    tensors = tuple(Tensor(f"t{i}", 16, kind) for i, kind in enumerate(kinds))
    apart = Problem(tensors, (Operator("a", ("t0",), ("t1",)), Operator("b", ("t1",), ("t2",))), 16)
    assert solve(apart).status is Status.INFEASIBLE
    operators = (
        Operator("a", ("t0",), ("t1",), in_place="t0"),
        Operator("b", ("t1",), ("t2",), in_place="t1"),
    )
    shared = solve(Problem(tensors, operators, 16))
    assert shared.status is Status.OPTIMAL
    assert shared.noncompulsory_bytes == 0


def test_too_small_a_scratchpad_is_infeasible_and_says_what_it_takes() -> None:
    result = solve(cosma("tiny_2").with_scratchpad(100))
    assert result.status is Status.INFEASIBLE
    assert "'n4' needs 1792 bytes" in result.reason


def test_at_a_time_limit_the_best_so_far_is_verified_and_its_bound_is_valid() -> None:
    problem = cosma("randwire_40_mh")
    result = solve(problem, SolveOptions(time_limit_s=0.001))
    assert result.status is Status.FEASIBLE
    assert verify(problem, result.steps).noncompulsory_bytes == result.noncompulsory_bytes
    assert (result.lower_bound_bytes or 0) <= 53248 <= (result.noncompulsory_bytes or 0)


def test_an_interrupt_returns_the_best_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("hwsim.schedule.attempt.easy_search", interrupted)
    result = solve(cosma("randwire_20_mr"))
    assert result.interrupted
    assert result.verified
    assert result.status is Status.FEASIBLE


def test_the_reference_is_all_there() -> None:
    assert len(list(COSMA.glob("*.json"))) == 35


@settings(max_examples=100, deadline=None)
@given(tiny_problems(operators=9, largest=9, room=4, arity=3))
def test_the_best_fit_baseline_is_valid(problem: Problem) -> None:
    verdict = verify(problem, best_fit_schedule(problem))
    assert verdict.violation is None
