"""The stall model against the array behind a port that moves words."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.engines.pipeline import Buffers, latency
from hwsim.engines.systolic.bandwidth_feeder import blocks, segments, simulate

dataflows = st.sampled_from(["output_stationary", "weight_stationary", "input_stationary"])
buffers = st.builds(Buffers, st.integers(1, 3), st.integers(1, 3), st.sampled_from(["shared", "separate"]))
arrays = st.integers(1, 6)
sizes = st.integers(1, 20)
tiles = st.tuples(st.integers(3, 12), st.integers(3, 12), st.integers(3, 12))


def both(rows, cols, dataflow, M, N, K, tile, buffers, words_per_cycle):
    """What the oracle did, what the model says, how many transfers there were."""
    random = np.random.default_rng(M * N * K)
    A, B = (random.integers(-9, 10, shape).astype(float) for shape in ((M, K), (K, N)))
    run = simulate(rows, cols, dataflow, A, B, tile=tile, buffers=buffers, words_per_cycle=words_per_cycle)
    assert np.array_equal(run.product, A @ B)
    sequence = segments(rows, cols, dataflow, blocks(M, N, K, tile), words_per_cycle)
    transfers = sum(1 + (segment.store_cycles > 0) for segment in sequence)
    return run, latency(sequence, buffers), transfers


@settings(max_examples=25, deadline=None)
@given(arrays, arrays, dataflows, sizes, sizes, sizes, tiles, buffers, st.sampled_from([1, 2, 3]))
def test_equal_where_transfers_take_whole_cycles(rows, cols, dataflow, M, N, K, tile, buffers, slowness):
    """A word every ``slowness`` cycles: nothing is rounded, so latency and stalls are equal to the cycle."""
    run, model, _ = both(rows, cols, dataflow, M, N, K, tile, buffers, Fraction(1, slowness))
    assert (run.cycles, run.stall_cycles) == (model.cycles, model.stall_cycles)


@settings(max_examples=40, deadline=None)
@given(
    arrays,
    arrays,
    dataflows,
    sizes,
    sizes,
    sizes,
    tiles,
    buffers,
    st.sampled_from([Fraction(2), Fraction(7, 2), Fraction(5), Fraction(16)]),
)
def test_never_early_and_late_by_less_than_a_cycle_a_transfer(
    rows, cols, dataflow, M, N, K, tile, buffers, words_per_cycle
):
    """Where a cycle moves several words the model rounds each transfer up, and errs by no more than that."""
    run, model, transfers = both(rows, cols, dataflow, M, N, K, tile, buffers, words_per_cycle)
    assert run.cycles <= model.cycles < run.cycles + transfers
