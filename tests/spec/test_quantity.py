"""Amounts with units: exact factors, checked dimensions, texts that read back."""

from __future__ import annotations

import math
import re
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.spec import units
from hwsim.spec.amount import exact_amount, parse_quantity, parse_whole
from hwsim.spec.bandwidth import Bandwidth, parse_bandwidth
from hwsim.spec.errors import InputError
from hwsim.spec.fields import amount_schema
from hwsim.spec.printing import exact_text, format_quantity
from hwsim.spec.units import DIMENSIONS, simple_units, units_of


@pytest.mark.parametrize(
    ("text", "dimension", "value"),
    [
        ("700 MHz", units.FREQUENCY, 7e8),
        ("700MHz", units.FREQUENCY, 7e8),
        ("1.5e3 kHz", units.FREQUENCY, 1.5e6),
        ("0.2 pJ", units.ENERGY, 0.2e-12),
        ("3.9 pJ/bit", units.ENERGY_PER_BIT, 3.9e-12),
        ("8 pJ/B", units.ENERGY_PER_BIT, 1e-12),
        ("12 ns", units.TIME, 12e-9),
        ("12 \N{MICRO SIGN}s", units.TIME, 12e-6),
        ("12 \N{GREEK SMALL LETTER MU}s", units.TIME, 12e-6),
        ("1.5 mm^2", units.AREA, 1.5e-6),
        ("1.5 mm2", units.AREA, 1.5e-6),
        ("1.5 mm²", units.AREA, 1.5e-6),
        ("7 um^2", units.AREA, 7e-12),
        ("5 um", units.LENGTH, 5e-6),
        ("40 W", units.POWER, 40.0),
        ("0.9 V", units.VOLTAGE, 0.9),
        ("34 GB/s", units.BYTES_PER_SECOND, 34e9),
        ("34 Gb/s", units.BYTES_PER_SECOND, 4.25e9),
        ("34 Gbit / s", units.BYTES_PER_SECOND, 4.25e9),
        ("1 GiB/s", units.BYTES_PER_SECOND, 2.0**30),
        ("64 B/cycle", units.BYTES_PER_CYCLE, 64.0),
        ("20 mW/mm^2", units.POWER_DENSITY, 2e4),
        ("0 pJ", units.ENERGY, 0.0),
    ],
)
def test_amounts(text, dimension, value):
    assert parse_quantity(text, dimension) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("24 MiB", 24 * 2**20),
        ("24 MB", 24 * 10**6),
        ("1.5 KiB", 1536),
        ("8 Kib", 1024),
        ("16 bit", 2),
        ("1 bit", None),
    ],
)
def test_sizes_are_whole_bytes(text, value):
    if value is None:
        with pytest.raises(InputError, match=r"'1 bit' is 0\.125 B, which is not a whole number"):
            parse_whole(text, units.SIZE)
    else:
        assert parse_whole(text, units.SIZE) == value


def test_widths_are_whole_bits():
    assert parse_whole("1 B", units.BIT_WIDTH) == parse_whole("8 bit", units.BIT_WIDTH) == 8


@pytest.mark.parametrize(
    ("text", "dimension", "message"),
    [
        ("24 MiB", units.FREQUENCY, "expected {it}, got a size ('24 MiB')"),
        ("3 GB/s", units.SIZE, "expected {it}, got a bandwidth ('3 GB/s')"),
        ("3 V/s", units.SIZE, "expected {it}, got something else ('3 V/s')"),
        (700, units.FREQUENCY, "expected {it}, got a number without a unit (700); add the unit, such as MHz"),
        ("0", units.ENERGY, "expected {it}, got a number without a unit (0); add the unit, such as pJ"),
        ("fast", units.FREQUENCY, "expected {it}, got 'fast'"),
        (None, units.TIME, "expected {it}, got nothing"),
        (True, units.TIME, "expected {it}, got true"),
        ({"a": 1}, units.TIME, "expected {it}, got a mapping"),
        ("7 MHZ", units.FREQUENCY, "unknown unit 'MHZ': expected {it}; did you mean 'MHz'?"),
        ("7 mHz", units.FREQUENCY, "unknown unit 'mHz': expected {it}; did you mean 'MHz'?"),
        ("7 mib", units.SIZE, "unknown unit 'mib': expected {it}; did you mean 'MiB'?"),
        (
            "7 KB",
            units.SIZE,
            "unknown unit 'KB': expected {it}; write 'kB' for 1000 bytes or 'KiB' for 1024 bytes",
        ),
        ("7 mb", units.SIZE, "unknown unit 'mb': expected {it}; write 'MB' for bytes or 'Mb' for bits"),
        ("7 PJ", units.ENERGY, "unknown unit 'PJ': expected {it}; did you mean 'pJ'?"),
        ("7 pJ/bits", units.ENERGY_PER_BIT, "unknown unit 'pJ/bits': expected {it}; did you mean 'pJ/bit'?"),
        ("7 parsec", units.LENGTH, "unknown unit 'parsec': expected {it}; use one of: nm, um, mm, m"),
        (
            "7 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            units.LENGTH,
            "unknown unit 'xxxxxxxxxxxxxxxxx...': expected {it}; use one of: nm, um, mm, m",
        ),
        ("1e999 s", units.TIME, "'1e999 s' is too large"),
    ],
)
def test_refused_amounts(text, dimension, message):
    with pytest.raises(InputError) as caught:
        parse_quantity(text, dimension)
    it = f"{dimension.with_article} such as '{dimension.examples[0]}'"
    assert str(caught.value) == message.replace("{it}", it)


