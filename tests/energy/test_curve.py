"""Prices by size: exact at the points, monotone between and beyond them, marked where extrapolated."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.arch.technology import Price
from hwsim.energy.curve import Blend, PowerLaw, Scaled, between
from hwsim.spec.errors import InputError

SIZES = st.floats(1, 1e9)
VALUES = st.floats(1e-15, 1e-9)


@st.composite
def rising(draw):
    """A curve of up to five points that rises by at most the square of the size."""
    sizes = sorted(draw(st.lists(st.integers(1, 10**9), min_size=2, max_size=5, unique=True)))
    points = [(float(sizes[0]), Price(draw(VALUES), "s"))]
    for size in sizes[1:]:
        before, price = points[-1]
        points.append((float(size), Price(price.value * (size / before) ** draw(st.floats(0, 2)), "s")))
    return PowerLaw(tuple(points))


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


def test_a_rise_that_no_number_holds():
    curve = PowerLaw(((2.0, Price(1e-15, "a")), (2.01, Price(1e-3, "b"))))
    with pytest.raises(InputError, match="too steeply to tell that of 1e\\+09 B"):
        curve.at(1e9)


def test_one_point_gives_the_proportion():
    curve = PowerLaw(((8.0, Price(2.0, "a")),))
    assert curve.at(8.0) == Price(2.0, "a")
    assert curve.at(4.0) == Price(1.0, "a, in proportion to the size", True)


def test_between_zero_and_something_is_linear():
    assert between(Price(0.0, "a"), Price(2.0, "b"), 0.5).value == 1.0


def test_between_is_extrapolated_where_an_end_is():
    assert between(Price(1.0, "a", True), Price(2.0, "b"), 0.5).extrapolated
