from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.report.document import Operator
from hwsim.report.grouping import alike, leading, readable, single, steps
from hwsim.report.groups import Group

COSTS = st.tuples(st.sampled_from(["a.0.x", "a.1.x", "a.1.y", "b", "b7"]), st.integers(1, 3))


def op(name: str, cycles: int = 1, step: int = 0) -> Operator:
    return Operator.model_validate(
        {
            "name": name,
            "kind": "matmul",
            "component": "array" if cycles else "vector",
            "step": step,
            "start_s": 0.0,
            "latency_s": cycles * 1e-9,
            "cycles": cycles,
            "compute_cycles": cycles,
            "stall_cycles": 0,
            "bound_by": "compute" if cycles else f"fused into {name}",
            "lower_bound_cycles": cycles,
            "utilization": 1.0,
            "macs": 10,
            "dram_bytes": 0,
            "energy_j": cycles * 1e-12,
        }
    )


def test_equal_layers_become_one_group_named_by_what_they_share():
    groups = alike(single([op("layer.0.q1"), op("layer.1.q1"), op("head"), op("layer.2.q1")]))
    assert [group.label for group in groups] == ["layer.*.q1 ×3", "head"]


def test_layers_of_other_cost_stay_apart():
    assert len(alike(single([op("layer.0", 1), op("layer.1", 2)]))) == 2


def test_few_operators_stay_as_they_are():
    assert [group.label for group in readable([op("l.0"), op("l.1")], 2)] == ["l.0", "l.1"]


def test_what_does_not_fit_becomes_the_last_row_with_its_totals():
    ops = [
        op(f"{letter}{letter}", cycles)
        for letter, cycles in zip("abcdefgh", [9, 1, 8, 2, 7, 3, 6, 4], strict=True)
    ]
    groups = readable(ops, 4)
    assert [group.label for group in groups] == ["aa", "cc", "ee", "… 5 more operators"]
    assert groups[-1].cycles == 1 + 2 + 3 + 6 + 4


def test_leading_groups_come_first_and_the_others_last():
    ops = [
        op(letter * 2, cycles) for letter, cycles in zip("abcdefgh", [1, 9, 2, 8, 3, 7, 4, 6], strict=True)
    ]
    groups = leading(ops, 3, lambda group: group.cycles)
    assert [group.label for group in groups] == ["bb", "dd", "… 6 more operators"]


def test_what_is_fused_into_a_step_is_told_with_it():
    ops = [
        op(f"layer.{layer}{part}", cycles, layer)
        for layer in (0, 1)
        for part, cycles in (("", 5), (".relu", 0))
    ]
    (group,) = alike(steps(ops))
    assert group.label == "layer.* +1 ×2"
    assert (group.component, group.bound_by, group.cycles) == ("array+vector", "compute", 10)


def test_bounds_that_differ_in_numbers_only_are_one():
    (group,) = alike(steps([op("relu.0", 0, 0), op("relu.1", 0, 1)]))
    assert group.bound_by == "fused into relu.*"


@settings(max_examples=60)
@given(st.lists(COSTS, max_size=30), st.integers(1, 8))
def test_groups_hold_each_operator_once(costs, most):
    ops = [op(name, cycles) for name, cycles in costs]
    groups = readable(ops, most)
    assert len(groups) <= max(most, 1) or not ops
    assert sorted(id(member) for group in groups for member in group.members) == sorted(map(id, ops))
    assert sum(group.latency_s for group in groups) == pytest.approx(sum(one.latency_s for one in ops))


def test_where_equal_costs_would_hide_much_names_are_told_more_roughly():
    ops = [op(f"block{number}.conv", 10 + number) for number in range(20)] + [op("head", 5)]
    assert [group.label for group in readable(ops, 6)] == ["block*.conv ×20", "head"]


def test_a_group_bound_by_two_things_names_the_longer_first():
    slow, fast = op("a.0", 9), op("a.1", 1)
    group = Group("a", (fast, slow.model_copy(update={"bound_by": "dram"})))
    assert group.bound_by == "dram, compute"