def test_a_size_beyond_any_machine():
    with pytest.raises(InputError, match="'1e30 B' is too large"):
        parse_whole("1e30 B", units.SIZE)


@pytest.mark.parametrize(
    "text", ["1" + " " * 200_000 + "x", "1" * 200_000 + " s", "1e" + "9" * 200_000, " " * 200_000]
)
def test_long_texts_are_refused_at_once(text):
    with pytest.raises(InputError):
        parse_quantity(text, units.TIME)


@given(st.sampled_from(DIMENSIONS), st.data())
def test_factors_are_those_of_the_prefix_and_the_base(dimension, data):
    unit = data.draw(st.sampled_from(units_of(dimension)))
    assert exact_amount(f"3 {unit}", dimension) == 3 * exact_amount(f"1 {unit}", dimension)
    assert exact_amount(f"1 {dimension.base}", dimension) == 1


def test_binary_and_decimal_prefixes():
    assert exact_amount("1 TiB", units.SIZE) == 2**40
    assert exact_amount("1 TB", units.SIZE) == 10**12
    assert exact_amount("1 fJ", units.ENERGY) == Fraction(1, 10**15)
    assert "mB" not in simple_units() and "KB" not in simple_units()


@settings(max_examples=400)
@given(
    st.sampled_from(DIMENSIONS),
    st.floats(allow_nan=False, allow_infinity=False, min_value=0, max_value=1e200),
)
def test_exact_text_reads_back(dimension, value):
    assert parse_quantity(exact_text(value, dimension), dimension) == value


@settings(max_examples=400)
@given(st.sampled_from(DIMENSIONS), st.floats(1e-18, 1e18), st.integers(3, 6))
def test_printed_text_is_right_to_its_digits(dimension, value, digits):
    text = format_quantity(value, dimension, digits)
    assert math.isclose(parse_quantity(text, dimension), value, rel_tol=0.51 * 10 ** (1 - digits))


@settings(max_examples=200)
@given(st.floats(1e-12, 900))
def test_printed_times_have_three_digits_and_no_exponent(value):
    number, unit = format_quantity(value, units.TIME).split()
    assert re.fullmatch(r"[0-9]{1,3}(\.[0-9]+)?", number)
    assert len(number.replace(".", "").lstrip("0")) <= 3
    assert unit in units.TIME.shown


@pytest.mark.parametrize(
    ("value", "dimension", "text"),
    [
        (41.23e-6, units.TIME, "41.2 us"),
        (0.31e-3, units.ENERGY, "310 uJ"),
        (24 * 2**20, units.SIZE, "24 MiB"),
        (1023, units.SIZE, "1023 B"),
        (0.99996e-6, units.TIME, "1 us"),
        (0.0, units.POWER, "0 W"),
        (-0.0021, units.TIME, "-2.1 ms"),
        (5e6, units.TIME, "5000000 s"),
        (331e-6, units.AREA, "331 mm^2"),
        (math.inf, units.TIME, "inf s"),
    ],
)
def test_printed_texts(value, dimension, text):
    assert format_quantity(value, dimension) == text


@pytest.mark.parametrize(
    ("value", "dimension", "text"),
    [
        (7e8, units.FREQUENCY, "700 MHz"),
        (24 * 2**20, units.SIZE, "24 MiB"),
        (3000, units.SIZE, "3000 B"),
        (2e-13, units.ENERGY, "200 fJ"),
        (1e-300, units.TIME, "1e-300 s"),
        (0.0, units.TIME, "0.0 s"),
    ],
)
def test_exact_texts(value, dimension, text):
    assert exact_text(value, dimension) == text


def test_bandwidth_is_per_second_or_per_cycle():
    assert parse_bandwidth("34 GB/s").at(1e9) == 34
    assert parse_bandwidth("34 GB/s").per_second(1e9) == 34e9
    assert parse_bandwidth("64 B/cycle").at(2e9) == 64
    assert parse_bandwidth("64 B/cycle").per_second(2e9) == 128e9
    assert [str(parse_bandwidth(text)) for text in ("34 GB/s", "512 bit/cycle")] == ["34 GB/s", "64 B/cycle"]


@pytest.mark.parametrize(
    "given_", [{}, {"bytes_per_second": 1.0, "bytes_per_cycle": 1.0}, {"bytes_per_cycle": 0.0}]
)
def test_bandwidth_is_exactly_one_of_both(given_):
    with pytest.raises(ValueError, match="either bytes per second or bytes per cycle"):
        Bandwidth(**given_)


@given(st.sampled_from(DIMENSIONS), st.data())
def test_schema_pattern_takes_what_the_parser_takes(dimension, data):
    pattern = amount_schema(dimension)["pattern"]
    unit = data.draw(st.sampled_from(units_of(dimension)))
    assert re.search(pattern, f"2.5e3 {unit}")
    assert re.search(pattern, exact_text(12345.678, dimension))
    other = data.draw(st.sampled_from(DIMENSIONS).filter(lambda other: other != dimension))
    assert not re.search(pattern, f"2.5e3 {other.base}")
