"""Attention of one new token a sequence over a paged cache of keys and values."""

from __future__ import annotations

import numpy as np

from hwsim.engines.gpu.devices import Array
from hwsim.engines.gpu.kernels import Kernels, bytes_of
from hwsim.engines.gpu.memory import missed, overlapped, stream_rate
from hwsim.engines.gpu.parameters import Parameters

SHORTEST = 128.0
"""Tokens of a sequence whose bookkeeping is in the launch."""


def traffic(kernels: Kernels) -> tuple[Array, Array]:
    """Bytes of the cache, and of queries and outputs."""
    heads, head = kernels.size("heads"), kernels.size("head_dim")
    tokens = kernels.size("batch") * kernels.size("kv_len")
    cache = 2 * tokens * kernels.size("kv_heads") * head * bytes_of(kernels.words["kv_dtype"])
    return cache, 2 * kernels.size("batch") * heads * head * 2.0


def seconds(kernels: Kernels, p: Parameters) -> Array:
    """Seconds of each attention (sizes ``batch``, ``kv_len``, ``heads``, ``kv_heads``, ``head_dim``)."""
    splits = _splits(kernels, p)
    body = overlapped(_memory(kernels, splits, p), _blocks(kernels, splits, p), p["overlap"])
    length = np.log2(np.maximum(1.0, kernels.size("kv_len") / SHORTEST))
    merge = p["merge_s"] * np.minimum(1.0, splits - 1.0)
    return np.asarray(p["launch_s"] * _software(kernels, p) + body + p["doubling_s"] * length + merge)


def _software(kernels: Kernels, p: Parameters) -> Array:
    """How many launches' worth a call takes in each library."""
    named = [(kernels.of_software(name), p[f"launches_{name}"]) for name in ("vllm", "sglang")]
    return np.select([flags for flags, _ in named], [value for _, value in named], p["launches_trtllm"])


def _splits(kernels: Kernels, p: Parameters) -> Array:
    """Parts that the cache of one sequence and head is cut into: to fill the SMs; in vLLM so many for each
    head of keys, whatever the number of SMs.
    """
    pairs = kernels.size("batch") * kernels.size("kv_heads")
    most = np.maximum(1.0, kernels.size("kv_len") / p["least_tokens"])
    filling = p["blocks_per_sm"] * kernels.devices.sms / pairs
    by_head = p["head_blocks_vllm"] / kernels.size("batch")
    wanted = np.where(kernels.of_software("vllm"), by_head, filling)
    return np.clip(wanted, 1.0, most)


def _memory(kernels: Kernels, splits: Array, p: Parameters) -> Array:
    """Seconds to bring in the cache; what the L2 kept from the last step comes from there."""
    devices = kernels.devices
    cache, rest = traffic(kernels)
    kept = missed(cache + rest, devices.l2 * p["l2_share"], p["l2_sharpness"])
    miss = np.where(kernels.fresh, 1.0, kept)
    blocks = kernels.size("batch") * kernels.size("kv_heads") * splits
    resident = np.minimum(blocks, devices.sms * p["resident"])
    faster = np.where(kernels.of_software("vllm"), p["block_rate_vllm"], 1.0)
    asked = resident * devices.clock * p["block_bytes_per_cycle"] * faster
    memory = _limited(stream_rate(devices, p), asked)
    l2 = np.minimum(2.0 * resident, devices.sms) * devices.clock * p["l2_bytes_per_cycle"]
    per_byte = miss / memory + (1.0 - miss) / _limited(l2, 2.0 * asked)
    return np.asarray(cache * per_byte + p["memory_latency_s"] * miss)


def _limited(rate: Array, asked: Array) -> Array:
    """The lower of two rates, rounded where they meet (power mean of order -3)."""
    return np.asarray((rate**-3.0 + asked**-3.0) ** (-1.0 / 3.0))


def _blocks(kernels: Kernels, splits: Array, p: Parameters) -> Array:
    """Seconds of the thread blocks' own work: a prologue each, and every token's products."""
    devices = kernels.devices
    blocks = kernels.size("batch") * kernels.size("kv_heads") * splits
    prologue = p["prologue_cycles"] * np.where(kernels.of_software("vllm"), p["prologue_vllm"], 1.0)
    cycles = prologue + kernels.size("kv_len") / splits * p["token_cycles"]
    cycles = cycles * np.where(kernels.words["kv_dtype"] == "fp8", p["fp8_cycles"], 1.0)
    return np.asarray(np.maximum(1.0, blocks / devices.sms) * cycles / devices.clock)
