"""Routing by quantiles against routing drawn expert by expert."""

from __future__ import annotations

import numpy as np
import pytest

from hwsim.engines.gpu.routing import counted, exponents, routed, routing
from hwsim.spec.errors import InputError


def drawn(tokens: int, topk: int, experts: int, alpha: float, generator) -> np.ndarray:
    """Tokens of each expert: a bounded Pareto sample scaled to all assignments, rounded."""
    low, high = (1.0, 0.8 * tokens) if tokens * topk > experts else (0.01, 2.0)
    level = generator.random(experts)
    sample = ((high ** (1 - alpha) - low ** (1 - alpha)) * level + low ** (1 - alpha)) ** (1 / (1 - alpha))
    return np.round(sample / sample.sum() * tokens * topk)


def columns(*values):
    return [np.array([float(value)]) for value in values]


@pytest.mark.parametrize(
    ("tokens", "topk", "experts"), [(4096, 8, 128), (1024, 2, 8), (256, 8, 160), (16, 8, 128)]
)
@pytest.mark.parametrize("alpha", [0.6, 1.2])
def test_as_many_experts_are_active_as_when_drawn(tokens, topk, experts, alpha):
    generator = np.random.default_rng(1)
    counts = [(drawn(tokens, topk, experts, alpha, generator) > 0).sum() for _ in range(200)]
    found = routing(*columns(tokens, topk, experts, alpha)).active[0]
    assert found == pytest.approx(np.mean(counts), rel=0.15)


@pytest.mark.parametrize("alpha", [0.0, 0.6, 1.0, 1.2])
def test_all_assignments_are_routed(alpha):
    for topk, experts in ((8, 128), (2, 8), (8, 8)):
        routed = routing(*columns(4096, topk, experts, alpha))
        assert (routed.loads.sum(axis=1) * routed.weight)[0] == pytest.approx(4096 * topk, rel=0.01)
        assert routed.loads.max() <= 4096


def test_balanced_experts_share_alike_and_one_token_wakes_its_own():
    even = routing(*columns(1024, 2, 8, 0.0))
    assert even.skew[0] == pytest.approx(0.0, abs=1e-12)
    assert even.loads[0] == pytest.approx(256.0)
    assert routing(*columns(1, 2, 8, 0.0)).active[0] == 2
    assert routing(*columns(1024, 2, 8, 1.2)).skew[0] > 0.3


def test_names_of_distributions():
    assert exponents(["balanced", "power_law_1.01"]).tolist() == [0.0, 1.01]
    for name in ("zipf", "power_law_", "power_law_-1", "power_law_nan"):
        with pytest.raises(InputError, match="unknown distribution"):
            exponents([name])


def test_counted_loads_are_as_counted():
    found = routed(*columns(40, 2, 8), [counted([(2, 17), (6, 7), (1, 4)])])
    assert found.active[0] == 9
    assert found.weight[0] * found.loads[0].sum() == pytest.approx(2 * 17 + 6 * 7 + 4)
    assert set(np.round(found.loads[0] / found.loads[0].max() * 17)) == {17, 7, 4}
    counts = np.array([17.0] * 2 + [7.0] * 6 + [4.0])
    assert found.skew[0] == pytest.approx(1 - counts.mean() ** 2 / (counts**2).mean())


def test_equal_counts_are_balanced_routing():
    counted_, even = (routed(*columns(64, 2, 8), [name]) for name in ("counts_8x16", "balanced"))
    for name in ("loads", "weight", "active", "skew"):
        assert getattr(counted_, name) == pytest.approx(getattr(even, name))


@pytest.mark.parametrize(
    "name", ["counts", "counts_", "counts_2x", "counts_0x3", "counts_2x3_", "counts_2y3"]
)
def test_counts_at_fault(name):
    with pytest.raises(InputError, match="unknown distribution"):
        exponents([name])
