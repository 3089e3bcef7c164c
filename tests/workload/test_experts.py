"""Mixtures of experts: every token reaches its experts, whatever the routing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.spec.errors import InputError
from hwsim.workload.families.routing import batches, token_counts
from hwsim.workload.load import load_workload

ROUTINGS = ["uniform", "zipf:1.0", "zipf:2", "[1, 2, 3, 4, 0, 6, 7, 8]"]


@pytest.mark.parametrize("routing", ROUTINGS)
@pytest.mark.parametrize("phase", [("sequence=333",), ("phase=decode", "batch=5", "context=10")])
def test_tokens_times_top_k_are_conserved(routing, phase):
    workload = load_workload("mixtral_8x7b", (*phase, f"routing={routing}"))
    tokens = 333 if "sequence=333" in phase else 5
    sizes = [dict(op.ranks) for op in workload.operators if op.name.startswith("layer4.feed_forward.experts")]
    gates = [size for size in sizes if size and "F" in size and size["D"] == 4096]
    assert sum(size["X"] * size["T"] for size in gates) == 3 * tokens * 2
    macs = sum(op.macs for op in workload.operators if op.name.startswith("layer4.feed_forward.experts"))
    assert macs == tokens * 2 * 3 * 4096 * 14336


@pytest.mark.parametrize("routing", ROUTINGS)
def test_weights_of_idle_experts_are_there_but_not_read(routing):
    workload = load_workload("mixtral_8x7b", ("phase=decode", f"routing={routing}"))
    assert workload.parameter_count == 46_702_792_704
    experts = [
        name for name in workload.tensors if "layer0.feed_forward.experts" in name and "gate.weight" in name
    ]
    assert sum(workload.tensors[name].shape[0] for name in experts) == 8
    read = [name for name in experts if name in workload.consumers]
    assert 1 <= sum(workload.tensors[name].shape[0] for name in read) <= 2


def test_equal_experts_are_one_operator():
    workload = load_workload("deepseek_v3")
    assert len(workload.operators) < 4000
    (gate,) = [op for op in workload.operators if op.name == "layer60.feed_forward.experts0.gate"]
    assert dict(gate.ranks) == {"X": 256, "T": 2048 * 8 // 256, "F": 2048, "D": 7168}


def test_mixtral_active_parameters_are_those_published():
    """12.9 billion of Mixtral 8x7B's parameters work on a token (arXiv:2401.04088)."""
    workload = load_workload("mixtral_8x7b", ("phase=decode", "context=0"))
    read = {part.tensor for op in workload.operators for part in op.inputs}
    active = sum(workload.tensors[name].elements for name in read if workload.tensors[name].kind == "weight")
    assert active == pytest.approx(12.9e9, rel=0.01)


def test_deepseek_active_parameters_are_those_published():
    """37 billion of DeepSeek-V3's 671 billion parameters work on a token (arXiv:2412.19437)."""
    workload = load_workload("deepseek_v3", ("phase=decode", "context=0"))
    read = {part.tensor for op in workload.operators for part in op.inputs}
    active = sum(workload.tensors[name].elements for name in read if workload.tensors[name].kind == "weight")
    assert active == pytest.approx(37e9, rel=0.02)


@given(st.lists(st.integers(0, 100), min_size=1, max_size=20).filter(any), st.integers(0, 5000))
@settings(max_examples=200, deadline=None)
def test_largest_remainder(shares, assignments):
    counts = token_counts(tuple(map(float, shares)), len(shares), assignments)
    assert sum(counts) == assignments
    assert all(abs(c - assignments * s / sum(shares)) < 1 for c, s in zip(counts, shares, strict=True))
    assert sum(tokens * experts for tokens, experts in batches(counts)) == assignments


def test_shares_must_be_one_for_each_expert():
    with pytest.raises(InputError, match="2 shares are given for 8 experts"):
        load_workload("mixtral_8x7b", ("routing=[1, 2]",))


@pytest.mark.parametrize(
    "routing", ["even", "zipf", "zipf:x", "[]", "[1, -1, 1, 1, 1, 1, 1, 1]", "[0, 0, 0, 0, 0, 0, 0, 0]"]
)
def test_bad_routing_is_refused_where_it_stands(routing):
    with pytest.raises(InputError) as caught:
        load_workload("mixtral_8x7b", (f"routing={routing}",))
    assert "routing" in str(caught.value)
    assert caught.value.position
