from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.report import units

PREFIXES = {
    "a": -18,
    "f": -15,
    "p": -12,
    "n": -9,
    "µ": -6,
    "m": -3,
    "": 0,
    "k": 3,
    "M": 6,
    "G": 9,
    "T": 12,
    "P": 15,
    "E": 18,
}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0 s"),
        (4.12e-5, "41.2 µs"),
        (9.999e-4, "1.00 ms"),
        (1.0, "1.00 s"),
        (999.6, "1.00 ks"),
        (3.1e-4, "310 µs"),
    ],
)
def test_seconds_have_three_digits_and_the_right_prefix(value, shown):
    assert units.seconds(value) == shown


@given(st.floats(1e-17, 1e20))
def test_a_scaled_number_reads_back_within_half_a_percent(value):
    digits, unit = units.scaled(value, "B").split()
    assert 0.99 < float(digits) < 1000
    assert float(digits) * 10 ** PREFIXES[unit.removesuffix("B")] == pytest.approx(value, rel=0.006)


@pytest.mark.parametrize(
    ("value", "shown"), [(512, "512 B"), (1500, "1.50 kB"), (0, "0 B"), (7.5e9, "7.50 GB")]
)
def test_traffic_is_in_powers_of_ten(value, shown):
    assert units.traffic(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0 B"), (1000, "1000 B"), (1024, "1 KiB"), (24 * 2**20, "24 MiB"), (1536, "1.5 KiB")],
)
def test_capacity_is_in_powers_of_two(value, shown):
    assert units.capacity(value) == shown


@pytest.mark.parametrize(("value", "shown"), [(0, "0"), (65536, "65,536"), (2.5, "2.5"), (4.1e9, "4.10 G")])
def test_counts(value, shown):
    assert units.count(value) == shown


@pytest.mark.parametrize(
    ("part", "whole", "shown"), [(1, 0, None), (3, 2, "1.50"), (250, 1, "250"), (0, 1, "0.00")]
)
def test_ratio(part, whole, shown):
    assert units.ratio(part, whole) == shown


@pytest.mark.parametrize(
    ("fraction", "shown"), [(0, "0.0 %"), (0.123, "12.3 %"), (1, "100 %"), (1.5, "150 %")]
)
def test_percent(fraction, shown):
    assert units.percent(fraction) == shown
