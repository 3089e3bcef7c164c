"""Attention in a stack of HBM, command by command: legal, complete, and as its formulas say."""

from __future__ import annotations

import pytest
from engines.pim.test_runs import broken_rules
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.engines.dram.check import read_trace
from hwsim.engines.dram.device import load_device
from hwsim.engines.pim.attention import Attention, Stack, column_steps, segments, work_of
from hwsim.engines.pim.stack import simulate_stack, without_power_limit
from hwsim.spec.errors import InputError

UNITS = ("bank", "bank_group", "base_die")
MAC = {"bank": "MAC_AB", "bank_group": "MAC_SB", "base_die": "MAC_PB"}
DEVICES = {unit: load_device(f"hbm3_attacc_{unit}") for unit in UNITS}
REFRESH = 455
SLOWEST = {"bank": 6, "bank_group": 6, "base_die": 2}


@settings(max_examples=25, deadline=None)
@given(
    unit=st.sampled_from(UNITS),
    tokens=st.integers(1, 700),
    heads=st.integers(1, 50),
    dhead=st.sampled_from([64, 80, 128, 160]),
    dbyte=st.sampled_from([1, 2, 4]),
)
def test_every_stream_is_legal_complete_and_not_below_its_bound(unit, tokens, heads, dhead, dbyte):
    attention, stack = Attention(tokens, heads, dhead, dbyte), Stack()
    found = simulate_stack(DEVICES[unit], attention, unit, recorded=200_000)
    work, rounds = work_of(attention, unit, stack), -(-heads // stack.channels)
    assert found.commands[MAC[unit]] == 2 * work.steps * rounds
    assert found.commands["SFM"] == rounds
    assert found.commands["MV_GB"] == work.moves_in * rounds
    assert found.commands["ACT"] - found.commands["PRE"] <= found.device.organization.banks
    assert list(broken_rules(found.device, found.trace)) == []
    assert found.cycles >= (2 * work.steps * rounds - 1) * SLOWEST[unit]


@settings(max_examples=25, deadline=None)
@given(unit=st.sampled_from(UNITS), steps=st.integers(1, 3000))
def test_segments_are_all_of_a_product_and_no_bank_has_two_rows_at_once(unit, steps):
    found = list(segments(steps, 7, unit, Stack()))
    assert sum(each.steps for each in found) == steps
    assert [each.last for each in found] == [False] * (len(found) - 1) + [True]
    assert len({(each.row, each.bank) for each in found}) == len(found)
    banks = DEVICES[unit].organization.banks
    assert all(each.bank + each.stride * (each.banks - 1) < banks for each in found)


def test_exact_commands_of_one_small_head():
    """16 tokens, 128 elements: two all-bank steps on a row, twice, beside moves; times by the table alone."""
    found = simulate_stack(DEVICES["bank"], Attention(16, 1, 128, 2), "bank", recorded=100)
    lines = [(each.cycle, each.name) for each in read_trace(found.device, found.trace)]
    writes = [(2 * k, "WR_GB") for k in range(8)]
    assert lines[:11] == [*writes, (15, "ACT"), (34, "MAC_AB"), (40, "MAC_AB")]
    assert [name for _, name in lines[11:]].count("MV_SB") == 8 + 16
    assert found.cycles == lines[-1][0] + 19 + 2


@pytest.mark.parametrize("unit", ["bank", "bank_group"])
def test_without_the_limit_of_power_steps_are_four_cycles_apart(unit):
    attention = Attention(2048, 16, 128, 2)
    limited = simulate_stack(DEVICES[unit], attention, unit).cycles
    free = simulate_stack(without_power_limit(DEVICES[unit]), attention, unit).cycles
    steps = column_steps(attention, unit) // 16
    assert 1.9 * steps <= (limited - free) <= 2.2 * steps + REFRESH


def test_a_device_without_its_commands_is_refused():
    with pytest.raises(InputError, match="no commands for attention in a stack"):
        simulate_stack(load_device("hbm2_neupims"), Attention(16, 1, 128, 2), "bank")
