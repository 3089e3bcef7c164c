"""Which tile and which split of k a product is done in, and how long each part of it takes then."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from hwsim.engines.gpu.devices import Array
from hwsim.engines.gpu.kernels import Kernels
from hwsim.engines.gpu.parameters import Parameters

TILES = (
    (256, 128),
    (128, 256),
    (128, 128),
    (256, 64),
    (64, 256),
    (128, 64),
    (64, 128),
    (64, 64),
    (32, 64),
    (16, 64),
)
"""Tiles of C that libraries are built with (CUTLASS profiler defaults, cuBLAS kernel names)."""
SPLITS = (1, 2, 4, 8, 16)
"""Into how many parts the k loop of a tile may be split."""
STEP = 64.0
"""Elements of k in one step of the main loop."""
GRAIN = 32.0
"""Elements of k that a split keeps together."""
FULL_TILE = 256 * 128
"""Elements of the largest accumulator tile: one of them fills the register file of an SM."""
MOST_RESIDENT = 6
"""Thread blocks of small tiles that an SM keeps at once."""
SUM_BYTES = 8.0
"""Written and read again for each element of a partial sum, fp32."""
CHUNK = 256
"""Kernels worked on together: their tables stay in a core's cache."""

_TM, _TN = (np.array(TILES, dtype=float)[None, :, None, side] for side in range(2))
_SPLIT = np.array(SPLITS, dtype=float)[None, None, :]
_RESIDENT = np.clip(np.floor(FULL_TILE / (_TM * _TN)), 1, MOST_RESIDENT)


@dataclass(frozen=True, slots=True)
class Tiling:
    """What is to be tiled.

    ``sm_rate`` are operations/s of an SM, ``feed`` the side of a tile at which feeding it costs as much as
    computing it, ``traffic`` bytes from memory at ``rate``.
    """

    kernels: Kernels
    sm_rate: Array
    feed: Array
    traffic: Array
    rate: Array
    element_bytes: Array
    parameters: Parameters


@dataclass(frozen=True, slots=True)
class Tiled:
    """Seconds of the parts of each product: multiply-adds, memory, L2 to SMs, adding up a split k."""

    compute: Array
    memory: Array
    feed: Array
    reduction: Array


def best_tiling(work: Tiling) -> Tiled:
    """The parts of every product in its fastest tiling; parts are taken to overlap in quadrature."""
    chunks = [_chunk(work, slice(start, start + CHUNK)) for start in range(0, len(work.kernels), CHUNK)]
    if not chunks:
        return Tiled(*(np.zeros(0) for _ in fields(Tiled)))
    return Tiled(*(np.concatenate([getattr(chunk, part.name) for chunk in chunks]) for part in fields(Tiled)))


def _chunk(work: Tiling, rows: slice) -> Tiled:
    parts = _parts(work, rows)
    time = np.sqrt(parts.compute**2 + parts.memory**2 + parts.feed**2) + parts.reduction
    best = np.argmin(time.reshape(len(time), -1), axis=1)
    tile, split = np.divmod(best, len(SPLITS))
    each = np.arange(len(best))

    def chosen(part: Array) -> Array:
        return np.asarray(np.broadcast_to(part, time.shape)[each, tile, split])

    return Tiled(*(chosen(getattr(parts, part.name)) for part in fields(Tiled)))


def _parts(work: Tiling, rows: slice) -> Tiled:
    """All tilings of some products, (kernels, tiles, splits); length 1 where one does not matter."""
    p, devices = work.parameters, work.kernels.devices
    m, n, k, batch = (work.kernels.size(name)[rows, None, None] for name in ("m", "n", "k", "batch"))
    sms, clock = devices.sms[rows, None, None], devices.clock[rows, None, None]
    units = batch * np.ceil(m / _TM) * np.ceil(n / _TN) * _SPLIT
    steps = np.ceil(k / (_SPLIT * GRAIN)) * GRAIN
    active = np.minimum(units, sms)
    element = work.element_bytes[rows, None, None]
    l2_rate = clock * p["l2_bytes_per_cycle"]
    partial = p["split_s"] + SUM_BYTES * batch * m * n / (sms * l2_rate) * _SPLIT
    return Tiled(
        compute=_compute(units, steps, (sms, clock), _tile_rate(work, rows), p),
        memory=_memory(work.traffic[rows, None, None], work.rate[rows, None, None], active, p),
        feed=units / active * (steps * (element / l2_rate) * (_TM + _TN)),
        reduction=np.where(_SPLIT > 1, partial, 0.0),
    )


def _tile_rate(work: Tiling, rows: slice) -> Array:
    """Operations a second of an SM on each tile: small tiles need more operands for each of them."""
    feeding = 1.0 + work.feed[rows, None, None] * (1.0 / _TM + 1.0 / _TN) / 2.0
    return np.asarray(work.sm_rate[rows, None, None] / feeding)


def _compute(units: Array, steps: Array, sm: tuple[Array, Array], rate: Array, p: Parameters) -> Array:
    """Whole waves of tiles, none shorter than the chain of its steps; a prologue and epilogue a round."""
    sms, clock = sm
    busy = np.ceil(units / sms) * (2.0 * _TM * _TN / rate * steps)
    rounds = np.ceil(units / (sms * _RESIDENT))
    chain = rounds * (steps * (p["step_cycles"] / STEP / clock))
    return np.asarray(np.maximum(busy, chain) + rounds * (p["tile_cycles"] / clock))


def _memory(traffic: Array, rate: Array, active: Array, p: Parameters) -> Array:
    """Few SMs cannot ask for all the bandwidth; the first bytes take a while."""
    first = p["memory_latency_s"] * np.minimum(1.0, traffic / p["latency_bytes"])
    return np.asarray(traffic / np.minimum(rate, active * p["sm_bytes_per_s"]) + first)
