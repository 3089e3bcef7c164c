"""Folds that follow each other in an array that loads the next operand behind the one at work."""

from __future__ import annotations

import numpy as np
import pytest
from engines.systolic.preloading import run
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.engines.systolic.array import SystolicArray
from hwsim.engines.systolic.folds import fold_cycles, following_fold_cycles

sizes = st.integers(1, 5)


@settings(max_examples=150, deadline=None)
@given(sizes, sizes, st.lists(st.integers(1, 12), min_size=1, max_size=4), st.integers(0, 2**32 - 1))
def test_products_are_right_and_cycles_those_of_the_closed_form(rows, cols, steps, seed):
    random = np.random.default_rng(seed)
    blocks = [random.integers(-9, 10, (rows, cols)) for _ in steps]
    streams = [random.integers(-9, 10, (T, rows)) for T in steps]
    products, cycles = run(rows, cols, [b.tolist() for b in blocks], [s.tolist() for s in streams])
    for product, stream, block in zip(products, streams, blocks, strict=True):
        assert np.array_equal(np.array(product), stream @ block)
    before, last = steps[:-1], steps[-1]
    following = [following_fold_cycles(rows, cols, "weight_stationary", 2, T) for T in before]
    assert cycles == sum(following) + fold_cycles(rows, cols, "weight_stationary", last)


@pytest.mark.parametrize("dataflow", ["weight_stationary", "input_stationary"])
def test_with_one_register_folds_wait_for_each_other(dataflow):
    assert following_fold_cycles(4, 6, dataflow, 1, 10) == fold_cycles(4, 6, dataflow, 10) == 22
    assert following_fold_cycles(4, 6, dataflow, 2, 10) == 10
    assert following_fold_cycles(4, 6, dataflow, 2, 3) == 4


def test_sums_that_stay_have_no_second_register():
    with pytest.raises(ValueError, match="stationary_registers is 1 where sums stay"):
        SystolicArray(
            rows=4,
            columns=4,
            dataflow="output_stationary",
            stationary_registers=2,
            datatype="int8",
            accumulator="int32",
        )
