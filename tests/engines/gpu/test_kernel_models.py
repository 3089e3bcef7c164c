"""Laws that the kernel models keep whatever the parameters were fitted to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from engines.gpu.kernel_rows import kernels
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.engines.gpu.bounds import least_seconds
from hwsim.engines.gpu.families import BY_OPERATOR
from hwsim.engines.gpu.parameters import shipped_values
from hwsim.validation.gpu.machines import datasheets

GPUS = sorted({sheet.name for sheet in datasheets().values()})
size = st.integers(1, 20_000)
few = settings(max_examples=40, deadline=None)


def estimate(rows):
    return BY_OPERATOR[str(rows.operators[0])].estimate(rows)


def least(rows):
    return least_seconds(rows, BY_OPERATOR[str(rows.operators[0])].work(rows))


@few
@given(gpu=st.sampled_from(GPUS), m=size, n=size, k=size, cold=st.booleans())
def test_a_product_is_never_faster_than_physics(gpu, m, n, k, cold):
    rows = kernels("gemm", gpu, cold=cold, batch=1, m=m, n=n, k=k)
    assert estimate(rows)[0] >= least(rows)[0]


@few
@given(
    gpu=st.sampled_from(GPUS),
    batch=st.integers(1, 64),
    length=st.integers(1, 32_768),
    kv_heads=st.sampled_from([1, 2, 8, 32]),
    group=st.sampled_from([1, 4, 8]),
)
def test_attention_is_never_faster_than_physics(gpu, batch, length, kv_heads, group):
    shape = {"batch": batch, "heads": group * kv_heads, "kv_heads": kv_heads, "head_dim": 128}
    for rows in (
        kernels("attention_decode", gpu, kv_len=length, **shape),
        kernels("attention_prefill", gpu, seq=length, causal=1, **shape),
    ):
        assert estimate(rows)[0] >= least(rows)[0]


@few
@given(
    gpu=st.sampled_from(GPUS),
    operator=st.sampled_from(["add", "relu", "gelu", "silu_mul", "softmax", "layernorm", "rmsnorm"]),
    rows=size,
    cols=size,
)
def test_a_vector_kernel_is_never_faster_than_physics(gpu, operator, rows, cols):
    made = kernels(operator, gpu, rows=rows, cols=cols, n_in=2 if operator == "add" else 1, n_out=1)
    assert estimate(made)[0] >= least(made)[0]


@few
@given(
    gpu=st.sampled_from(GPUS),
    tokens=st.integers(1, 16_384),
    experts=st.sampled_from([8, 64, 160]),
    distribution=st.sampled_from(["balanced", "power_law_1.2", "power_law_0.6"]),
)
def test_experts_are_never_faster_than_physics(gpu, tokens, experts, distribution):
    sizes = {"tokens": tokens, "experts": experts, "hidden": 2048, "inter": 1408, "topk": 6, "tp": 1}
    rows = kernels("moe", gpu, distribution=distribution, **sizes)
    assert estimate(rows)[0] >= least(rows)[0]


@few
@given(gpu=st.sampled_from(GPUS), gpus=st.sampled_from([2, 4, 8]), elements=st.integers(1, 2**28))
def test_a_collective_is_never_faster_than_its_links(gpu, gpus, elements):
    for operator in ("allreduce", "alltoall"):
        rows = kernels(operator, gpu, num_gpus=gpus, elements=elements)
        assert estimate(rows)[0] >= least(rows)[0]


@few
@given(gpu=st.sampled_from(GPUS), m=size, n=size, k=size, axis=st.sampled_from("mnk"))
def test_twice_the_product_takes_longer(gpu, m, n, k, axis):
    shape = {"m": m, "n": n, "k": k}
    once = kernels("gemm", gpu, batch=1, **shape)
    twice = kernels("gemm", gpu, batch=1, **{**shape, axis: 2 * shape[axis]})
    assert estimate(twice)[0] >= 0.999 * estimate(once)[0]


def test_many_rows_at_once_are_the_same_rows_one_by_one():
    m = np.array([1, 7, 64, 4096, 513] * 120)
    together = estimate(kernels("gemm", "H100-SXM5-80GB", batch=1, m=m, n=4096, k=2048))
    alone = [
        estimate(kernels("gemm", "H100-SXM5-80GB", batch=1, m=each, n=4096, k=2048))[0] for each in m[:5]
    ]
    assert np.array_equal(together, np.tile(alone, 120))


def test_one_tile_more_than_a_wave_costs_a_wave():
    """216 tiles of 256 x 128 are two waves of 108 SMs: a row more adds a round, a row less saves nothing."""
    rows = kernels("gemm", "A100-SXM4-80GB", batch=1, m=[1023, 1024, 1025], n=54 * 128, k=1024)
    before, at, after = estimate(rows)
    assert before == pytest.approx(at, rel=1e-2)
    assert after > 1.25 * at


def test_fp8_doubles_the_rate_but_pays_for_quantisation():
    large = {"batch": 1, "m": 4096, "n": 16384, "k": 16384}
    small = {"batch": 1, "m": 16, "n": 256, "k": 256}
    for shape, fp8_wins in ((large, True), (small, False)):
        half, eight = (
            estimate(kernels("gemm", "H100-SXM5-80GB", each, **shape))[0] for each in ("fp16", "fp8")
        )
        assert (eight < half) == fp8_wins


def test_a_gpu_with_the_same_chip_and_faster_memory_streams_faster_and_computes_alike():
    decode = {"batch": 64, "kv_len": 8192, "heads": 32, "kv_heads": 8, "head_dim": 128}
    h100, h200 = (
        estimate(kernels("attention_decode", gpu, **decode))[0]
        for gpu in ("H100-SXM5-80GB", "H200-SXM-141GB")
    )
    assert 1.25 < h100 / h200 < 4800 / 3352
    prefill = {"batch": 4, "seq": 8192, "heads": 32, "kv_heads": 8, "head_dim": 128, "causal": 1}
    h100, h200 = (
        estimate(kernels("attention_prefill", gpu, **prefill))[0]
        for gpu in ("H100-SXM5-80GB", "H200-SXM-141GB")
    )
    assert h100 == pytest.approx(h200, rel=0.1)


@few
@given(
    gpu=st.sampled_from(GPUS),
    operator=st.sampled_from(["lif", "scan"]),
    steps=st.integers(1, 200),
    width=size,
    state=st.integers(1, 64),
)
def test_a_recurrence_is_never_faster_than_physics_nor_than_its_steps_apart(
    gpu, operator, steps, width, state
):
    rows = kernels(operator, gpu, steps=[steps, 1], width=width, state=state)
    time = estimate(rows)
    assert np.all(time >= least(rows))
    assert time[0] >= steps * time[1] * (1 - 1e-9)


@few
@given(gpu=st.sampled_from(GPUS), m=size, n=size, k=size, depth=st.integers(1, 9))
def test_a_chain_is_its_products_one_after_another(gpu, m, n, k, depth):
    there, back = (estimate(kernels("gemm", gpu, batch=1, m=m, n=a, k=b))[0] for a, b in ((n, k), (k, n)))
    rows = kernels("chain", gpu, m=m, n=n, k=k, depth=depth)
    assert estimate(rows)[0] == pytest.approx((depth - depth // 2) * there + depth // 2 * back)
    assert estimate(rows)[0] >= least(rows)[0]


@pytest.mark.parametrize(
    ("operator", "calls", "shape"),
    [
        ("gemm", 1, {"batch": 1, "m": 1, "n": 64, "k": 64}),
        ("rmsnorm", 6, {"rows": 1, "cols": 64, "n_in": 1, "n_out": 1}),
        ("lif", 300, {"steps": 100, "width": 64, "state": 1}),
        ("chain", 5, {"m": 1, "n": 64, "k": 64, "depth": 5}),
        ("moe", 12, {"tokens": 1, "hidden": 64, "inter": 64, "topk": 2, "experts": 8, "tp": 1}),
    ],
)
def test_eager_kernels_wait_for_the_host_where_they_are_short(operator, calls, shape):
    graph, eager = (estimate(kernels(operator, "H100-SXM5-80GB", eager=each, **shape))[0] for each in (0, 1))
    dispatch = calls * shipped_values("launch")["eager_s"]
    assert eager == max(graph, dispatch)
    large = kernels("gemm", "H100-SXM5-80GB", eager=True, batch=1, m=8192, n=8192, k=8192)
    assert estimate(large) == estimate(replace(large, eager=np.array([False])))


@pytest.mark.parametrize(
    ("family", "name", "operator", "shape"),
    [
        ("gemm", "between_s", "gemm", {"batch": 1, "m": 64, "n": 64, "k": 64}),
        ("vector", "between_s", "add", {"rows": 64, "cols": 64, "n_in": 2, "n_out": 1}),
        ("vector", "between_norm_s", "layernorm", {"rows": 64, "cols": 64, "n_in": 1, "n_out": 1}),
    ],
)
def test_an_eager_call_between_two_events_has_its_dispatch_in_its_time(family, name, operator, shape):
    alone, timed = (estimate(kernels(operator, "T4", exposed=each, **shape))[0] for each in (False, True))
    assert timed - alone == pytest.approx(shipped_values(family)[name])


def test_a_short_prompt_takes_longer_with_every_head_and_the_cap_slows_what_draws_more():
    def prompt(heads):
        shape = {"batch": 1, "seq": 128, "kv_heads": 1, "head_dim": 128, "causal": 1}
        return estimate(kernels("attention_prefill", "A100-SXM4-80GB", heads=heads, **shape))

    assert np.all(np.diff(prompt([8, 16, 32, 64, 96])) > 0)
    power = np.array([70.0, 300.0])
    rows = kernels("gemm", "T4", batch=1, m=[4096, 4096], n=4096, k=4096)
    capped = estimate(replace(rows, devices=replace(rows.devices, power=power)))
    assert capped[0] > 1.05 * capped[1]
