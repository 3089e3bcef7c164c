"""What the power cap makes of a kernel that would draw more: the clock falls until it fits."""

from __future__ import annotations

import numpy as np

from hwsim.engines.gpu.devices import Array, Devices, Flags
from hwsim.engines.gpu.parameters import Parameters

FP8_ENERGY = 0.5
"""Energy of an 8-bit operation over that of a 16-bit one: half the operand bits moved and multiplied."""


def tensor_energy(devices: Devices, eight_bit: Flags, p: Parameters) -> Array:
    """Joules of one tensor-core operation at the boost clock.

    ``j_mma`` and ``j_wgmma`` are of the synchronous and the asynchronous instructions at the clocks
    ``clock_mma`` and ``clock_wgmma``, ``blackwell_energy`` times as much on Blackwell; voltage follows the
    clock, energy its square.
    """
    newer = p["j_wgmma"] * np.where(devices.blackwell, p["blackwell_energy"], 1.0)
    energy = np.where(devices.asynchronous, newer, p["j_mma"])
    reference = np.where(devices.asynchronous, p["clock_wgmma"], p["clock_mma"])
    return np.asarray(energy * (devices.clock / reference) ** 2 * np.where(eight_bit, FP8_ENERGY, 1.0))


def slowdown(devices: Devices, watts: Array, p: Parameters) -> Array:
    """How many times longer the compute part takes under the cap.

    ``watts`` are dynamic; regulators keep all but ``board_share`` of the cap, leakage ``static_w``. Power
    goes with clock to the ``clock_exponent``: 3 where the voltage follows, 1 at the lowest voltage.
    """
    budget = p["board_share"] * devices.power - p["static_w"]
    return np.asarray(np.maximum(1.0, watts / budget) ** (1.0 / p["clock_exponent"]))
