"""Operations and points that follow from the text of an Einsum."""

from __future__ import annotations

import pytest

from hwsim.einsum.read import parse_cascade
from hwsim.mapping.fused.operations import bodies, operations, points
from hwsim.mapping.fused.spills import Moves, moves_by_tensor, moves_of, score_tensors

from .layers import cascade

SIZES = {"E": 64, "F": 32, "P": 512, "M": 1024, "M1": 4, "M0": 256}


@pytest.mark.parametrize(
    ("tensor", "expected", "count"),
    [
        ("BQK", ("mac",), 1024 * 512 * 64),
        ("LM", ("max",), 1024 * 512),
        ("RM", ("max",), 4 * 512),
        ("SLN", ("subtract", "exp"), 1024 * 512),
        ("SLD", ("add",), 1024 * 512),
        ("SLNV", ("mac",), 1024 * 512 * 32),
        ("PRM", ("subtract", "exp"), 4 * 512),
        ("SPD", ("multiply",), 4 * 512),
        ("RD", ("add",), 4 * 512),
        ("SPNV", ("multiply",), 4 * 512 * 32),
        ("RNV", ("add",), 4 * 512 * 32),
        ("AV", ("divide",), 512 * 32),
    ],
)
def test_the_one_pass_cascade(tensor, expected, count):
    text = cascade("attention_1pass")
    einsum = bodies(text)[tensor]
    assert operations(einsum) == expected
    assert points(text, einsum, SIZES) == count


@pytest.mark.parametrize(
    ("einsum", "expected"),
    [
        ("Y[k] = -X[k]", ("subtract",)),
        ("Y[k] = exp(X[k]) * X[k]", ("exp", "multiply")),
        ("Y = sum(k): X[k] + X[k]", ("add", "add")),
        ("Y = X[k] * X[k]", ("mac",)),
        ("Y = prod(k): X[k]", ("multiply",)),
    ],
)
def test_other_einsums(einsum, expected):
    text = parse_cascade(f'inputs: {{X: [K]}}\neinsums: ["{einsum}"]\n')
    assert operations(bodies(text)["Y"]) == expected


def test_spilled_scores_move_seven_times_and_absent_ones_four():
    text = cascade("attention_3pass")
    assert score_tensors(text) == ("QK", "SN", "A")
    steps = (("QK",), ("GM",), ("SN", "SD"), ("A",), ("AV",))
    assert moves_by_tensor(text, steps) == {"QK": Moves(2, 1), "SN": Moves(1, 1), "A": Moves(1, 1)}
    kernels = (("QK",), ("GM", "SN", "SD", "A"), ("AV",))
    assert moves_by_tensor(text, kernels) == {"QK": Moves(1, 1), "SN": Moves(0, 0), "A": Moves(1, 1)}
    together = (("QK", "GM", "SN", "SD", "A", "AV"),)
    assert set(moves_by_tensor(text, together).values()) == {Moves(0, 0)}
    assert moves_of(text, frozenset({"QK", "AV"})) == Moves(1, 1)
