"""Placement: within what fits, never slower than taking turns, the same every time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies.spiking_chips import mesh
from strategies.spiking_networks import network

from hwsim.engines.neuromorphic.chip import chip_of
from hwsim.engines.neuromorphic.placement import placed, round_robin
from hwsim.engines.neuromorphic.run import run_network
from hwsim.spec.errors import InputError
from hwsim.validation.references.sanafe import SHIPPED, read_case


def seconds(chip, net, cores):
    return run_network(chip, net, cores).record.detailed.sum()


@settings(max_examples=15, deadline=None)
@given(st.integers(2, 60), st.integers(0, 10**6), st.integers(2, 64))
def test_it_fits_keeps_what_is_fixed_and_repeats(count, seed, most):
    rng = np.random.default_rng(seed)
    chip = chip_of(mesh(neurons=max(most, count // 5 + 1)))
    edges = [(int(a), int(b), 30.0) for a, b in rng.integers(0, count, (3 * count, 2))]
    fixed = np.where(rng.random(count) < 0.2, rng.integers(0, 6, count), -1)
    net = network(fixed, edges, bias=[10.0] * count, threshold=[50.0] * count)
    first, second = placed(chip, net), placed(chip, net)
    assert first.tolist() == second.tolist()
    assert (first[fixed >= 0] == fixed[fixed >= 0]).all()
    assert np.bincount(first).max() <= max(most, count // 5 + 1)


@pytest.mark.parametrize("name", ["ff64_1core", "inp_spikes", "rec128_8core", "tn_rec256", "delay_rec96"])
def test_it_is_never_slower_than_round_robin(name):
    case = read_case(SHIPPED / name)
    chip = chip_of(case.arch)
    net = replace(case.network, cores=np.full(case.network.neurons, -1, dtype=np.int64))
    assert seconds(chip, net, placed(chip, net)) <= seconds(chip, net, round_robin(chip, net))


def test_neurons_that_talk_to_each_other_share_a_core():
    edges = [(a, b, 1.0) for g in range(6) for a in range(g, 60, 6) for b in range(g, 60, 6) if a != b]
    net = network([-1] * 60, edges, bias=[9.0] * 60, threshold=[30.0] * 60)
    cores = placed(chip_of(mesh(neurons=10)), net)
    assert all(len(set(cores[g::6].tolist())) == 1 for g in range(6))


def test_a_network_that_is_too_large_says_by_how_much():
    net = network([-1] * 13, [(0, 1, 1.0)])
    with pytest.raises(
        InputError, match="1 of its 13 neurons find no core with room: it asks for 13 neurons, "
    ):
        placed(chip_of(mesh(neurons=2)), net)
