"""Kernels without products (elementwise, norms, softmax), by how often each class passes over its data."""

from __future__ import annotations

import numpy as np

from hwsim.engines.gpu.devices import Array
from hwsim.engines.gpu.kernels import Kernels
from hwsim.engines.gpu.memory import missed, overlapped, stream_rate
from hwsim.engines.gpu.parameters import Parameters

OPERATORS = ("add", "relu", "gelu", "silu_mul", "softmax", "layernorm", "rmsnorm")
LOAD_BYTES = 16.0
"""Bytes a thread loads at once."""
BLOCK = 1024.0
"""Threads in the largest block."""
NORM_BLOCK = 256.0
"""Threads that work on a row of a norm."""
WARP_SOFTMAX = 1024
"""Columns up to which a warp keeps the row of a softmax in registers."""


def seconds(kernels: Kernels, p: Parameters) -> Array:
    """Seconds of each kernel (sizes ``rows``, ``cols``, ``n_in``, ``n_out``: tensors read and written)."""
    devices = kernels.devices
    streamed = _streamed(kernels, p)
    softmax = kernels.of_operators("softmax")
    streamed = np.where(softmax, overlapped(streamed, _exponentials(kernels, p), p["overlap"]), streamed)
    by_row = kernels.of_operators("silu_mul", "rmsnorm")
    streamed = np.where(by_row, overlapped(streamed, _rows(kernels, p), p["row_overlap"]), streamed)
    time = p["launch_s"] + p["setup_cycles"] / devices.clock + streamed
    dispatch = np.where(softmax, p["dispatch_softmax_s"], p["dispatch_norm_s"])
    dispatch = np.where(kernels.of_operators("gelu"), p["dispatch_gelu_s"], dispatch)
    waited = overlapped(dispatch, p["host_lead"] * dispatch + time, p["host_sharpness"])
    return np.where(kernels.host, waited, time) + np.where(kernels.exposed, _between(kernels, p), 0.0)


def _between(kernels: Kernels, p: Parameters) -> Array:
    """Seconds from the event before an eager call to its kernel; a norm also allocates its statistics."""
    norm = kernels.of_operators("layernorm", "rmsnorm")
    return np.where(norm, p["between_norm_s"], p["between_s"])


def traffic(kernels: Kernels) -> Array:
    """Bytes read and written once."""
    tensors = kernels.size("n_in") + kernels.size("n_out")
    return np.asarray(kernels.size("rows") * kernels.size("cols") * tensors * kernels.element_bytes)


def _streamed(kernels: Kernels, p: Parameters) -> Array:
    """Seconds of all passes over the data, from the L2 where it still holds them."""
    once = traffic(kernels)
    miss = missed(once, kernels.devices.l2 * p["l2_share"], p["l2_sharpness"])
    rate = stream_rate(kernels.devices, p) * _class(kernels, p)
    return np.asarray(
        once * (1.0 + _passes(kernels, p)) * (miss / rate + (1.0 - miss) / (rate * p["l2_gain"]))
    )


def _class(kernels: Kernels, p: Parameters) -> Array:
    """Share of the streaming rate that each class of kernel reaches; 1 for one tensor in, one out."""
    names = ("add", "silu_mul", "rmsnorm", "softmax", "layernorm")
    flags = [kernels.of_operators(name) for name in names]
    return np.select(flags, [p[f"rate_{name}"] for name in names], 1.0)


def _passes(kernels: Kernels, p: Parameters) -> Array:
    """Passes beyond the first, where the rows being worked on do not stay near the SMs."""
    devices, row = kernels.devices, kernels.size("cols") * kernels.element_bytes
    norms = devices.sms * devices.threads / NORM_BLOCK * row
    again = p["passes_layernorm"] * missed(norms, devices.l2 * p["rows_share"], p["rows_sharpness"])
    resident = devices.threads / BLOCK * row
    spilled = p["passes_softmax"] * missed(
        resident, devices.shared_memory * p["row_share"], p["rows_sharpness"]
    )
    long = kernels.of_operators("softmax") & (kernels.size("cols") > WARP_SOFTMAX)
    return np.where(kernels.of_operators("layernorm"), again, np.where(long, spilled, 0.0))


def _exponentials(kernels: Kernels, p: Parameters) -> Array:
    """Seconds of a softmax' arithmetic, slower where a block's threads do not divide the row."""
    lanes = np.ceil(kernels.size("cols") * kernels.element_bytes / LOAD_BYTES)
    block = np.minimum(BLOCK, 2.0 ** np.floor(np.log2(np.maximum(lanes, 32.0))))
    used = lanes / (block * np.ceil(lanes / block))
    used = np.where(kernels.size("cols") <= WARP_SOFTMAX, 1.0, used)
    elements = kernels.size("rows") * kernels.size("cols")
    return np.asarray(elements * p["softmax_cycles"] / used / (kernels.devices.sms * kernels.devices.clock))


def _rows(kernels: Kernels, p: Parameters) -> Array:
    """Seconds of kernels that give each row one block: rounds of rows, each a chain of its strides."""
    devices = kernels.devices
    rounds = np.ceil(kernels.size("rows") / (devices.sms * p["rows_per_sm"]))
    return np.asarray(rounds * np.ceil(kernels.size("cols") / BLOCK) * p["stride_cycles"] / devices.clock)
