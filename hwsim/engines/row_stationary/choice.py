"""The shape of the passes of each tile, and what the tile then costs; for many tiles at once.

For every width e of a PE set the fastest way to share sets and pads is chosen as if strips were full; of
these the fastest for the tile's own rows is taken. The choice depends on the tile alone, so that the costs of
tiles add up whoever asks for them. It is the best of a declared set, not of all mappings.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from hwsim.engines.row_stationary.layer import Layer
from hwsim.engines.row_stationary.passes import (
    Passes,
    divided,
    start_cycles,
    strip_cycles,
    strip_words,
)
from hwsim.engines.row_stationary.shapes import Counts, Fit, PeArray, Shapes, fit_of, shapes_of
from hwsim.mapping.cut import Count


@dataclass(frozen=True, slots=True)
class Sizes:
    """``batch`` products of every combination of these output pixels M, filters and channels."""

    batch: int
    M: tuple[int, ...]
    filters: tuple[int, ...]
    channels: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class TileCosts:
    """Cycles, words of input that cross the edge, sums that leave over it, and the passes.

    Of one tile, or of many by M, filters and channels (axes 0, 1, 2). ``split`` instances take different
    filters.
    """

    cycles: Count
    inputs: Count
    sums: Count
    split: Count
    passes: Passes


@lru_cache(maxsize=8192)
def costs_of(array: PeArray, layer: Layer, tile: tuple[int, int, int, int]) -> TileCosts:
    """What one (batch, M, N, K) tile costs on ``array``."""
    batch, M, N, K = tile
    one = cost_table(array, layer, Sizes(batch, (M,), (N,), (int(layer.channels(K)),)))
    cycles, inputs, sums, split = (int(each.item()) for each in (one.cycles, one.inputs, one.sums, one.split))
    passes = Passes(*(int(getattr(one.passes, name).item()) for name in Passes.__slots__))
    return TileCosts(cycles, inputs, sums, split, passes)


@lru_cache(maxsize=32)
def cost_table(array: PeArray, layer: Layer, sizes: Sizes) -> TileCosts:
    """What every combination of ``sizes`` costs on ``array``."""
    fit = fit_of(array, layer)
    shapes = shapes_of(array, fit.rows, fit.columns)
    M = np.array(sizes.M, dtype=np.int64)[:, None, None]
    filters = np.array(sizes.filters, dtype=np.int64)[:, None, None]
    channels = np.array(sizes.channels, dtype=np.int64)[:, None]
    winners = _winners(fit, shapes, filters, channels)
    images, rows = layer.images(M)[..., None], layer.rows(M)[..., None]
    split = shapes.split[shapes.first]
    passes = _passes(fit, shapes, winners, rows, filters, channels)
    visits = _visits(array, sizes.batch, split, images * passes.strips)
    loads = -(-sizes.batch * split // array.instances)
    own = -(-filters // split)
    cycles = visits * strip_cycles(fit, passes, own, channels)
    cycles = cycles + loads * start_cycles(fit, passes, own, channels)
    best = cycles.argmin(axis=-1)[..., None]
    chosen = Passes(*(_at(getattr(passes, name), best) for name in Passes.__slots__))
    return TileCosts(
        cycles=_at(cycles, best),
        inputs=sizes.batch * _inputs(fit, chosen, images[..., 0], rows[..., 0], channels[:, 0]),
        sums=sizes.batch * M * filters[:, 0] * chosen.accumulations,
        split=_at(split, best),
        passes=chosen,
    )


def _winners(fit: Fit, shapes: Shapes, filters: Counts, channels: Counts) -> Counts:
    """The best shape of each group (last axis) for full strips, by filters and channels.

    The fewest cycles, then the fewest words through the global buffer.
    """
    full = _passes(fit, shapes, np.arange(len(shapes.e)), shapes.e, filters, channels)
    cycles = strip_cycles(fit, full, -(-filters // shapes.split), channels)
    words = full.filter_groups * channels * strip_words(fit, shapes.e)
    words = words + 2 * full.accumulations * filters * shapes.e * fit.layer.along.out
    found = []
    for start, stop in zip(shapes.starts, shapes.starts[1:], strict=False):
        mine = cycles[..., start:stop]
        fastest = mine == mine.min(axis=-1, keepdims=True)
        fewest = np.where(fastest, words[..., start:stop], np.iinfo(np.int64).max)
        found.append(start + fewest.argmin(axis=-1))
    return np.stack(found, axis=-1)


def _passes(
    fit: Fit, shapes: Shapes, chosen: Counts, rows: Counts, filters: Counts, channels: Counts
) -> Passes:
    """The passes of tiles on the ``chosen`` shapes, no larger than their number asks for."""
    own = -(-filters // shapes.split[chosen])
    t = np.minimum(shapes.t[chosen], own)
    filter_groups, p = divided(-(-own // t), shapes.p[chosen])
    r = np.minimum(shapes.r[chosen], channels)
    channel_groups, q = divided(-(-channels // r), shapes.q[chosen])
    strips, e = divided(rows, shapes.e[chosen])
    return Passes(e, p, q, r, t, strips, filter_groups, channel_groups * fit.pieces)


def _visits(array: PeArray, batch: int, split: Counts, strips: Counts) -> Counts:
    """Strips one after another on the busiest instance: products are dealt out first, then strips."""
    others = array.instances // split
    return -(-batch // others) * -(-strips // np.maximum(others // batch, 1))


def _inputs(fit: Fit, passes: Passes, images: Counts, rows: Counts, channels: Counts) -> Counts:
    """Words of input over the edge: once a group of filters and a piece of them; a ragged strip has fewer."""
    ragged = rows - (passes.strips - 1) * passes.e
    words = (passes.strips - 1) * strip_words(fit, passes.e) + strip_words(fit, ragged)
    found: Counts = images * words * channels * passes.filter_groups
    return found


def _at(values: Counts, best: Counts) -> Counts:
    """``values`` at index ``best`` of their last axis, all others broadcast."""
    shape = (*best.shape[:-1], values.shape[-1])
    return np.take_along_axis(np.broadcast_to(values, shape), best, axis=-1)[..., 0]
