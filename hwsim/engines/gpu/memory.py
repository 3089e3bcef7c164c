"""The memory system of a GPU as all its kernels see it."""

from __future__ import annotations

import numpy as np

from hwsim.engines.gpu.devices import Array, Devices
from hwsim.engines.gpu.parameters import Parameters


def missed(footprint: Array, capacity: Array | float, sharpness: float) -> Array:
    """The share of accesses that miss a cache of ``capacity`` bytes in a loop over ``footprint`` bytes.

    A logistic in the logarithm of the ratio: one half where both are equal; ``sharpness`` is its slope.
    Hashed sets and a mixture of reuse distances make the edge of a real cache a slope, not a step.
    """
    return np.asarray(1.0 / (1.0 + (capacity / np.maximum(footprint, 1.0)) ** sharpness))


def stream_rate(devices: Devices, p: Parameters) -> Array:
    """Bytes per second that long streams reach: the datasheet's bandwidth times the kind's efficiency.

    Parameters: ``hbm`` (HBM2, HBM2E), ``hbm3`` (times that, for HBM3 and HBM3E), ``gddr``.
    """
    stacked = p["hbm"] * np.where(devices.hbm3, p["hbm3"], 1.0)
    efficiency = np.where(devices.graphics_memory, p["gddr"], stacked)
    return np.asarray(devices.bandwidth * np.minimum(efficiency, 1.0))


def overlapped(first: Array, second: Array, sharpness: Array | float) -> Array:
    """Seconds of two things done side by side: above the longer one, by at most their sum.

    The p-norm; at infinite ``sharpness`` the overlap is perfect, at 1 there is none.
    """
    longer, shorter = np.maximum(first, second), np.minimum(first, second)
    ratio = shorter / np.maximum(longer, 1e-30)
    return np.asarray(longer * (1.0 + ratio**sharpness) ** (1.0 / sharpness))
