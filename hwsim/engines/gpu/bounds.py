"""What no kernel can beat: least operations over peak, least bytes over bandwidth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hwsim.engines.gpu import chain, collective, decode, moe, prefill, recurrence, vector
from hwsim.engines.gpu.devices import Array
from hwsim.engines.gpu.kernels import Kernels, bytes_of
from hwsim.engines.gpu.routing import routed

VECTOR_OPERATIONS = {"softmax": 5.0, "layernorm": 7.0, "rmsnorm": 4.0, "gelu": 8.0, "silu_mul": 5.0}
"""Scalar operations an element of each function takes at least; one where it is not listed."""


@dataclass(frozen=True, slots=True)
class Work:
    """Operations, bytes of memory (each operand once) and bytes over links; ``compute_rate`` in operations/s.

    ``kept`` are bytes that a loop over the same data may find in the L2; the rest is cold.
    """

    operations: Array
    bytes: Array
    compute_rate: Array
    link_bytes: Array
    kept: Array


def roofline(kernels: Kernels, work: Work) -> Array:
    """Seconds: the longest of operations / peak, bytes / bandwidth, link bytes / link rate."""
    devices = kernels.devices
    links = work.link_bytes / np.maximum(devices.link_bandwidth, 1.0)
    compute = work.operations / work.compute_rate
    return np.maximum(np.maximum(compute, work.bytes / devices.bandwidth), links)


def least_seconds(kernels: Kernels, work: Work) -> Array:
    """Seconds that physics asks for, whatever the L2 kept: bytes that fit it may not move at all."""
    devices = kernels.devices
    moved = work.bytes - np.minimum(work.kept, devices.l2)
    links = work.link_bytes / np.maximum(devices.link_bandwidth, 1.0)
    switch = np.where(devices.asynchronous & (kernels.operators == "allreduce"), 0.5, 1.0)
    return np.maximum(
        np.maximum(work.operations / work.compute_rate, np.maximum(moved, 0.0) / devices.bandwidth),
        links * switch,
    )


def gemm_work(kernels: Kernels) -> Work:
    """Operands and result once."""
    batch, m, n, k = (kernels.size(name) for name in ("batch", "m", "n", "k"))
    element = kernels.element_bytes
    moved = batch * ((m * k + n * k) * element + m * n * np.maximum(element, 2.0))
    return _work(2.0 * batch * m * n * k, moved, kernels.peak)


def prefill_work(kernels: Kernels) -> Work:
    """Only the scores below the diagonal where causal; Q, K, V in, output out."""
    sequence = kernels.size("seq")
    scores = np.where(kernels.size("causal") > 0, sequence * (sequence + 1) / 2, sequence**2)
    heads = kernels.size("batch") * kernels.size("heads")
    inputs, output, _ = prefill.traffic(kernels)
    return _work(4.0 * heads * scores * kernels.size("head_dim"), inputs + output, kernels.peak)


def decode_work(kernels: Kernels) -> Work:
    """The cache once."""
    cache, rest = decode.traffic(kernels)
    per_byte = kernels.size("heads") / kernels.size("kv_heads") * 2.0 / bytes_of(kernels.words["kv_dtype"])
    return _work(cache * per_byte, cache + rest, kernels.peak)


def moe_work(kernels: Kernels) -> Work:
    """Weights of the experts that have tokens, activations in and out."""
    tokens, topk = kernels.size("tokens"), kernels.size("topk")
    loads = routed(tokens, topk, kernels.size("experts"), kernels.words["distribution"])
    moved = moe.weight_bytes(kernels, loads.active) + 4.0 * tokens * kernels.size("hidden")
    return _work(moe.operations(kernels), moved, kernels.peak)


def vector_work(kernels: Kernels) -> Work:
    """Every tensor once; the arithmetic on the scalar units."""
    each = [VECTOR_OPERATIONS.get(str(name), 1.0) for name in kernels.operators]
    elements = kernels.size("rows") * kernels.size("cols")
    scalar = kernels.devices.peak(np.full(len(kernels), "fp32"))
    return _work(elements * np.array(each), vector.traffic(kernels), scalar)


def recurrence_work(kernels: Kernels) -> Work:
    """The inputs of all steps once, their results once; the state stays inside."""
    scalar = kernels.devices.peak(np.full(len(kernels), "fp32"))
    moved = kernels.size("steps") * recurrence.traffic(kernels)
    return _work(recurrence.operations(kernels), moved, scalar)


def chain_work(kernels: Kernels) -> Work:
    """The first input, all weights, the last result."""
    return _work(chain.operations(kernels), chain.traffic(kernels), kernels.peak)


def collective_work(kernels: Kernels) -> Work:
    """What each GPU must send."""
    nothing = np.zeros(len(kernels))
    return Work(nothing, nothing, np.ones(len(kernels)), collective.link_bytes(kernels), nothing)


def _work(operations: Array, moved: Array, rate: Array) -> Work:
    return Work(operations, moved, rate, np.zeros(len(operations)), moved)
