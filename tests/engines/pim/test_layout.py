"""Layout and program of attention in the banks: the right sums on real data, rows without overlap."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.engines.dram.check import read_trace
from hwsim.engines.dram.device import load_device
from hwsim.engines.pim.functional import padded, read_outs, stored
from hwsim.engines.pim.layout import Geometry, Heads, Layout, geometry_of
from hwsim.engines.pim.machine import PimController
from hwsim.engines.pim.simulate import simulate_pim
from hwsim.spec.errors import InputError

NEUPIMS = geometry_of(load_device("hbm2_neupims"), 2)
LAYOUTS = st.builds(
    Layout,
    st.sampled_from([NEUPIMS, Geometry(8, 2, 64, 8), Geometry(16, 4, 128, 16)]),
    st.builds(
        Heads, st.integers(1, 5), st.integers(1, 3), st.sampled_from([16, 24, 64]), st.sampled_from([16, 40])
    ),
)


def scores_of(layout, sums, tokens, queries):
    """Read-outs put together: [head, query of its group, token]."""
    banks, tiles = layout.geometry.banks, -(-tokens // layout.geometry.banks)
    found = np.zeros((layout.heads.kv_heads, layout.heads.group, tiles * banks))
    head = 0
    for heads in layout.key_chunks:
        for query in range(queries):
            for at in range(tiles):
                for one in range(heads):
                    found[head + one, query, at * banks : (at + 1) * banks] = next(sums)
        head += heads
    return found[:, :, :tokens]


def context_of(layout, sums, tokens, queries):
    """Read-outs put together and partial sums added: [head, query of its group, element]."""
    banks, chunks = layout.geometry.banks, -(-tokens // layout.geometry.row)
    found = np.zeros((layout.heads.kv_heads, queries, layout.value_tiles * banks))
    for head in range(layout.heads.kv_heads):
        for _ in range(chunks):
            for query in range(queries):
                for at in range(layout.value_tiles):
                    found[head, query, at * banks : (at + 1) * banks] += next(sums)
    return found[:, :, : layout.heads.values]


@settings(max_examples=40, deadline=None)
@given(layout=LAYOUTS, tokens=st.integers(1, 150), composite=st.booleans(), seed=st.integers(0, 99))
def test_layout_and_program_compute_attention(layout, tokens, composite, seed):
    heads = layout.heads
    random = np.random.default_rng(seed)
    keys = random.integers(-4, 5, (tokens, heads.kv_heads, heads.width)).astype(float)
    values = random.integers(-4, 5, (tokens, heads.kv_heads, heads.values)).astype(float)
    query = random.integers(-4, 5, (heads.kv_heads, heads.group, heads.width)).astype(float)
    weights = random.integers(0, 5, (heads.kv_heads, heads.group, tokens)).astype(float)
    memory = stored(layout, keys, values)

    def vectors():
        head = 0
        for many in layout.key_chunks:
            for one in range(heads.group):
                yield padded(layout, query[head : head + many, one])
            head += many
        for at in range(heads.kv_heads):
            for chunk in range(-(-tokens // layout.geometry.row)):
                for one in range(heads.group):
                    yield weights[at, one, chunk * layout.geometry.row : (chunk + 1) * layout.geometry.row]

    sums = read_outs(layout, layout.program(tokens, 1, composite), memory, vectors())
    scores = scores_of(layout, sums, tokens, heads.group)
    assert np.array_equal(scores, np.einsum("hgd,thd->hgt", query, keys))
    context = context_of(layout, sums, tokens, heads.group)
    assert np.array_equal(context, np.einsum("hgt,thv->hgv", weights, values))
    assert next(sums, None) is None


def test_rows_of_the_published_layout():
    """7B on four devices: eight heads of 128; 306 tokens take ceil(306/32) x 2 rows of keys, 32 of values."""
    layout = Layout(NEUPIMS, Heads(8, 1, 128, 128))
    assert (layout.key_rows(306), layout.value_rows(306)) == (20, 32)
    assert layout.key_rows(2048) == 128
    assert layout.value_rows(2048) == 128
    program = layout.program(306, 1, True)
    assert sum(each.kind == "load" for each in program) == 2 + 8
    assert sum(each.kind == "announce" for each in program) == 20 + 32


@pytest.mark.parametrize(("device", "buffers"), [("hbm2_neupims", 2), ("hbm2_newton", 1), ("gddr6_aim", 1)])
def test_a_refresh_never_splits_a_tile_of_attention(device, buffers):
    memory = load_device(device, 1)
    layout = Layout(geometry_of(memory, 2), Heads(4, 1, 128, 128))
    program = layout.program(600, memory.organization.rows // 2, buffers == 2)
    found = simulate_pim(memory, program, controller=PimController(row_buffers=buffers), recorded=200_000)
    left = {}
    tiles = iter([each for each in program if each.kind == "announce"])
    inside = 0
    for command in read_trace(memory, found.trace):
        if command.name == "P_HEADER":
            inside = next(tiles).readouts
        elif command.name in ("READRES", "COMPS_READRES"):
            inside -= 1
        elif command.name == "REF":
            left[command.cycle] = inside
    assert left
    assert set(left.values()) == {0}


def test_heads_wider_than_a_row_are_refused():
    with pytest.raises(InputError, match="does not fit a row"):
        Layout(NEUPIMS, Heads(1, 1, 1024, 1024))
