"""Matrix products: tiles and waves over the SMs, split-k, L2, memory, power; the best tiling is taken.

C[m, n] = A[m, k] B[k, n]: B is the weight (cold where the kernels say so), A the activation.
"""

from __future__ import annotations

import numpy as np

from hwsim.engines.gpu.devices import Array
from hwsim.engines.gpu.kernels import Kernels
from hwsim.engines.gpu.memory import missed, overlapped, stream_rate
from hwsim.engines.gpu.parameters import Parameters
from hwsim.engines.gpu.power import scalar_energy, slowdown, tensor_energy
from hwsim.engines.gpu.tiling import Tiled, Tiling, best_tiling


def seconds(kernels: Kernels, p: Parameters) -> Array:
    """Seconds of each product (sizes ``batch``, ``m``, ``n``, ``k``)."""
    time = _main_kernel(kernels, p) + _quantisation(kernels, p)
    dispatch = np.full(len(time), p["host_dispatch_s"])
    waited = overlapped(dispatch, p["host_lead"] * dispatch + time, p["host_sharpness"])
    return np.where(kernels.host, waited, time) + np.where(kernels.exposed, p["between_s"], 0.0)


def _main_kernel(kernels: Kernels, p: Parameters) -> Array:
    """The product itself, in the fastest tiling."""
    devices, traffic = kernels.devices, dram_bytes(kernels, p)
    rate = stream_rate(devices, p)
    feed = np.where(kernels.datatypes == "fp32", p["simd_feed_elements"], p["feed_elements"])
    parts = best_tiling(Tiling(kernels, _sm_rate(kernels, p), feed, traffic, rate, kernels.element_bytes, p))
    sharpness = p["overlap"] * np.where(devices.asynchronous, p["overlap_async"], 1.0)
    loaded = overlapped(parts.compute, parts.memory, sharpness)
    time = overlapped(loaded, parts.feed, sharpness) + parts.reduction
    time = time + p["launch_s"] + p["setup_cycles"] / devices.clock
    time = _vector_product(kernels, time, traffic / rate, p)
    slower = _throttle(kernels, time, traffic, p)
    return time * (1.0 + (slower - 1.0) * _compute_share(parts, sharpness))


def _compute_share(parts: Tiled, sharpness: Array) -> Array:
    """How much of a kernel follows the clock of the SMs."""
    ratio = (parts.memory / parts.compute) ** sharpness
    return np.asarray(1.0 / (1.0 + ratio))


def dram_bytes(kernels: Kernels, p: Parameters) -> Array:
    """Bytes from memory: what does not stay in the L2 from one repetition to the next."""
    m, n, k, element = kernels.size("m"), kernels.size("n"), kernels.size("k"), kernels.element_bytes
    batch = kernels.size("batch")
    weight, activation = batch * n * k * element, batch * m * k * element
    result = batch * m * n * np.maximum(element, 2.0)
    copies = np.where(kernels.fresh, np.inf, np.where(kernels.cold, p["copies"], 1.0))
    room = kernels.devices.l2 * p["l2_share"]
    lost = missed(copies * weight + activation + result, room, p["l2_sharpness"])
    again = missed(activation + result, room, p["l2_sharpness"])
    return np.asarray(lost * (weight + p["write_share"] * result) + again * activation)


def _sm_rate(kernels: Kernels, p: Parameters) -> Array:
    """Operations a second of one SM in the main loop of an infinitely large tile."""
    devices = kernels.devices
    tensor = p["tensor_efficiency"] * np.where(devices.asynchronous, p["async_gain"], 1.0)
    ceiling = np.where(kernels.datatypes == "fp32", p["simd_efficiency"], tensor)
    return np.asarray(kernels.peak / devices.sms * ceiling)


def _vector_product(kernels: Kernels, time: Array, streamed: Array, p: Parameters) -> Array:
    """One row of A: libraries of the synchronous tensor cores have a kernel of dot products for it."""
    alone = (kernels.size("m") == 1) & ~kernels.devices.asynchronous
    return np.where(alone, np.minimum(time, p["launch_s"] + p["dot_s"] + streamed), time)


def _throttle(kernels: Kernels, time: Array, traffic: Array, p: Parameters) -> Array:
    devices, simd = kernels.devices, kernels.datatypes == "fp32"
    energy = np.where(simd, scalar_energy(devices, p), tensor_energy(devices, kernels.datatypes == "fp8", p))
    return slowdown(devices, (energy * operations(kernels) + p["j_byte"] * traffic) / time, p)


def operations(kernels: Kernels) -> Array:
    """Floating-point operations."""
    m, n, k = kernels.size("m"), kernels.size("n"), kernels.size("k")
    return np.asarray(2.0 * kernels.size("batch") * m * n * k)


def _quantisation(kernels: Kernels, p: Parameters) -> Array:
    """Kernels that find the scale of an fp8 activation and convert it, before the product."""
    elements = kernels.size("batch") * kernels.size("m") * kernels.size("k")
    rate = kernels.devices.bandwidth * p["quantise_share"]
    cost = p["quantise_s"] + p["quantise_bytes"] * elements / rate
    return np.where(kernels.datatypes == "fp8", cost, 0.0)
