"""Attention over a prompt: a fused kernel (FlashAttention), after one that rotates and stores K and V."""

from __future__ import annotations

import numpy as np

from hwsim.engines.gpu.devices import Array
from hwsim.engines.gpu.kernels import Kernels, bytes_of
from hwsim.engines.gpu.memory import missed, overlapped, stream_rate
from hwsim.engines.gpu.parameters import Parameters
from hwsim.engines.gpu.power import slowdown, tensor_energy

BLOCK = 128.0
"""Queries, and keys, in a block (FlashAttention-2, section 3.3; FlashAttention-3, section 3)."""
INPUT_BYTES = 2.0
"""Of an element of Q, K and V as the product before leaves them, whatever attention computes in."""
EXPONENTIALS = 16.0
"""Exponentials a cycle of an SM (CUDA programming guide, throughput of native arithmetic)."""


def blocks(sequence: Array, causal: Array) -> tuple[Array, Array]:
    """Blocks of scores of one head: all of them, and those of the longest row of blocks."""
    rows = np.ceil(sequence / BLOCK)
    return np.where(causal > 0, rows * (rows + 1) / 2, rows * rows), rows


def seconds(kernels: Kernels, p: Parameters) -> Array:
    """Seconds of each: sizes ``batch``, ``seq``, ``heads``, ``kv_heads``, ``head_dim``, ``causal``."""
    devices = kernels.devices
    inputs, output, cache = traffic(kernels)
    room = devices.l2 * p["l2_share"]
    miss = missed(inputs + output + cache, room, p["l2_sharpness"])
    rate = stream_rate(devices, p)
    per_byte = miss / rate + (1.0 - miss) / (devices.bandwidth * p["l2_gain"])
    compute = _compute(kernels, p)
    fused = overlapped(compute, (inputs + output) * per_byte, p["overlap"])
    fused = fused * _throttle(kernels, fused, p)
    start = p["setup_cycles"] * np.where(devices.asynchronous, p["setup_async"], 1.0) / devices.clock
    return np.asarray(p["launch_s"] + start + fused + _store(kernels, inputs, per_byte, p))


def _store(kernels: Kernels, inputs: Array, per_byte: Array, p: Parameters) -> Array:
    """Seconds to rotate Q and K and to store K and V: passes over them beside each element's arithmetic."""
    devices = kernels.devices
    arithmetic = inputs / INPUT_BYTES * p["store_cycles"] / (devices.sms * devices.clock)
    return overlapped(p["store_passes"] * inputs * per_byte, arithmetic, p["store_overlap"])


def traffic(kernels: Kernels) -> tuple[Array, Array, Array]:
    """Bytes of Q, K and V together, of the output, and of K and V in the cache's datatype."""
    tokens = kernels.size("batch") * kernels.size("seq")
    head = kernels.size("head_dim")
    inputs = tokens * (kernels.size("heads") + 2 * kernels.size("kv_heads")) * head * INPUT_BYTES
    cache = tokens * 2 * kernels.size("kv_heads") * head * bytes_of(kernels.words["kv_dtype"])
    return inputs, tokens * kernels.size("heads") * head * 2.0, cache


def operations(kernels: Kernels) -> Array:
    """Floating-point operations of the two products, whole blocks."""
    total, _ = blocks(kernels.size("seq"), kernels.size("causal"))
    heads = kernels.size("batch") * kernels.size("heads")
    return np.asarray(heads * total * 4.0 * BLOCK * BLOCK * kernels.size("head_dim"))


def _compute(kernels: Kernels, p: Parameters) -> Array:
    """The SMs share the blocks; the longest row of blocks, begun last, is the tail.

    Prologues of rows that share an SM take turns: a row alone is through sooner.
    """
    devices = kernels.devices
    total, longest = blocks(kernels.size("seq"), kernels.size("causal"))
    rows = kernels.size("batch") * kernels.size("heads") * longest
    block = _block_seconds(kernels, p)
    work = kernels.size("batch") * kernels.size("heads") * total * block / devices.sms
    tail = p["tail"] * longest * block * np.minimum(1.0, rows / devices.sms)
    prologues = np.maximum(rows / devices.sms, p["lone"]) * p["prologue_cycles"] / devices.clock
    return np.asarray(np.maximum(work + tail, longest * block) + prologues)


def _block_seconds(kernels: Kernels, p: Parameters) -> Array:
    """One block on one SM: two products, the exponentials that no product hides, and its loop."""
    devices = kernels.devices
    efficiency = np.where(devices.asynchronous, p["efficiency_async"], p["efficiency"])
    efficiency = efficiency * np.where(kernels.datatypes == "fp8", p["fp8_efficiency"], 1.0)
    products = 4.0 * BLOCK * BLOCK * kernels.size("head_dim") / (kernels.peak / devices.sms * efficiency)
    exponentials = p["bare_exponentials"] * BLOCK * BLOCK / EXPONENTIALS / devices.clock
    return np.asarray(products + exponentials + p["block_cycles"] / devices.clock)


def _throttle(kernels: Kernels, time: Array, p: Parameters) -> Array:
    energy = tensor_energy(kernels.devices, kernels.datatypes == "fp8", p)
    return slowdown(kernels.devices, energy * operations(kernels) / time, p)
