"""Recurrences over time as frameworks run them: a few vector kernels a step, one step after another.

``lif`` are leaky integrate-and-fire neurons (NIR's equation by forward Euler, reset by subtraction), ``scan``
is the selective scan of state-space models (Gu and Dao, arXiv 2312.00752, equation 2, diagonal matrices).
Nothing was fitted to recurrences: the parameters are those of vector kernels.
"""

from __future__ import annotations

import numpy as np

from hwsim.engines.gpu.devices import Array
from hwsim.engines.gpu.kernels import Kernels
from hwsim.engines.gpu.memory import missed, stream_rate
from hwsim.engines.gpu.parameters import Parameters

OPERATORS = ("lif", "scan")
KERNELS = 3.0
"""Kernels of a step: integrate, compare, reset; or update the state, multiply, add up."""
STATE_PASSES = 5.0
"""Reads and writes of the state a step: integrate 2, compare 1, reset 2 or update 2, multiply 2, add up 1."""
OPERATIONS = 4.0
"""Operations on an element of the state: two to integrate, compare, reset or two to update, multiply, add."""


def launches(kernels: Kernels) -> Array:
    """Kernels of each recurrence."""
    return kernels.size("steps") * KERNELS


def state(kernels: Kernels) -> Array:
    """Elements that go from step to step."""
    return kernels.size("width") * kernels.size("state")


def traffic(kernels: Kernels) -> Array:
    """Bytes that every step reads and writes besides the state.

    ``lif`` reads a current and writes a spike, ``scan`` reads a decay and a drive of each element and writes
    one output for all of a channel.
    """
    inputs = np.where(kernels.of_operators("scan"), 2.0, 1.0) * state(kernels)
    return np.asarray((inputs + kernels.size("width")) * kernels.element_bytes)


def operations(kernels: Kernels) -> Array:
    """Scalar operations of all steps."""
    return np.asarray(OPERATIONS * state(kernels) * kernels.size("steps"))


def seconds(kernels: Kernels, p: Parameters) -> Array:
    """Seconds of each (sizes ``steps``, ``width``, ``state``: elements of state for each of the width)."""
    devices = kernels.devices
    kept, streamed = STATE_PASSES * state(kernels) * kernels.element_bytes, traffic(kernels)
    room = devices.l2 * p["l2_share"]
    rate = stream_rate(devices, p)
    again = missed(state(kernels) * kernels.element_bytes, room, p["l2_sharpness"])
    once = missed(kernels.size("steps") * streamed, room, p["l2_sharpness"])
    cached = 1.0 / (rate * p["l2_gain"])
    moved = kept * _per_byte(again, rate, cached) + streamed * _per_byte(once, rate, cached)
    start = p["launch_s"] + p["setup_cycles"] / devices.clock
    return np.asarray(kernels.size("steps") * (KERNELS * start + moved))


def _per_byte(miss: Array, rate: Array, cached: Array) -> Array:
    return np.asarray(miss / rate + (1.0 - miss) * cached)
