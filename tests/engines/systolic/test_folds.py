"""Closed forms: by hand, ints against arrays, and what no dataflow may undercut."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.engines.systolic.actions import array_actions, edge_actions
from hwsim.engines.systolic.folds import (
    compute_bound_cycles,
    compute_cycles,
    fold_shape,
    mapping_efficiency,
    utilization,
)

DATAFLOWS = ["output_stationary", "weight_stationary", "input_stationary"]
dataflows = st.sampled_from(DATAFLOWS)
sizes = st.integers(1, 500)
arrays = st.integers(1, 64)


@pytest.mark.parametrize(
    ("dataflow", "cycles"),
    [
        # 5 x 7 x 3 on 2 x 4: folds of 2 rows and 4 columns, each 2 + 4 - 2 steps longer than its stream.
        ("output_stationary", 3 * 2 * (2 + 4 - 2 + 3)),
        ("weight_stationary", 2 * 2 * (2 + 2 + 4 - 2 + 5)),
        ("input_stationary", 2 * 2 * (2 + 2 + 4 - 2 + 7)),
    ],
)
def test_cycles_by_hand(dataflow, cycles):
    assert compute_cycles(2, 4, dataflow, 5, 7, 3) == cycles


@pytest.mark.parametrize("dataflow", DATAFLOWS)
def test_one_pe_does_a_mac_a_cycle(dataflow):
    loads = 0 if dataflow == "output_stationary" else 1
    _, _, T = fold_shape(dataflow, 1, 1, 9)
    assert compute_cycles(1, 1, dataflow, 1, 1, 9) == (9 // T) * (T + loads)


@given(arrays, arrays, dataflows, sizes, sizes, sizes)
def test_bounds(rows, cols, dataflow, M, N, K):
    assert compute_cycles(rows, cols, dataflow, M, N, K) >= compute_bound_cycles(rows, cols, M, N, K)
    assert 0 < utilization(rows, cols, dataflow, M, N, K) <= mapping_efficiency(rows, cols, dataflow, M, N, K)
    assert mapping_efficiency(rows, cols, dataflow, M, N, K) <= 1
    edge = edge_actions(rows, cols, dataflow, M, N, K)
    assert edge.input_reads >= M * K
    assert edge.weight_reads >= K * N
    assert edge.output_writes - edge.partial_sum_reads == M * N
    assert array_actions(rows, cols, dataflow, M, N, K).macs == M * N * K


@given(arrays, arrays, dataflows, st.lists(st.tuples(sizes, sizes, sizes), min_size=1, max_size=5))
def test_arrays_give_what_ints_give(rows, cols, dataflow, problems):
    M, N, K = (np.array(axis, dtype=np.int64) for axis in zip(*problems, strict=True))
    together = compute_cycles(rows, cols, dataflow, M, N, K)
    moved = array_actions(rows, cols, dataflow, M, N, K)
    words = edge_actions(rows, cols, dataflow, M, N, K)
    shares = utilization(rows, cols, dataflow, M, N, K)
    for at, problem in enumerate(problems):
        assert together[at] == compute_cycles(rows, cols, dataflow, *problem)
        assert shares[at] == utilization(rows, cols, dataflow, *problem)
        alone = array_actions(rows, cols, dataflow, *problem)
        assert moved.weight.register_writes[at] == alone.weight.register_writes
        assert moved.output.hops[at] == alone.output.hops
        assert words.partial_sum_reads[at] == edge_actions(rows, cols, dataflow, *problem).partial_sum_reads


def test_an_unknown_dataflow_is_refused():
    with pytest.raises(ValueError, match="row_stationary"):
        fold_shape("row_stationary", 1, 1, 1)
