"""Column steps of attention in HBM against AttAcc's own table, where that is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwsim.engines.pim.attention import Attention, Stack, column_steps
from hwsim.spec.errors import InputError
from hwsim.validation.references import attacc

REFERENCE = Path(__file__).parents[2] / "../shared/reference/attacc/attacc_cycles.csv"


@pytest.mark.skipif(not REFERENCE.exists(), reason="AttAcc's table is not shipped")
def test_every_count_is_equal_and_cycles_are_near():
    found = attacc.compare(REFERENCE)
    counts = [row for row in found.rows if row.metric == "mac"]
    cycles = [abs(row.error) for row in found.rows if row.metric == "cycle"]
    assert len(counts) == len(cycles) > 30
    assert [row for row in counts if row.error] == []
    assert max(cycles) < 0.03
    assert sum(cycles) / len(cycles) < 0.012
    assert found.failed == 0


def test_steps_cover_every_element_and_no_more_than_ceilings_add():
    """Each step of a unit in a bank multiplies 32 bytes; one stack has 16 x 2 x 2 x 4 x 4 of them."""
    stack = Stack()
    units = stack.pseudochannels * stack.dram_ranks * stack.bank_groups * stack.banks_per_group
    for heads in (1, 15, 16, 17, 32, 33):
        one = column_steps(Attention(1024, heads, 128, 2), "bank") - (16 if heads > 16 else 0)
        assert one * units * 16 == 2 * heads * 1024 * 128


def test_the_slip_adds_what_idle_channels_are_told():
    even = Attention(2048, 20, 128, 2)
    extra = column_steps(even, "bank", whole_last_round=True) - column_steps(even, "bank")
    assert extra == 12 * 128 * 2
    odd = Attention(2048, 36, 128, 2)
    assert column_steps(odd, "bank", whole_last_round=True) == column_steps(odd, "bank")


def test_says_where_data_must_come_from():
    with pytest.raises(InputError, match="ships no data"):
        attacc.compare(None)
