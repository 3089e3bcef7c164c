"""Running cascades: sizes, edges, operators, and inputs that do not fit."""

from __future__ import annotations

import pkgutil
import subprocess
import sys

import numpy as np
import pytest

import hwsim.einsum
from hwsim.einsum.interpreter.run import run_cascade
from hwsim.einsum.read import parse_cascade
from hwsim.spec.errors import InputError


def run(text, inputs, **sizes):
    return run_cascade(parse_cascade(text), inputs, sizes)


def one(einsum, inputs, **sizes):
    ranks = {name: f"[{', '.join('KMN'[: np.ndim(values)])}]" for name, values in inputs.items()}
    declared = ", ".join(f"{name}: {each}" for name, each in ranks.items())
    return run(f"inputs: {{{declared}}}\neinsums: ['{einsum}']", inputs, **sizes)["Y"]


X = np.array([3.0, -1.0, 4.0, 1.0, -5.0])
A = np.arange(6.0).reshape(2, 3) - 2.5


@pytest.mark.parametrize(
    ("einsum", "expected"),
    [
        ("Y = X[k]", X.sum()),
        ("Y = prod(k): X[k]", X.prod()),
        ("Y = mean(k): X[k]", X.mean()),
        ("Y = argmax(k): X[k]", 2),
        ("Y = argmin(k): X[k]", 4),
        ("Y[k] = max(k): X[k]", np.full(5, 4.0)),
        ("Y[k] = sort(k): X[k]", np.sort(X)),
        ("Y[k] = cumsum(k): X[k]", X.cumsum()),
        ("Y[k] = top2(k): X[k]", [3, 0, 4, 0, 0]),
        ("Y[k] = top9(k): X[k]", X),
        ("Y[k] = X[k-1]", [0, 3, -1, 4, 1]),
        ("Y[k] = X[k+2]", [4, 1, -5, 0, 0]),
        ("Y = X[2]", 4),
        ("Y = X[k] * X[k]", X @ X),
        ("Y[k] = X[k] / size(K) - coord(k)", X / 5 - np.arange(5)),
        ("Y[k] = where(lt(X[k], 1), -inf, relu(X[k]))", [3, -np.inf, 4, 1, -np.inf]),
        ("Y[k] = eq(X[k], 1) + le(X[k], 1)", [0, 1, 0, 2, 1]),
        ("Y[k] = round(X[k] / 2)", [2, 0, 2, 0, -2]),
        ("Y[k] = -(X[k] - 2) * 3 / (1 + 1)", -1.5 * (X - 2)),
        ("Y[k+1] = X[k]", [0, 3, -1, 4, 1, -5]),
    ],
)
def test_a_vector(einsum, expected):
    np.testing.assert_allclose(one(einsum, {"X": X}), expected)


@pytest.mark.parametrize(
    ("einsum", "expected"),
    [
        ("Y = max(k,m): A[k,m]", A.max()),
        ("Y = max(k): A[k,m]", A.sum(1).max()),
        ("Y = argmax(k,m): A[k,m]", 5),
        ("Y[m,k] = A[k,m]", A.T),
        ("Y[k] = sum(m): square(A[k,m])", (A * A).sum(1)),
        ("Y[k,m] = cumsum(m): A[k,m]", A.cumsum(1)),
        ("Y[k,m] = top2(k,m): A[k,m]", np.where(A > 1, A, 0)),
        ("Y = A[k,m] * A[k,m] * A[k,m]", (A**3).sum()),
        ("Y[m] = 2 + A[k,m]", 4 + A.sum(0)),
    ],
)
def test_a_matrix(einsum, expected):
    np.testing.assert_allclose(one(einsum, {"A": A}), expected)


def test_a_window_is_valid_where_the_input_is_longer_and_padded_where_it_is_not():
    text = "inputs: {X: [W], F: [R]}\neinsums: ['Y[w] = X[w+r] * F[r]']"
    kernel = np.array([1.0, 10.0])
    np.testing.assert_allclose(run(text, {"X": X, "F": kernel})["Y"], np.correlate(X, kernel))
    padded = run(text, {"X": X, "F": kernel}, W=5)["Y"]
    np.testing.assert_allclose(padded, [*np.correlate(X, kernel), X[-1]])


def test_nested_walks():
    """A walk over tiles, within it a walk over the elements of a tile, the state handed from tile to tile."""
    text = """
partitions: {K: [K1, K0]}
iterative: [K1, K0]
inputs: {X: [K1, K0]}
einsums:
  - "S[0,0] = 1"
  - "S[k1,k0+1] = 2 * S[k1,k0] + X[k1,k0]"
  - "S[k1+1,0] = S[k1,K0]"
  - "Y = S[K1,K0]"
"""
    x = np.arange(12.0)
    expected = 1.0
    for each in x:
        expected = 2 * expected + each
    assert run(text, {"X": x.reshape(3, 4)})["Y"] == expected


def test_two_states_that_need_each_other():
    text = """
iterative: [T]
inputs: {X: [T]}
einsums:
  - "A[0] = 1"
  - "B[0] = 0"
  - "A[t+1] = A[t] + B[t] * X[t]"
  - "B[t+1] = A[t+1] - B[t]"
  - "Y = A[T] + B[T]"
"""
    a, b = 1.0, 0.0
    for x in X:
        a += b * x
        b = a - b
    assert run(text, {"X": X})["Y"] == a + b


WRONG = [
    ("inputs: {X: [K], Z: [K]}\neinsums: ['Y[k] = X[k] * Z[k]']", {"X": X, "Z": X[:3]}, "shape mismatch"),
    ("inputs: {X: [K]}\neinsums: ['Y[k] = X[k]']", {"X": A}, "shape mismatch: input X carries [K], got 2"),
    ("inputs: {X: [K]}\neinsums: ['Y[k] = X[k]']", {}, "input X is missing"),
    ("inputs: {X: [K]}\neinsums: ['Y[k] = X[k]']", {"X": X, "Q": X}, "unknown input 'Q'"),
    ("inputs: {X: [K]}\neinsums: ['Y[k] = topk(k): X[k]']", {"X": X}, "operator 'topk' cannot be run"),
    ("inputs: {X: [K]}\neinsums: ['Y = cumsum(k): X[k]']", {"X": X}, "operator 'cumsum' cannot be run"),
    (
        "inputs: {X: [K], I: []}\neinsums: ['Y = X[@I]']",
        {"X": X, "I": 5},
        "coordinate 5 of X is not among 0 to 4",
    ),
    (
        "inputs: {X: [K], I: []}\neinsums: ['Y = X[@I]']",
        {"X": X, "I": 0.5},
        "coordinate 0.5 of X is not among",
    ),
    (
        "inputs: {X: [T]}\niterative: [T]\neinsums: ['S[9] = 0', 'S[t+1] = S[t] + X[t]']",
        {"X": X},
        "shape mismatch: coordinate 9 of S is outside 0 to 5",
    ),
    ("inputs: {X: [E, P]}\neinsums: ['Y[w,p] = X[e,p+w]']", {"X": A}, "no size for rank W"),
]


@pytest.mark.parametrize(("text", "inputs", "message"), WRONG)
def test_inputs_that_do_not_fit(text, inputs, message):
    with pytest.raises(InputError) as caught:
        run(text, inputs)
    assert message in caught.value.render()


def test_nothing_else_imports_numpy():
    modules = [
        found.name
        for found in pkgutil.walk_packages(hwsim.einsum.__path__, "hwsim.einsum.")
        if not found.name.startswith("hwsim.einsum.interpreter")
    ]
    code = f"import sys, {', '.join(modules)}; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
