"""The search over fused points finds the best of all of them; published choices are among them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.mapping.fused.choice import FUSED, FusedAttention
from hwsim.mapping.fused.dataflow import choices
from hwsim.mapping.fused.search import (
    able,
    best_choice,
    flat_choice,
    fusemax_choice,
    lacking,
    measure,
    points,
)
from hwsim.mapping.fused.shape import AttentionShape
from hwsim.mapping.fused.work import attention_work
from hwsim.spec.errors import InputError

from .layers import machine, shape
from .test_dataflow import problem

MACHINES = ("fusemax_cloud", "fusemax_edge", "flat_cloud", "flat_edge", "tpu_v1", "tpu_v4i", "edge_npu")
SHAPES = st.builds(
    AttentionShape,
    batch=st.just(1),
    heads=st.integers(1, 9),
    queries=st.integers(1, 1500),
    keys=st.integers(1, 1500),
    embed=st.sampled_from((16, 64, 100)),
    values=st.sampled_from((16, 64, 100)),
    masked=st.booleans(),
    biases=st.integers(0, 2),
)


def everything(arch, of):
    """Every choice of every configuration that the machine can do and whose band fits the buffer."""
    for name in FUSED:
        if able(arch, name, of):
            for choice in points(arch, name, of):
                if name == "flat" or attention_work(arch, choice, of).buffer_bytes <= arch.buffer_bytes:
                    yield choice


@given(st.sampled_from(MACHINES), SHAPES)
@settings(max_examples=25, deadline=None)
def test_no_point_is_better_than_the_best(name, of):
    arch = machine(name)
    best = measure(arch, best_choice(arch, of), of)
    assert best == min(measure(arch, choice, of) for choice in everything(arch, of))
    assert best <= measure(arch, flat_choice(arch, of), of)
    assert best <= measure(arch, fusemax_choice(arch, of), of)


@given(st.sampled_from(MACHINES), SHAPES)
@settings(max_examples=25, deadline=None)
def test_no_work_is_below_its_bounds(name, of):
    arch = machine(name)
    for choose in (flat_choice, fusemax_choice, best_choice):
        work = attention_work(arch, choose(arch, of), of)
        least = work.least_cycles
        assert work.grid_cycles >= least[arch.grid.component] * (1 - 1e-12)
        assert work.lane_cycles >= least[arch.lanes.component] * (1 - 1e-12)
        assert work.cycles >= max(work.grid_cycles / arch.arrays, work.lane_cycles) * (1 - 1e-12)
        word, many = arch.word_bytes, of.instances
        operands = of.queries * of.embed + of.keys * (of.embed + of.values)
        assert sum(work.read.values()) >= many * operands * word * (1 - 1e-12)
        assert work.written["AV"] >= many * of.queries * of.values * word
        assert work.buffer_bytes <= arch.buffer_bytes


@given(st.sampled_from(MACHINES), SHAPES)
@settings(max_examples=15, deadline=None)
def test_every_score_is_worked_on_once_whatever_the_tiles(name, of):
    arch = machine(name)
    for choose in (flat_choice, fusemax_choice):
        macs = sum(
            count.count
            for each in attention_work(arch, choose(arch, of), of).actions
            for count in each.inside
            if count.action == "mac"
        )
        assert macs == pytest.approx(of.queries * of.keys * (of.embed + of.values))


def test_what_an_array_cannot_do_is_named_and_moves_to_the_lanes():
    of = shape()
    assert lacking(machine("fusemax_cloud"), "fusemax", of) is None
    assert lacking(machine("tpu_v1"), "fusemax", of) == "mxu cannot do 'max'"
    assert fusemax_choice(machine("tpu_v1"), of).configuration == "fusemax_cascade"
    assert fusemax_choice(machine("fusemax_cloud"), of) == FusedAttention("fusemax", 1024)


def test_a_buffer_that_is_too_small_leaves_less_or_nothing():
    tiny = machine("flat_cloud", ("global_buffer.capacity=64 KiB",))
    with pytest.raises(InputError, match="too small for a band"):
        fusemax_choice(tiny, shape())
    with pytest.raises(InputError, match="too small for a band"):
        best_choice(tiny, shape())
    small = machine("flat_cloud", ("global_buffer.capacity=450 KiB",))
    with pytest.raises(InputError, match="too small for FLAT's tiles: they need 524288 bytes"):
        flat_choice(small, shape())
    assert best_choice(small, shape()).configuration == "fusemax_cascade"


def test_keys_stay_only_where_the_buffer_holds_them():
    assert any(choice.resident & {"K", "V"} for choice in choices(problem(1024)))
    assert not any(choice.resident & {"K", "V"} for choice in choices(problem(1024, name="tpu_v1")))


def test_a_mask_and_biases_cost_an_operation_a_score_where_the_arrays_add():
    plain, more = AttentionShape(1, 1, 512, 512, 64, 64), AttentionShape(1, 1, 512, 512, 64, 64, True, 1)
    for name, lanes_or_grid in (("tpu_v1", "lanes"), ("fusemax_cloud", "grid")):
        arch = machine(name)
        part = getattr(arch, lanes_or_grid)
        choice = fusemax_choice(arch, plain)
        before, after = (attention_work(arch, choice, of) for of in (plain, more))
        attribute = "lane_cycles" if lanes_or_grid == "lanes" else "grid_cycles"
        extra = getattr(after, attribute) - getattr(before, attribute)
        assert extra == pytest.approx(2 * 512 * 512 / part.units)
    assert sum(after.read.values()) - sum(before.read.values()) == 512 * 512 * 2  # the bias
