"""What fused attention needs of a machine, and what it says where this is missing."""

from __future__ import annotations

import pytest

from hwsim.arch.load import load_arch
from hwsim.mapping.fused.configurations import FUSEMAX
from hwsim.mapping.fused.estimate import estimate_attention
from hwsim.mapping.fused.machine import two_array_machine
from hwsim.mapping.fused.shape import AttentionShape
from hwsim.spec.errors import InputError

from .layers import cascade, estimate, machine, shape


def test_the_parts_of_fusemax():
    found = machine("fusemax_cloud")
    assert (found.rows, found.columns, found.grid.units, found.lanes.units) == (256, 256, 65536, 256)
    assert (found.buffer_bytes, found.buffer_row_words, found.word_bytes) == (16 * 2**20, 256, 2)
    assert found.dram_bandwidth == 400 * 2**30
    assert (found.grid.cycles_of("mac"), found.grid.cycles_of("exp")) == (1, 6)


def test_a_machine_with_two_buffers():
    with pytest.raises(InputError, match=r"'tpu_v1' has 3 buffers \(class sram\): fused attention needs one"):
        two_array_machine(load_arch("tpu_v1"))


def test_work_that_an_array_cannot_do():
    with pytest.raises(InputError, match="'array_2d' cannot do 'max'"):
        estimate_attention(machine("flat_cloud"), FUSEMAX, cascade("attention_1pass"), shape())


def test_sequences_that_are_no_whole_tiles():
    with pytest.raises(InputError, match="a sequence of 1000 is no whole number of tiles of 256"):
        AttentionShape(1, 1, 1000, 1024, 64, 64).sizes(128, 256)


def test_a_buffer_too_small_for_any_band():
    settings = ("global_buffer.capacity=64 KiB",)
    with pytest.raises(InputError, match="too small for a band: it needs 132096 bytes"):
        estimate("fusemax", settings=settings)
