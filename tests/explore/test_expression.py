"""Formulas over settings and metrics."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.explore.expression import number_of, parse_expression
from hwsim.spec.errors import InputError, Position

KNOWN = frozenset({"array.rows", "array.columns", "buffer.capacity", "array.dataflow", "area_mm2"})


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("area_mm2 < 50", {"area_mm2": 49.9}, True),
        ("area_mm2 < 50 and area_mm2 > 10", {"area_mm2": 5}, False),
        ("not area_mm2 < 50", {"area_mm2": 5}, False),
        ("1 < array.rows <= array.columns", {"array.rows": 8, "array.columns": 8}, True),
        ("4 * array.columns + 2", {"array.columns": 8}, 34),
        ("max(array.rows, array.columns) // 3", {"array.rows": 8, "array.columns": 7}, 2),
        ("buffer.capacity >= 1 MiB", {"buffer.capacity": 2**20}, True),
        ("buffer.capacity == 1.5 KiB", {"buffer.capacity": 1536}, True),
        ("array.dataflow != 'output_stationary'", {"array.dataflow": "output_stationary"}, False),
        ("array.rows in [8, 16]", {"array.rows": 16}, True),
        ("array.rows == 4 or array.rows == 8", {"array.rows": 8}, True),
        ("log2(array.rows) - -1", {"array.rows": 8}, 4),
    ],
)
def test_says(text, values, expected):
    assert parse_expression(text, KNOWN)(values) == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("area_mm < 50", "did you mean 'area_mm2'"),
        ("__import__('os').system('true')", "nothing a formula can hold"),
        ("(lambda: 1)()", "nothing a formula can hold"),
        ("array.rows is None", "nothing a formula can hold|compares"),
        ("area_mm2 <", "is no formula"),
        ("", "is no formula"),
        ("array.rows ** 9999", "nothing a formula can hold"),
        ("a" * 2000, "too long"),
        ("(" * 500, "is no formula"),
    ],
)
def test_refuses_where_it_stands(text, says):
    with pytest.raises(InputError, match=says) as caught:
        parse_expression(text, KNOWN, Position("f", 3, 4))
    assert str(caught.value).startswith("f:3:4:")


def test_what_cannot_be_computed_is_told():
    with pytest.raises(InputError, match=r"cannot be computed for array.rows = 0.*division"):
        parse_expression("1 / array.rows", KNOWN)({"array.rows": 0})
    with pytest.raises(InputError, match="cannot be computed"):
        parse_expression("array.dataflow < 3", KNOWN)({"array.dataflow": "x"})


@given(st.integers(1, 10**9), st.sampled_from(["B", "KiB", "MiB", "kB"]))
@settings(max_examples=40, deadline=None)
def test_amounts_are_in_si_units(number, unit):
    factor = {"B": 1, "KiB": 1024, "MiB": 2**20, "kB": 1000}[unit]
    assert number_of(f"{number} {unit}") == number * factor
    assert parse_expression(f"{number} {unit} == {number * factor}", frozenset())({})
