"""Plain scalars follow the YAML 1.2 core schema (specification 1.2.2, section 10.3.2)."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.spec.scalars import resolve


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("Null", None),
        ("nULL", "nULL"),
        ("true", True),
        ("TRUE", True),
        ("tRUE", "tRUE"),
        ("False", False),
        ("on", "on"),
        ("off", "off"),
        ("yes", "yes"),
        ("No", "No"),
        ("N", "N"),
        ("y", "y"),
        ("010", 10),
        ("0o10", 8),
        ("0x1F", 31),
        ("-7", -7),
        ("+7", 7),
        ("0b11", "0b11"),
        ("1_000", "1_000"),
        ("12:30:45", "12:30:45"),
        ("2001-12-14", "2001-12-14"),
        ("1e-12", 1e-12),
        ("1E3", 1000.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("-1.5e+3", -1500.0),
        ("1e999", math.inf),
        (".inf", math.inf),
        ("-.INF", -math.inf),
        (".", "."),
        ("+", "+"),
        ("e5", "e5"),
        ("700 MHz", "700 MHz"),
        ("१२", "१२"),
    ],
)
def test_each_kind_of_scalar(text, value):
    found = resolve(text)
    assert found == value
    assert type(found) is type(value)


def test_not_a_number_is_a_float():
    assert math.isnan(resolve(".NaN"))


def test_an_endless_integer_is_refused():
    with pytest.raises(ValueError, match="a whole number of 5000 digits is too long"):
        resolve("9" * 5000)


@given(st.floats(allow_nan=False) | st.integers(-(10**90), 10**90))
def test_python_numbers_read_back(number):
    text = repr(number).replace("inf", ".inf")
    assert resolve(text) == number
