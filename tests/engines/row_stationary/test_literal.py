"""The closed forms of the passes against an array that really convolves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from engines.row_stationary.literal import convolve
from engines.row_stationary.strategies import WIDE, engines
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.engines.row_stationary.actions import tile_actions
from hwsim.engines.row_stationary.choice import costs_of
from hwsim.engines.row_stationary.layer import layer_of
from hwsim.engines.row_stationary.passes import start_cycles
from hwsim.engines.row_stationary.shapes import fit_of
from hwsim.workload.contraction import Matmul, Window


@st.composite
def convolutions(draw):
    """Images, filters and stride of a two-dimensional convolution."""
    tall, wide, stride = draw(st.integers(1, 4)), draw(st.integers(1, 3)), draw(st.integers(1, 3))
    rows, columns = draw(st.integers(1, 5)), draw(st.integers(1, 3))
    images, channels, filters = draw(st.integers(1, 2)), draw(st.integers(1, 5)), draw(st.integers(1, 6))
    random = np.random.default_rng(draw(st.integers(0, 99)))
    inputs = random.integers(
        -9, 9, (images, channels, (rows - 1) * stride + tall, (columns - 1) * stride + wide)
    )
    return inputs, random.integers(-9, 9, (filters, channels, tall, wide)), stride


def as_product(inputs, weights, stride):
    """The convolution as mapping sees it."""
    down, along = (
        Window((size - taps) // stride + 1, taps, stride, 1, size)
        for size, taps in zip(inputs.shape[2:], weights.shape[2:], strict=True)
    )
    images, (filters, *kernel) = inputs.shape[0], weights.shape
    return Matmul(1, images * down.out * along.out, filters, int(np.prod(kernel)), images, (down, along))


def directly(inputs, weights, stride):
    """The convolution by its definition."""
    windows = np.lib.stride_tricks.sliding_window_view(inputs, weights.shape[2:], axis=(2, 3))
    return np.einsum("nchwrs,fcrs->nfhw", windows[:, :, ::stride, ::stride], weights)


@settings(max_examples=60, deadline=None)
@given(engines(instances=st.just(1), **WIDE), convolutions())
def test_the_closed_forms_count_what_the_array_does(engine, convolution):
    inputs, weights, stride = convolution
    tile = as_product(inputs, weights, stride)
    layer = layer_of(tile)
    fit = fit_of(engine.pes, layer)
    costs = costs_of(engine.pes, layer, (1, tile.M, tile.N, tile.K))
    shape = {name: getattr(costs.passes, name) for name in "epqrt"}

    sums, found = convolve(inputs, weights, stride, shape, fit.rows)

    assert np.array_equal(sums, directly(inputs, weights, stride))
    words, actions = found.words, tile_actions(engine.pes, tile)
    assert words["weights"] == tile.N * tile.K
    assert words["macs"] == actions["mac", "compute"] == tile.points
    assert words["sums"] == costs.sums
    filters, channels = weights.shape[:2]
    start = start_cycles(fit, costs.passes, filters, channels)
    assert found.pe_cycles == costs.cycles - start
    slow = replace(fit, array=replace(engine.pes, filter_port=1, ifmap_port=1))
    first = start_cycles(slow, costs.passes, filters, channels) - words["weights"]
    whole = weights.shape[2] % fit.rows == 0
    assert words["first windows"] == first if whole else words["first windows"] <= first
    even = whole and filters % (shape["p"] * shape["t"]) == 0 and channels % (shape["q"] * shape["r"]) == 0
    # Pieces of a filter are charged as the largest; so are the sets of a pass.
    assert words["inputs"] == costs.inputs if whole else words["inputs"] <= costs.inputs
    for what, action in (("delivered", ("ifmap_pad_write", "input")), ("hops", ("psum_hop", "output"))):
        assert words[what] == actions[action] if even else words[what] <= actions[action]
