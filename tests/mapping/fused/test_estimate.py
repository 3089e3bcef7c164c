"""Latency, traffic and utilisation of the five configurations."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.mapping.fused.configurations import CONFIGURATIONS
from hwsim.mapping.fused.linear import estimate_linear
from hwsim.mapping.fused.shape import LinearShape

from .layers import estimate, machine, shape

LENGTHS = st.sampled_from([256, 512, 768, 1024, 4096, 16384, 65536, 262144, 2**20])
EMBEDS = st.sampled_from([32, 64, 128, 256])


@given(st.sampled_from(sorted(CONFIGURATIONS)), LENGTHS, EMBEDS)
@settings(max_examples=40, deadline=None)
def test_no_estimate_is_below_its_bounds(name, length, embed):
    found = estimate(name, shape(length, embed))
    compulsory = 4 * 4 * length * embed * 2
    assert found.traffic.total_bytes >= compulsory
    assert found.latency_s >= max(found.grid_s, found.lanes_s, found.dram_s) * (1 - 1e-12)
    assert 0 < sum(found.grid_utilization.values()) <= 1 + 1e-12
    assert 0 < found.lane_utilization <= 1 + 1e-12
    assert all(count.count >= 0 for count in found.counts)


@given(LENGTHS, EMBEDS)
@settings(max_examples=20, deadline=None)
def test_each_step_towards_fusemax_moves_and_waits_less(length, embed):
    of = shape(length, embed)
    unfused, arch, whole = (estimate(name, of) for name in ("unfused", "fusemax_arch", "fusemax"))
    assert whole.latency_s <= arch.latency_s <= unfused.latency_s
    assert whole.traffic == arch.traffic
    assert whole.traffic.total_bytes <= estimate("flat", of).traffic.total_bytes


@given(st.sampled_from(sorted(CONFIGURATIONS)), st.integers(2, 9))
@settings(max_examples=15, deadline=None)
def test_instances_multiply_everything(name, times):
    one, many = estimate(name, shape(instances=1)), estimate(name, shape(instances=times))
    assert many.latency_s == pytest.approx(times * one.latency_s)
    assert many.traffic.total_bytes == pytest.approx(times * one.traffic.total_bytes)
    assert [c.count for c in many.counts] == pytest.approx([times * c.count for c in one.counts])


def test_what_bounds_fusemax_can_be_followed_by_hand():
    tiles = 4 * 4 * 4
    lanes = (1 + 64 + 1024 * 64 / 256 / 16) + 1 + 8 + 64  # RD, RNV, AV; RM; PRM, SPD; SPNV
    assert estimate("fusemax").latency_s == pytest.approx(tiles * lanes / 940e6)


def test_fusemax_arch_exposes_one_fill_a_tile():
    tiles = 4 * 4 * 4
    each = (64 + 1) + 256 + 1 + 8 + (64 + 64)
    assert estimate("fusemax_arch").latency_s == pytest.approx(tiles * each / 940e6)


def test_multiply_accumulates_are_counted_once():
    macs = 4 * 1024 * 1024 * 128
    for name in CONFIGURATIONS:
        counts = {(c.component, c.action): c.count for c in estimate(name).counts}
        assert counts["array_2d", "mac"] == macs


def test_a_slow_dram_bounds_every_configuration():
    slow = ("dram.bandwidth=1 GiB/s",)
    for name, chosen in CONFIGURATIONS.items():
        found = estimate(name, settings=(*chosen.settings, *slow))
        assert found.latency_s == pytest.approx(found.dram_s)


def test_the_need_of_fusemax_for_buffer_does_not_grow_with_the_keys():
    long = [estimate("fusemax", shape(length)) for length in (65536, 262144, 2**20)]
    assert {found.choice for found in long} == {"bands of 32768 queries"}


def test_linear_layers_move_each_operand_once():
    found = estimate_linear(machine("flat_cloud"), LinearShape(1024, 512, 256, 2048))
    projections = 4 * (1024 * 512 + 512 * 256 + 1024 * 256)
    forward = 2 * (1024 * 512 + 512 * 2048 + 1024 * 2048)
    assert found.traffic.total_bytes == 2 * (projections + forward)
