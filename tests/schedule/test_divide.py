from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from schedule.random_graphs import cosma, tiny_problems

from hwsim.schedule import whole_bound as bounds
from hwsim.schedule.allocation import Status
from hwsim.schedule.from_workload import problem_from_workload
from hwsim.schedule.graph_check import first_fault
from hwsim.schedule.greedy import file_order, greedy, realised
from hwsim.schedule.improve import improve
from hwsim.schedule.indexed import index_problem
from hwsim.schedule.part import SHARES, part_of
from hwsim.schedule.plan import peak_units, plan_cost, schedule_from_plan
from hwsim.schedule.problem import Problem
from hwsim.schedule.search import search
from hwsim.schedule.solve import SolveOptions, solve
from hwsim.schedule.verify import verify
from hwsim.schedule.window import plan_inside, put_back, window_of
from hwsim.workload.load import load_workload

FAR = 1e9


@settings(max_examples=40, deadline=None)
@given(tiny_problems(operators=9, largest=5, room=2, arity=3))
def test_a_window_costs_in_the_plan_what_it_costs_alone(problem: Problem) -> None:
    indexed = index_problem(problem)
    plan = greedy(indexed, file_order(indexed)).plan
    for first in range(len(plan.order)):
        for stop in range(first + 1, len(plan.order) + 1):
            window = window_of(indexed, plan, first, stop)
            inside = plan_inside(indexed, plan, window)
            found = search(window.indexed, FAR)
            assert found.plan is not None
            better = put_back(indexed, plan, window, found.plan)
            saved = plan_cost(window.indexed, inside) - plan_cost(window.indexed, found.plan)
            assert saved >= 0
            assert plan_cost(indexed, plan) - plan_cost(indexed, better) == saved
            assert peak_units(indexed, better) <= indexed.capacity


@settings(max_examples=40, deadline=None)
@given(tiny_problems(operators=9, largest=5, room=1, arity=3))
def test_shares_of_the_cost_add_up_to_a_lower_bound(problem: Problem) -> None:
    indexed = index_problem(problem)
    optimum = search(indexed, FAR).lower_bound
    middle = indexed.operators // 2
    total = 0
    for place, operators in enumerate((range(middle + 1), range(middle, indexed.operators))):
        shares = dict.fromkeys(range(indexed.tensors), SHARES // 3 if place else SHARES - SHARES // 3)
        total += search(part_of(indexed, sum(1 << o for o in operators), shares), FAR).lower_bound
    assert total <= optimum * SHARES
    whole = part_of(indexed, indexed.everything, dict.fromkeys(range(indexed.tensors), SHARES))
    assert search(whole, FAR).lower_bound == optimum * SHARES


@pytest.mark.parametrize("name", ["randwire_28_mr", "transformer_h2x2_w_mr", "nasnet_1_mr", "unet_skip_mr"])
def test_the_bound_of_the_parts_and_the_improved_plan_enclose_the_optimum(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "_LENGTH", 6)
    indexed = index_problem(cosma(name))
    optimum = search(indexed, FAR).lower_bound
    plan = improve(indexed, greedy(indexed).plan, time.monotonic() + 5).plan
    bound = bounds.whole_bound(indexed, plan, time.monotonic() + 5)
    assert bound <= optimum <= plan_cost(indexed, plan)
    assert bound == optimum


@settings(max_examples=40, deadline=None)
@given(tiny_problems(operators=9, largest=9, room=4, arity=3))
def test_a_realised_plan_is_valid_and_no_cheaper(problem: Problem) -> None:
    indexed = index_problem(problem)
    plan = search(indexed, FAR).plan
    assert plan is not None
    placed = realised(indexed, plan)
    verdict = verify(problem, schedule_from_plan(indexed, placed.plan, placed.addresses))
    assert verdict.noncompulsory_bytes == plan_cost(indexed, placed.plan) >= plan_cost(indexed, plan)


@settings(max_examples=10, deadline=None)
@given(tiny_problems(operators=8, largest=5, room=2, arity=3))
def test_divide_and_conquer_is_verified_and_encloses_the_optimum(problem: Problem) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hwsim.schedule.attempt._CELL", 0)
        patch.setattr("hwsim.schedule.attempt._GLANCE_SHARE", 0.0)
        patch.setattr(bounds, "_LENGTH", 3)
        divided = solve(problem, SolveOptions(time_limit_s=5))
    exact = solve(problem)
    assert divided.verified
    assert (divided.lower_bound_bytes or 0) <= (exact.noncompulsory_bytes or 0)
    assert (divided.noncompulsory_bytes or 0) >= (exact.noncompulsory_bytes or 0)


@pytest.mark.parametrize("name", ["bert_base", "nasnet_a_mobile"])
def test_whole_networks_are_proved_in_their_smallest_scratchpad(name: str) -> None:
    problem = problem_from_workload(load_workload(name).with_datatype("int8"), 1)
    least = max(problem.working_set_bytes(operator.id) for operator in problem.operators)
    result = solve(problem.with_scratchpad(least), SolveOptions(time_limit_s=60))
    assert result.status is Status.OPTIMAL


@pytest.mark.parametrize(
    "name",
    [
        "gpt3_7b_decode",
        "mamba_130m",
        "mixtral_8x7b",
        "t5_small",
        "dlrm",
        "deepseek_v3",
        "darts",
        "amoebanet_d",
    ],
)
def test_every_kind_of_workload_is_a_sound_problem(name: str) -> None:
    workload = load_workload(name).with_datatype("int8")
    problem = problem_from_workload(workload, 1)
    assert first_fault(problem) is None
    assert [operator.id for operator in problem.operators] == [op.name for op in workload.operators]


def test_a_cache_is_updated_in_place_and_saved() -> None:
    problem = problem_from_workload(load_workload("gpt3_7b_decode").with_datatype("int8"), 1)
    appends = [operator for operator in problem.operators if operator.in_place]
    assert appends
    for operator in appends:
        assert operator.in_place is not None
        assert operator.outputs[0] == operator.in_place + "'"
        assert problem.tensor[operator.outputs[0]].size == problem.tensor[operator.in_place].size
