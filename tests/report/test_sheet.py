from __future__ import annotations

import io

import pytest
from rich.console import Console

from hwsim.descriptions.sheet import Sheet, Table
from hwsim.report.sheet import MOST_ROWS, print_sheet, shown


@pytest.fixture
def printed():
    """Prints a sheet with given facts and tables, and returns the text."""

    def printed(facts, *tables):
        out = io.StringIO()
        sheet = Sheet("arch", "x", "a thing", "x.yaml", "0" * 64, facts, tables)
        print_sheet(sheet, Console(file=out, width=120))
        return out.getvalue()

    return printed


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("capacity_bytes", 25165824, "24 MiB"),
        ("clock_hz", 7e8, "700 MHz"),
        ("energy_j", 2e-13, "200 fJ"),
        ("leakage_w", 0.0125, "12.5 mW"),
        ("macs_fraction", 0.125, "12.5 %"),
        ("energy_j_per_bit", 8e-12, "8.00 pJ/bit"),
        ("area_mm2", 12.34567, "12.35 mm²"),
        ("macs", 4_000_000_000, "4.00 G"),
        ("instances", 3, "3"),
        ("ok", True, "True"),
        ("area_mm2", None, "–"),
        ("shape", [1, [2, 3]], "1, [2, 3]"),
        ("cycles", {"add": 1.0, "inner": {"a": "b"}}, "add 1, inner {a b}"),
    ],
)
def test_values_are_shown_in_the_unit_of_their_key(key, value, text):
    assert shown(key, value) == text


def test_facts_tables_and_trees(printed):
    rows = (
        {"name": "dram", "depth": 0, "size_bytes": 1024},
        {"name": "sram", "depth": 1, "size_bytes": None},
    )
    text = printed({"clock_hz": 1e9, "notes": []}, Table("parts", rows, depth_by="name"), Table("none", ()))
    assert text.startswith("x  (arch, x.yaml)\na thing\nclock: 1.00 GHz\n")
    assert "notes" not in text
    assert "\n   sram " in text
    assert "1 KiB" in text


def test_long_tables_are_cut_and_say_so(printed):
    text = printed({}, Table("many", tuple({"n": number} for number in range(MOST_ROWS + 5))))
    assert "... and 5 more (all with --json)" in text
    assert f" {MOST_ROWS - 1} " in text
    assert f" {MOST_ROWS + 1} " not in text
