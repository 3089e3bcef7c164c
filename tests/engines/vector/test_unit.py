"""The vector unit: cycles by function, bounds, actions, and what it cannot do."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies.machines import machines

from hwsim.energy.load import load_technology
from hwsim.workload.layers.work import FUNCTIONS
from hwsim.workload.operator import Access, Operator

COUNTS = st.lists(
    st.tuples(st.sampled_from(FUNCTIONS), st.integers(0, 10**6)), unique_by=lambda pair: pair[0]
)


def operator(functions):
    return Operator("op", "softmax", (Access("x"),), (Access("y"),), functions=tuple(functions))


def engine_of(arch):
    component = arch.find("vector")
    return component.attributes.engine(component)


@settings(max_examples=60, deadline=None)
@given(machines(), COUNTS)
def test_bound_is_met_up_to_ragged_rounds(arch, functions):
    engine, op = engine_of(arch), operator(functions)
    cycles, bound = engine.cycles(op), engine.bound_cycles(op)
    ragged = sum(engine.unit.cycles[name] for name, _ in functions)
    assert bound <= cycles <= bound + math.ceil(ragged)


@settings(max_examples=30, deadline=None)
@given(machines(), COUNTS)
def test_actions_are_the_functions(arch, functions):
    actions = engine_of(arch).actions(operator(functions))
    assert {(action.action, action.count) for action in actions} == {pair for pair in functions if pair[1]}


@settings(max_examples=20, deadline=None)
@given(machines())
def test_one_round_a_function(arch):
    engine = engine_of(arch)
    op = operator([("add", engine.lanes)])
    assert engine.cycles(op) == engine.bound_cycles(op) == math.ceil(engine.unit.cycles["add"])


def test_more_instances_are_more_lanes(two_units):
    engine = engine_of(two_units)
    assert engine.lanes == 8
    assert engine.cycles(operator([("add", 9), ("exp", 8)])) == 2 * 1 + 1 * 6


def test_unknown_functions(two_units):
    assert engine_of(two_units).unknown_functions(operator([("add", 1), ("tanh", 1)])) == ("tanh",)


def test_prices(two_units):
    table = load_technology("cmos_45nm")
    unit = two_units.find("vector").attributes
    energies = unit.action_energies(table)
    assert set(energies) == {"add", "exp", "register_read", "register_write"}
    assert energies["add"].value == pytest.approx(0.9e-12)
    assert energies["exp"].value == pytest.approx(6 * 4.6e-12)
    lane = (7700 + 4184) * 1e-12 + 3 * 32 * 5.98e-12
    assert unit.area_price(table).value == pytest.approx(4 * lane)
    assert unit.leakage_price(table).value == pytest.approx(12.6e3 * 4 * lane)
