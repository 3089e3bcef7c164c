"""Prices by size: exact at the points, monotone between and beyond them, marked where extrapolated."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.arch.technology import Price
from hwsim.energy.curve import Blend, PowerLaw, Scaled, between

SIZES = st.floats(1, 1e9)
VALUES = st.floats(1e-15, 1e-6)


@st.composite
def rising(draw, least=2):
    count = draw(st.integers(least, 5))
    sizes = sorted(draw(st.lists(SIZES, min_size=count, max_size=count, unique=True)))
    values = sorted(draw(st.lists(VALUES, min_size=count, max_size=count)))
    return PowerLaw(tuple((size, Price(value, "s")) for size, value in zip(sizes, values, strict=True)))


@given(rising())
def test_exact_at_the_points(curve):
    for size, price in curve.points:
        assert curve.at(size) == price


@given(rising(), SIZES, SIZES)
def test_rises_with_the_size(curve, one, other):
    small, large = sorted((one, other))
    assert curve.at(small).value <= curve.at(large).value * (1 + 1e-9)


@given(rising(), SIZES)
def test_marked_exactly_where_beyond_the_points(curve, size):
    first, last = curve.points[0][0], curve.points[-1][0]
    assert curve.at(size).extrapolated == (not first <= size <= last)


@given(rising(), st.floats(0.01, 100), SIZES)
def test_scaling_commutes_with_reading(curve, factor, size):
    scaled = Scaled(curve, factor, "why").at(size)
    assert scaled.value == pytest.approx(curve.at(size).value * factor)
    assert scaled.extrapolated == curve.at(size).extrapolated


@given(rising(), rising(), st.floats(0, 1), SIZES)
def test_a_blend_lies_between(first, second, share, size):
    ends = sorted((first.at(size).value, second.at(size).value))
    value = Blend(first, second, share).at(size).value
    assert ends[0] * (1 - 1e-9) <= value <= ends[1] * (1 + 1e-9)


def test_a_power_law_is_met_between_and_beyond():
    curve = PowerLaw(((4.0, Price(2.0, "a")), (64.0, Price(8.0, "b"))))
    for size in (1.0, 9.0, 16.0, 100.0):
        assert curve.at(size).value == pytest.approx(math.sqrt(size))
    assert curve.at(9.0).source == "a; b, power law through 4 B and 64 B"


def test_one_point_gives_the_proportion():
    curve = PowerLaw(((8.0, Price(2.0, "a")),))
    assert curve.at(8.0) == Price(2.0, "a")
    assert curve.at(4.0) == Price(1.0, "a, in proportion to the size", True)


def test_between_zero_and_something_is_linear():
    assert between(Price(0.0, "a"), Price(2.0, "b"), 0.5).value == 1.0


def test_between_is_extrapolated_where_an_end_is():
    assert between(Price(1.0, "a", True), Price(2.0, "b"), 0.5).extrapolated
