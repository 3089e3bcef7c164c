"""What fused attention needs of a machine, and what it says where this is missing."""

from __future__ import annotations

import pytest

from hwsim.arch.load import arch_of
from hwsim.mapping.fused.configurations import FUSEMAX
from hwsim.mapping.fused.estimate import estimate_attention
from hwsim.mapping.fused.machine import two_array_machine
from hwsim.mapping.fused.shape import AttentionShape
from hwsim.spec.document import parse_document
from hwsim.spec.errors import InputError

from .layers import cascade, estimate, machine, shape


def test_the_parts_of_fusemax():
    found = machine("fusemax_cloud")
    assert (found.rows, found.columns, found.grid.units, found.lanes.units) == (256, 256, 65536, 256)
    assert (found.buffer_bytes, found.buffer_row_words, found.word_bytes) == (16 * 2**20, 256, 2)
    assert found.dram_bandwidth == 400 * 2**30
    assert (found.grid.cycles_of("mac"), found.grid.cycles_of("exp")) == (1, 6)


def test_buffers_along_the_way_are_passed_and_the_shared_one_holds_the_scores():
    found = machine("tpu_v1")
    assert (found.buffer, found.buffer_bytes, found.word_bytes) == ("unified_buffer", 24 * 2**20, 1)
    assert not found.keys_at_home  # keys come through the weight FIFO
    assert machine("tpu_v4i").keys_at_home
    assert (machine("tpu_v4i").arrays, machine("tpu_v4i").grid.units) == (4, 4 * 128 * 128)


def test_arrays_that_reach_no_memory_together_meet_in_the_dram():
    found = machine("gemmini_default")
    assert (found.buffer, found.keys_at_home, found.results_at_home) == ("scratchpad", True, False)
    assert not found.meets
    assert all(machine(name).meets for name in ("tpu_v1", "edge_npu", "eyeriss"))


def test_a_grid_without_elements_that_keep_scores_times_its_tiles_itself():
    found = machine("eyeriss")
    assert found.tiled.component == "array"
    assert (found.grid.units, found.lanes.units) == (168, 4)
    assert machine("edge_npu").tiled is None


def test_machines_without_a_place_for_queries_say_so():
    text = """
name: bare
clock: 1 GHz
technology: cmos_16nm
components:
  dram:
    class: dram
    device: ddr4
    bandwidth: 10 GB/s
    efficiency: 1
    width: 64 B
    components:
      array:
        class: systolic_array
        rows: 8
        columns: 8
        dataflow: weight_stationary
        datatype: int8
        accumulator: int32
      vector: {class: vector_unit, lanes: 8, datatype: fp16, units: [mac], cycles: {add: 1}}
"""
    with pytest.raises(InputError, match="no memory on the chip that holds inputs of array"):
        two_array_machine(arch_of(parse_document(text, "bare.yaml")))


def test_a_unit_for_the_exponential_takes_the_difference_in_flight():
    assert machine("flat_cloud").exp_unit
    assert not machine("fusemax_cloud").exp_unit


def test_work_that_an_array_cannot_do():
    with pytest.raises(InputError, match="'array_2d' cannot do 'max'"):
        estimate_attention(machine("flat_cloud"), FUSEMAX, cascade("attention_1pass"), shape())


def test_sequences_that_are_no_whole_tiles_fill_them_up():
    of = AttentionShape(1, 1, 1000, 1025, 64, 64)
    assert of.sizes(256) == {"E": 64, "F": 64, "P": 1000, "M": 1025, "M1": 5, "M0": 205}
    assert of.padded(256, 256) == {"E": 64, "F": 64, "P": 1024, "M": 1280, "M1": 5, "M0": 256}


def test_a_buffer_too_small_for_any_band():
    settings = ("global_buffer.capacity=64 KiB",)
    with pytest.raises(InputError, match="too small for a band: it needs 132096 bytes"):
        estimate("fusemax", settings=settings)
