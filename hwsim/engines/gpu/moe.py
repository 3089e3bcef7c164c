"""A layer of experts: route, permute, two grouped products with a gated activation between, and back."""

from __future__ import annotations

import numpy as np

from hwsim.engines.gpu.devices import Array
from hwsim.engines.gpu.kernels import Kernels
from hwsim.engines.gpu.memory import missed, overlapped, stream_rate
from hwsim.engines.gpu.parameters import Parameters
from hwsim.engines.gpu.power import slowdown, tensor_energy
from hwsim.engines.gpu.routing import Routing, routed

TILES = ((16, 128), (32, 128), (64, 128), (128, 128), (128, 256), (256, 128))
"""Tiles of grouped products (CUTLASS grouped GEMM configurations)."""
STEP = 64.0
"""Elements of k in one step of the main loop."""


def seconds(kernels: Kernels, p: Parameters) -> Array:
    """Seconds of each layer (sizes ``tokens``, ``hidden``, ``inter``, ``topk``, ``experts``, ``tp``)."""
    devices = kernels.devices
    tokens, topk = kernels.size("tokens"), kernels.size("topk")
    loads = routed(tokens, topk, kernels.size("experts"), kernels.words["distribution"])
    hidden, inner = kernels.size("hidden"), kernels.size("inter") / kernels.size("tp")
    slots, element = tokens * topk, kernels.element_bytes
    inputs, gated, activated, outputs = (
        slots * hidden * element,
        slots * inner * 4.0,
        slots * inner * element,
        slots * hidden * 2.0,
    )
    tiled = _tiled(loads)
    first = _product(kernels, loads, tiled, 2 * inner, hidden, inputs + gated, p)
    second = _product(kernels, loads, tiled, hidden, inner, activated + outputs, p)
    products = (first + second) * _throttle(kernels, loads, first + second, p)
    moved = 4.0 * tokens * hidden + inputs + gated + activated + outputs
    miss = missed(moved, devices.l2, p["l2_sharpness"])
    rate = stream_rate(devices, p)
    passes = p["passes"] * moved * (miss / rate + (1.0 - miss) / (rate * p["l2_gain"]))
    return np.asarray(p["launch_s"] + p["setup_cycles"] / devices.clock + products + passes)


def weight_bytes(kernels: Kernels, active: Array) -> Array:
    """Bytes of the three matrices of ``active`` experts."""
    inner = kernels.size("inter") / kernels.size("tp")
    return np.asarray(active * 3.0 * kernels.size("hidden") * inner * kernels.element_bytes)


def operations(kernels: Kernels) -> Array:
    """Floating-point operations of the three products."""
    inner = kernels.size("inter") / kernels.size("tp")
    slots = kernels.size("tokens") * kernels.size("topk")
    return np.asarray(6.0 * slots * kernels.size("hidden") * inner)


def _tiled(loads: Routing) -> dict[int, Array]:
    """Rows of tiles of all experts, by the height of a tile; no expert with tokens has less than one."""
    whole = np.round(loads.loads)
    heights = {height for height, _ in TILES}
    rows = {each: (np.ceil(whole / each) * loads.weight[:, None]).sum(axis=1) for each in heights}
    return {height: np.maximum(each, loads.active) for height, each in rows.items()}


def _product(
    kernels: Kernels,
    loads: Routing,
    tiled: dict[int, Array],
    n: Array,
    k: Array,
    moved: Array,
    p: Parameters,
) -> Array:
    """One grouped product: the fastest tile, beside the weights of the experts that have tokens."""
    traffic = loads.active * n * k * kernels.element_bytes + moved
    memory = traffic / stream_rate(kernels.devices, p)
    compute = np.min([_compute(kernels, tiled[tile[0]], n, k, tile, p) for tile in TILES], axis=0)
    return overlapped(compute * (1.0 + p["skew"] * loads.skew), memory, p["overlap"])


def _compute(
    kernels: Kernels, rows: Array, n: Array, k: Array, tile: tuple[int, int], p: Parameters
) -> Array:
    """Whole waves of ``rows`` rows of tiles."""
    devices = kernels.devices
    tiles = rows * np.ceil(n / tile[1])
    efficiency = p["tensor_efficiency"] * np.where(devices.asynchronous, p["async_gain"], 1.0)
    efficiency = efficiency * np.where(kernels.datatypes == "fp8", p["fp8_efficiency"], 1.0)
    efficiency = efficiency / (1.0 + p["feed_elements"] * (1.0 / tile[0] + 1.0 / tile[1]) / 2.0)
    busy = 2.0 * tile[0] * tile[1] * k / (kernels.peak / devices.sms * efficiency)
    chain = k / STEP * p["step_cycles"] / devices.clock
    each = np.maximum(busy, chain) + p["tile_cycles"] / devices.clock
    return np.asarray(np.ceil(tiles / devices.sms) * each)


def _throttle(kernels: Kernels, loads: Routing, time: Array, p: Parameters) -> Array:
    energy = tensor_energy(kernels.devices, kernels.datatypes == "fp8", p) * operations(kernels)
    return slowdown(kernels.devices, (energy + p["j_byte"] * weight_bytes(kernels, loads.active)) / time, p)
