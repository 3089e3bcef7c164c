"""The register-level array: the right product, and every closed form equal to what it was seen to do."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.engines.systolic.actions import array_actions, edge_actions
from hwsim.engines.systolic.folds import compute_cycles, fold_grid
from hwsim.engines.systolic.register_transfer import folds_of, simulate

DATAFLOWS = ["output_stationary", "weight_stationary", "input_stationary"]
arrays = st.integers(1, 9)
sizes = st.integers(1, 24)


def operands(M, N, K, seed):
    """Whole numbers, so that sums are exact in any order."""
    random = np.random.default_rng(seed)
    return random.integers(-99, 100, (M, K)).astype(float), random.integers(-99, 100, (K, N)).astype(float)


@pytest.mark.parametrize("dataflow", DATAFLOWS)
@settings(max_examples=120, deadline=None)
@given(rows=arrays, cols=arrays, M=sizes, N=sizes, K=sizes, seed=st.integers(0, 99))
def test_product_cycles_and_actions(dataflow, rows, cols, M, N, K, seed):
    A, B = operands(M, N, K, seed)
    run = simulate(rows, cols, dataflow, A, B)
    assert np.array_equal(run.product, A @ B)
    assert run.cycles == compute_cycles(rows, cols, dataflow, M, N, K)
    assert run.edge == edge_actions(rows, cols, dataflow, M, N, K)
    assert run.array == array_actions(rows, cols, dataflow, M, N, K)


@pytest.mark.parametrize("dataflow", DATAFLOWS)
def test_real_numbers(dataflow):
    random = np.random.default_rng(5)
    A, B = random.normal(size=(33, 20)), random.normal(size=(20, 17))
    np.testing.assert_allclose(simulate(8, 4, dataflow, A, B).product, A @ B, rtol=1e-12, atol=1e-12)


def plain_output_stationary(rows, cols, left, top):
    """One fold with dictionaries for wires: {PE: (step, value or None)}; (results, cycles)."""
    T = left.shape[1]
    right, down, sums, results = {}, {}, {}, {}
    cycle = 0
    while True:
        a = {(r, c + 1): token for (r, c), token in right.items()}
        b = {(r + 1, c): token for (r, c), token in down.items()}
        for r in range(rows):
            if 0 <= cycle - r < T:
                a[r, 0] = cycle - r, left[r, cycle - r] if r < len(left) else None
        for c in range(cols):
            if 0 <= cycle - c < T:
                b[0, c] = cycle - c, top[cycle - c, c] if c < top.shape[1] else None
        cycle += 1
        for place, (step, value) in a.items():
            if place[0] < rows and place[1] < cols:
                other_step, other = b[place]
                assert step == other_step
                if value is not None and other is not None:
                    sums[place] = sums.get(place, 0) + value * other
                    if step == T - 1:
                        results[place] = sums[place]
        right = {place: token for place, token in a.items() if place[1] < cols}
        down = {place: token for place, token in b.items() if place[0] < rows}
        if a.get((rows - 1, cols - 1), (None,))[0] == T - 1:
            return results, cycle


def plain_operand_stationary(rows, cols, left, top):
    """The same for a fold whose ``top`` block stays while sums run down."""
    T = left.shape[1]
    held = {}
    for entering in range(rows - 1, -1, -1):
        held = {(r + 1, c): value for (r, c), value in held.items()}
        if entering < len(top):
            held |= {(0, c): top[entering, c] for c in range(top.shape[1])}
    right, sums, results = {}, {}, {}
    cycle = 0
    while True:
        x = {(r, c + 1): token for (r, c), token in right.items() if c + 1 < cols}
        for r in range(rows):
            if 0 <= cycle - r < T:
                x[r, 0] = cycle - r, left[r, cycle - r] if r < len(left) else None
        cycle += 1
        above, sums = sums, {}
        for (r, c), (step, value) in x.items():
            total = above.get((r - 1, c), 0)
            if value is not None and (r, c) in held:
                total += value * held[r, c]
            if r < rows - 1:
                sums[r, c] = total
            elif c < top.shape[1]:
                results[step, c] = total
        right = x
        if x.get((rows - 1, cols - 1), (None,))[0] == T - 1:
            return results, rows + cycle


@pytest.mark.parametrize("dataflow", DATAFLOWS)
@settings(max_examples=25, deadline=None)
@given(
    rows=st.integers(1, 5),
    cols=st.integers(1, 5),
    M=st.integers(1, 9),
    N=st.integers(1, 9),
    K=st.integers(1, 9),
    seed=st.integers(0, 99),
)
def test_plain_python_twin(dataflow, rows, cols, M, N, K, seed):
    """Fold by fold, the compiled array does what a slow one made of dictionaries does."""
    A, B = operands(M, N, K, seed)
    C = np.zeros((M, N))
    stays = dataflow == "output_stationary"
    twin = plain_output_stationary if stays else plain_operand_stationary
    for fold in folds_of(rows, cols, dataflow, A, B, C):
        while not fold.done:
            fold.tick()
        results, cycles = twin(rows, cols, fold.left, fold.top)
        assert fold.cycle == cycles
        assert {place: fold.results[place] for place in results} == results
        assert len(results) == fold.results.size


@pytest.mark.parametrize("dataflow", DATAFLOWS)
def test_folds_are_as_many_as_the_closed_form_says(dataflow):
    A, B = operands(11, 7, 5, 1)
    row_folds, col_folds = fold_grid(3, 2, dataflow, 11, 7, 5)
    assert len(list(folds_of(3, 2, dataflow, A, B, np.zeros((11, 7))))) == row_folds * col_folds
