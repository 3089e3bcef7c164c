"""Layers one, two and four: every device runs legally; latency and bandwidth meet the formula; exact
commands.
"""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.engines.dram.address import address_map_of
from hwsim.engines.dram.check import Command, read_trace, violations
from hwsim.engines.dram.controller import REFRESHES, SCHEDULERS, Controller
from hwsim.engines.dram.device import load_device
from hwsim.engines.dram.metrics import answer_of
from hwsim.engines.dram.row_policies import row_policies
from hwsim.engines.dram.simulate import simulate
from hwsim.engines.dram.streams import PATTERNS, stream
from hwsim.engines.dram.timing import timing_of
from hwsim.spec.errors import InputError
from hwsim.spec.library import names

DEVICES = [entry.name for entry in names("dram")]
QUIET = Controller(refresh="none")
TEXTS = {"stride": "stride:k=37", "local": "local:p=0.7"}
HANDING_OVER = 2
"""Cycles from acceptance to the first command: one to the bank's queue, one more to the command bus."""


def run(device, pattern, n, controller=QUIET, seed=1, **options):
    return simulate(device, stream(pattern, n, seed, address_map_of(device)), controller, **options)


def listed(device, pattern, n, controller=QUIET):
    found = run(device, pattern, n, controller, recorded=100)
    return [(c.cycle, c.name, c.bank) for c in read_trace(device, found.trace)]


@pytest.mark.parametrize("name", DEVICES)
@pytest.mark.parametrize("pattern", PATTERNS)
def test_every_device_runs_every_pattern_legally(name, pattern):
    device = load_device(name)
    text = TEXTS.get(pattern, pattern)
    if pattern != "copy":
        text += f"{',' if ':' in text else ':'}w=0.3"
    found = run(device, text, 400, Controller(), recorded=10_000)
    assert list(violations(device, read_trace(device, found.trace))) == []
    answer = answer_of(found)
    assert answer["rd_cmds"] == answer["reads"]
    left = answer["writes"] - answer["wr_cmds"]
    assert 0 <= left <= Controller().write_buffer + device.organization.banks * Controller().bank_queue
    assert answer["cycles_last_completion"] >= answer["lower_bound_cycles"]
    assert 0 <= answer["act"] - answer["pre"] <= device.organization.banks
    assert answer["energy_j"] > 0
    assert answer["utilization"] <= 1


@pytest.mark.parametrize("name", DEVICES)
def test_unloaded_latency_is_the_formula(name):
    device = load_device(name)
    cycles = timing_of(device).cycles
    burst = device.organization.burst_cycles
    alone = HANDING_OVER + cycles("RCDRD") - cycles("AL") + cycles("RL") + burst
    assert run(device, "seq", 1).read_latencies.tolist() == [alone]
    hits = run(device, "seq:gap=400", 5).read_latencies.tolist()
    assert hits == [alone] + [HANDING_OVER + cycles("RL") + burst] * 4


