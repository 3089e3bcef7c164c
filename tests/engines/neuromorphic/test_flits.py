"""Messages flit by flit: closed forms of one and two messages, backpressure, and bounds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies.spiking_chips import mesh
from strategies.spiking_networks import network

from hwsim.arch.load import load_arch
from hwsim.engines.neuromorphic.chip import chip_of
from hwsim.engines.neuromorphic.run import run_network
from hwsim.validation.registry import SHIPPED

NS = 1e-9
VISIT, SPIKE, OUT, IN, SYNAPSE, HOP = 2, 1 + 6, 4, 5, 2, 3
"""Nanoseconds of the test's mesh: a visit, what a spike adds to it (update and spike), messages out and in,
a synaptic operation, a hop.
"""


def seconds(cores, edges, bias, **changes):
    """The time of the first step, in nanoseconds."""
    chip = chip_of(mesh(**changes))
    net = network(cores, edges, steps=1, bias=bias, threshold=[50.0] * len(cores))
    return run_network(chip, net, net.cores).record.detailed[0] / NS


FLITS = {"flits": "4", "flit_latency": "2 ns"}


def test_one_message_takes_its_hops_and_its_flits():
    """From core 0 at (0, 0) to core 5 at (1, 2): three hops, four flits on the last link."""
    found = seconds([0, 5], [(0, 1, 9.0)], [60.0, 0.0], **FLITS)
    assert found == pytest.approx(VISIT + SPIKE + OUT + 3 * HOP + 4 * 2 + IN + SYNAPSE)


def test_two_messages_take_turns_on_a_link():
    """Both go from core 0 to core 1: the second enters the core's port when the first has left it."""
    found = seconds([0, 0, 1], [(0, 2, 9.0), (1, 2, 9.0)], [60.0, 60.0, 0.0], link_buffer=2, **FLITS)
    first = VISIT + SPIKE + OUT
    second = max(2 * first, first + 8)
    arrived = max(second + HOP + 8, first + HOP + 8 + IN + SYNAPSE)
    assert found == pytest.approx(arrived + IN + SYNAPSE)


def test_a_full_buffer_holds_the_sender_up():
    """A slow link with room for one message: the next enters a port when the last flit of one has left it."""
    edges = [(i, 3, 9.0) for i in range(3)]
    slow = {"flits": "50", "flit_latency": "2 ns"}
    wide = seconds([0, 0, 0, 1], edges, [60.0] * 3 + [0.0], link_buffer=8, **slow)
    narrow = seconds([0, 0, 0, 1], edges, [60.0] * 3 + [0.0], link_buffer=1, **slow)
    first = VISIT + SPIKE + OUT
    assert wide == pytest.approx(first + 2 * 100 + HOP + 100 + IN + SYNAPSE)
    assert narrow == pytest.approx(first + 2 * (HOP + 100) + HOP + 100 + IN + SYNAPSE)
    assert narrow > wide


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_it_is_never_below_the_sum_of_work_and_never_shorter_with_less_room(data):
    count = data.draw(st.integers(2, 14))
    cores = [data.draw(st.integers(0, 5)) for _ in range(count)]
    ends = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1), st.just(5.0))
    edges = data.draw(st.lists(ends, min_size=1, max_size=40, unique_by=lambda edge: edge[:2]))
    net = network(cores, edges, steps=5, bias=[60.0] * count, threshold=[50.0] * count)
    times = []
    for room in (1, 2, 64):
        run = run_network(chip_of(mesh(link_buffer=room, **FLITS)), net, net.cores)
        assert (run.record.detailed >= run.record.simple * (1 - 1e-12)).all()
        times.append(run.record.detailed)
    assert (times[0] >= times[2] * (1 - 1e-12)).all()


def test_spikes_and_energy_do_not_depend_on_it():
    net = network([0, 3, 5], [(0, 1, 9.0), (1, 2, 9.0), (2, 0, 9.0)], bias=[9.0] * 3, threshold=[50.0] * 3)
    one, other = (run_network(chip_of(mesh(**change)), net, net.cores) for change in ({}, FLITS))
    assert (one.fired == other.fired).all()
    assert (one.record.events == other.record.events).all()


def test_at_low_load_it_agrees_with_the_reference_model():
    """ff512_loihi, 10 steps: 28.746 us simple, 29.338 detailed, 29.427 in SANA-FE's own flit simulator."""
    from dataclasses import replace

    from hwsim.validation.references.sanafe import read_case

    case = read_case(SHIPPED / "sanafe" / "ff512_loihi")
    net = replace(case.network, timesteps=10)
    arch = SHIPPED / "sanafe" / "arch" / "loihi_like.yaml"
    chip = chip_of(load_arch(str(arch), ("mesh.flits=2", "mesh.flit_latency=1 ns")))
    run = run_network(chip, net, net.cores)
    total = float((run.record.detailed + run.barrier).sum())
    assert np.isclose(total, 29.427e-6, rtol=0.01)
