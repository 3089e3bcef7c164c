"""Collectives between the GPUs of one node: the fastest of the library's protocols, by topology."""

from __future__ import annotations

import numpy as np

from hwsim.engines.gpu.devices import Array
from hwsim.engines.gpu.kernels import Kernels
from hwsim.engines.gpu.parameters import Parameters

OPERATORS = ("allreduce", "alltoall")
PROTOCOLS = ("ll", "ll128", "simple")
"""NCCL's: flags beside every word, flags beside every 128 bytes, and plain copies with fences."""
REDUCING_SWITCH_GPUS = 8
"""GPUs from which the switches of Hopper and later add up what passes (NVLS)."""


def seconds(kernels: Kernels, p: Parameters) -> Array:
    """Seconds of each collective (sizes ``num_gpus``, ``elements``: of each GPU's buffer)."""
    devices, gpus = kernels.devices, kernels.size("num_gpus")
    wide = devices.asynchronous & (gpus >= REDUCING_SWITCH_GPUS) & kernels.of_operators("allreduce")
    rate = devices.link_bandwidth * np.where(gpus == 2, p["pair"], 1.0) * np.where(wide, p["in_switch"], 1.0)
    rate = rate * np.where(devices.asynchronous, p["newer_rate"], 1.0)
    quicker = np.where(devices.asynchronous, p["newer_latency"], 1.0)
    moved = link_bytes(kernels)
    times = [
        quicker * (p[f"base_{name}_s"] + _steps(kernels) * p[f"step_{name}_s"])
        + moved / (rate * p[f"rate_{name}"])
        for name in PROTOCOLS
    ]
    return np.asarray(np.min(times, axis=0))


def _steps(kernels: Kernels) -> Array:
    """Hops one after another: a ring passes 2 (n - 1) times for a sum; an exchange sends to n - 1 peers."""
    peers = kernels.size("num_gpus") - 1.0
    return np.where(kernels.of_operators("allreduce"), 2.0 * peers, peers)


def link_bytes(kernels: Kernels) -> Array:
    """Bytes each GPU sends."""
    gpus = kernels.size("num_gpus")
    buffer = kernels.size("elements") * kernels.element_bytes
    share = (gpus - 1.0) / gpus
    return np.asarray(buffer * share * np.where(kernels.of_operators("allreduce"), 2.0, 1.0))