@pytest.mark.parametrize("name", DEVICES)
@pytest.mark.parametrize(("pattern", "spacing"), [("samebg", "CCD_L"), ("xbg", "CCD_S")])
def test_streaming_bandwidth_is_the_formula(name, pattern, spacing):
    """Hits in rows that are open follow each other by the column rule of their scope, and no faster."""
    device = load_device(name)
    parts, cycles = device.organization, timing_of(device).cycles
    banks = parts.banks_per_group if pattern == "samebg" else parts.bank_groups
    step = max(parts.burst_cycles, cycles(spacing if banks > 1 and parts.bank_groups > 1 else "CCD_L"))
    found = run(device, pattern, banks * parts.bursts_per_row, recorded=10_000)
    columns = [c.cycle for c in read_trace(device, found.trace) if c.name == "RD"]
    steady = columns[len(columns) // 2 :]
    assert min(later - earlier for earlier, later in pairwise(steady)) == step
    assert steady[-1] - steady[0] <= 1.01 * step * (len(steady) - 1) + 2 * step


def test_exact_commands_of_a_row_conflict():
    """DDR4-2400: RCD 17, RP 17, RAS 39, RTP 9; the second row of the bank waits for RAS, the third
    likewise.
    """
    device = load_device("ddr4_2400_x8_2r")
    assert listed(device, "rowconf", 2) == [
        *((2, "ACT", 0), (19, "RD", 0)),
        *((41, "PRE", 0), (58, "ACT", 0), (75, "RD", 0)),
    ]


def test_exact_commands_of_hits_in_one_bank_and_over_groups():
    """DDR4-2400: CCD_L 6 in a group, CCD_S 4 = burst between groups, RRD_S 4 between their rows."""
    device = load_device("ddr4_2400_x8_2r")
    assert listed(device, "seq", 4) == [(2, "ACT", 0), *((19 + 6 * k, "RD", 0) for k in range(4))]
    assert listed(device, "xbg", 4) == [
        *((2 + 4 * k, "ACT", 4 * k) for k in range(4)),
        *((19 + 4 * k, "RD", 4 * k) for k in range(4)),
    ]


def test_exact_commands_of_five_activates():
    """HBM2: RRD_S 4 over groups, the fifth FAW 30 after the first, one of each kind in a cycle where both
    fit.
    """
    device = load_device("hbm2")
    found = listed(device, "bankpar", 5)
    assert [c for c in found if c[1] == "ACT"] == [
        *((2 + 4 * k, "ACT", 4 * k) for k in range(4)),
        (32, "ACT", 1),
    ]
    assert [c for c in found if c[1] == "RD"] == [(16 + 4 * k, "RD", 4 * k) for k in range(4)] + [
        (46, "RD", 1)
    ]


def test_exact_commands_of_closed_pages_and_refresh():
    """HBM2: a column command closes its row; the refresh comes at REFI as all banks are closed."""
    device = load_device("hbm2")
    assert listed(device, "seq:gap=4000", 2, Controller(row_policy="closed_page")) == [
        *((2, "ACT", 0), (16, "RDA", 0), (3900, "REF", 0)),
        *((4160, "ACT", 0), (4174, "RDA", 0)),
    ]


def test_per_bank_refresh_leaves_other_banks_alone():
    device = load_device("hbm2")
    found = listed(device, "seq:gap=600", 2, Controller(refresh="per_bank"))
    assert found[:3] == [(2, "ACT", 0), (16, "RD", 0), (128, "PRE", 0)]
    assert [c for c in found if c[1] == "REFB"] == [(142, "REFB", 0)] + [
        (128 * k, "REFB", k - 1) for k in (2, 3, 4)
    ]


@settings(max_examples=25, deadline=None)
@given(
    name=st.sampled_from(DEVICES),
    share=st.floats(0, 1),
    stay=st.floats(0, 1),
    gap=st.integers(0, 40),
    scheduler=st.sampled_from(SCHEDULERS),
    policy=st.sampled_from(sorted(row_policies())),
    refresh=st.sampled_from(REFRESHES),
    seed=st.integers(0, 2**63),
)
def test_any_choice_is_legal_and_loses_nothing(name, share, stay, gap, scheduler, policy, refresh, seed):
    device = load_device(name)
    controller = Controller(scheduler=scheduler, row_policy=policy, refresh=refresh)
    text = f"local:p={stay:.3f},w={share:.3f},gap={gap}"
    found = run(device, text, 250, controller, seed, recorded=10_000)
    assert list(violations(device, read_trace(device, found.trace))) == []
    assert (found.done > found.accepted).all()
    assert (found.accepted >= found.stream.arrival).all()


def test_a_longer_refresh_or_a_smaller_queue_never_helps_much():
    device = load_device("hbm2")
    quiet, refreshed = run(device, "rand", 2000), run(device, "rand", 2000, Controller())
    assert quiet.cycles < refreshed.cycles
    in_order = run(device, "rand", 2000, Controller(scheduler="fcfs"))
    assert in_order.cycles > 2 * refreshed.cycles


def test_checker_sees_what_is_wrong_beside_time():
    device = load_device("hbm2")
    trace = [Command(0, "RD", 0, 5), Command(0, "RD", 1, 5), Command(100, "PRE", 2, -1)]
    texts = "\n".join(violations(device, trace))
    assert "has row None open" in texts
    assert "no row open" in texts
    assert "bus is taken" in texts


@pytest.mark.parametrize(
    "text",
    [
        "rnd",
        "rand:v=1",
        "rand:w=2",
        "rand:w",
        "stride",
        "stride:k=x",
        "local",
        "pingpong:burst=0",
        "seq:gap=-1",
    ],
)
def test_what_is_no_pattern(text):
    with pytest.raises(InputError):
        stream(text, 10, 1, address_map_of(load_device("hbm2")))
