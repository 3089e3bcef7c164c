"""The compiled core against the same controller in plain Python, command by command."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from engines.dram.twin import Twin

from hwsim.engines.dram.address import address_map_of
from hwsim.engines.dram.check import read_trace, violations
from hwsim.engines.dram.controller import Controller
from hwsim.engines.dram.device import load_device
from hwsim.engines.dram.simulate import simulate
from hwsim.engines.dram.streams import Stream, stream

CASES = [
    ("ddr4_2400_x8_2r", None, "local:p=0.5,w=0.4", Controller()),
    ("ddr4_2400_x8_2r", None, "rand:w=0.5", Controller(row_policy="closed_page")),
    ("ddr4_3200_x8_2r", None, "copy:b=3", Controller(scheduler="fr_fcfs", bank_queue=3)),
    ("ddr4_3200_x8_2r", None, "local:p=0.8,w=0.3", Controller(scheduler="fcfs")),
    ("hbm2", 1, "local:p=0.6,w=0.3", Controller()),
    ("hbm2", 1, "rand:w=0.2,gap=5", Controller(refresh="per_bank")),
    ("hbm2", 4, "local:p=0.3,w=0.6", Controller(read_queue=3, write_buffer=12, bank_queue=2, hit_cap=2)),
    ("lpddr4_2400_2r", None, "stride:k=17,w=0.3", Controller()),
    ("gddr6_nobg", None, "rand:w=0.3", Controller(refresh="none", scheduler="fr_fcfs")),
    ("gddr6_nobg", None, "pingpong:burst=3,w=0.3", Controller(scheduler="fcfs", row_policy="closed_page")),
]


def compare(device, requests, controller, width):
    run = simulate(device, requests, controller, issue_width=width, recorded=10**5)
    twin = Twin(device, requests, controller, width)
    last = twin.run()
    names = tuple(device.standard.commands)
    ours = [(int(t), names[c], int(b), int(r)) for t, c, b, r, _ in run.trace]
    closing = device.standard.doing("close")
    assert [(t, n, b, -1 if n == closing else r) for t, n, b, r in ours] == twin.trace
    assert run.last_completion == last
    assert run.accepted.tolist() == [r.accepted for r in twin.requests]
    assert run.done.tolist() == [r.done for r in twin.requests]
    assert (run.active_cycles, run.pairs) == (twin.active, twin.pairs)
    assert list(violations(device, read_trace(device, run.trace))) == []


@pytest.mark.parametrize(("name", "channels", "pattern", "controller"), CASES)
def test_same_commands_in_the_same_cycles(name, channels, pattern, controller):
    device = load_device(name, channels)
    compare(device, stream(pattern, 350, 3, address_map_of(device)), controller, channels or 1)


@pytest.mark.parametrize("seed", range(6))
def test_few_addresses_and_tiny_queues_with_forwarding_merging_and_drains_that_stop(seed):
    """Addresses come again while they wait: reads merge, writes answer reads, drains stop for reads."""
    random = np.random.default_rng(seed)
    device = replace_timing(load_device("ddr4_2400_x8_2r"), REFI=1200)
    count, units = 300, random.integers(0, 2**20, 9)
    gaps = random.integers(0, 6, count) * int(random.integers(0, 4))
    requests = Stream(np.cumsum(gaps), units[random.integers(0, 9, count)], random.random(count) < 0.5)
    controller = Controller(
        read_queue=int(random.integers(1, 5)),
        write_buffer=int(random.integers(1, 12)),
        bank_queue=int(random.integers(1, 4)),
        hit_cap=int(random.integers(1, 5)),
    )
    compare(device, requests, controller, int(random.integers(1, 3)))


def replace_timing(device, **times):
    file = device.file.model_copy(update={"timing": {**device.file.timing, **times}})
    return replace(device, file=file)
