"""What the power cap makes of a kernel that would draw more: the clock falls until it fits."""

from __future__ import annotations

import numpy as np

from hwsim.engines.gpu.devices import Array, Devices, Flags
from hwsim.engines.gpu.parameters import Parameters

FP8_ENERGY = 0.5
"""Energy of an 8-bit operation over that of a 16-bit one: half the operand bits moved and multiplied."""
FINE_PROCESS = 5.0
"""Nanometres in the names of the processes of Ada, Hopper and Blackwell, and less."""


def tensor_energy(devices: Devices, eight_bit: Flags, p: Parameters) -> Array:
    """Joules of one tensor-core operation at the boost clock.

    ``j_mma`` and ``j_wgmma`` are of the synchronous and the asynchronous instructions at the clocks
    ``clock_mma`` and ``clock_wgmma``, ``blackwell_energy`` times as much on Blackwell; voltage follows the
    clock, energy its square. ``j_mma`` is of the process ``process_mma``, and energy goes with the name of
    the process to the ``process_exponent``.
    """
    newer = p["j_wgmma"] * np.where(devices.blackwell, p["blackwell_energy"], 1.0)
    older = p["j_mma"] * (devices.process / p["process_mma"]) ** p["process_exponent"]
    energy = np.where(devices.asynchronous, newer, older)
    reference = np.where(devices.asynchronous, p["clock_wgmma"], p["clock_mma"])
    return np.asarray(energy * (devices.clock / reference) ** 2 * np.where(eight_bit, FP8_ENERGY, 1.0))


def scalar_energy(devices: Devices, p: Parameters) -> Array:
    """Joules of one fp32 operation without tensor cores at the boost clock; voltage follows the clock.

    ``j_simd`` is of the process ``process_simd`` at ``clock_simd``, from which older ones differ by the
    ``process_simd_exponent``; ``j_simd_fine`` of those of 5 nm and less at ``clock_simd_fine``.
    """
    older = p["j_simd"] * (devices.process / p["process_simd"]) ** p["process_simd_exponent"]
    fine = devices.process <= FINE_PROCESS
    energy = np.where(fine, p["j_simd_fine"], older)
    return np.asarray(energy * (devices.clock / np.where(fine, p["clock_simd_fine"], p["clock_simd"])) ** 2)


def slowdown(devices: Devices, watts: Array, p: Parameters) -> Array:
    """How many times longer the compute part takes under the cap.

    ``watts`` are dynamic; regulators keep all but ``board_share`` of the cap, leakage ``static_w``. Power
    goes with clock to the ``clock_exponent``: 3 where the voltage follows, 1 at the lowest voltage.
    """
    budget = p["board_share"] * devices.power - p["static_w"]
    return np.asarray(np.maximum(1.0, watts / budget) ** (1.0 / p["clock_exponent"]))
