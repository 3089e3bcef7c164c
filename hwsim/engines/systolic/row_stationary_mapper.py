"""The fastest mapping of a layer on a row-stationary array, by branch and bound (see ``row_stationary``)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import TypeAlias

from hwsim.engines.systolic.folds import ceil_div
from hwsim.engines.systolic.lowering import Conv
from hwsim.engines.systolic.row_stationary import (
    RowStationaryArray,
    RowStationaryMapping,
    pass_grid,
    pass_of,
)

Cost: TypeAlias = tuple[int, int]
"""Cycles, and words through the global buffer."""


@dataclass(frozen=True, slots=True, order=True)
class _Placement:
    """PE sets of e output rows, r for channels, t for filters; no mapping of them is below ``bound``."""

    bound: Cost
    e: int
    r: int
    t: int


@lru_cache(maxsize=1024)
def best_mapping(array: RowStationaryArray, conv: Conv) -> RowStationaryMapping:
    """The mapping of fewest cycles; of equal ones that of fewest words through the global buffer.

    Raises:
        ValueError: not even one PE set with one row of one filter and channel fits.
    """
    best: tuple[Cost, RowStationaryMapping] | None = None
    for placement in sorted(_placements(array, conv)):
        if best is not None and placement.bound >= best[0]:
            break
        for mapping in _mappings(array, conv, placement):
            cost = _cost(array, conv, mapping)
            if best is None or cost < best[0]:
                best = cost, mapping
    if best is None:
        raise ValueError(f"no row-stationary mapping of {conv} fits {array}")
    return best[1]


def _cost(array: RowStationaryArray, conv: Conv, mapping: RowStationaryMapping) -> Cost:
    one = pass_of(array, conv, mapping)
    outputs, accumulations = pass_grid(array, conv, mapping)
    passes = outputs * accumulations
    words = one.ifmap_words + one.weight_words + 2 * one.psum_words
    return passes * one.cycles, passes * words


def _placements(array: RowStationaryArray, conv: Conv) -> Iterator[_Placement]:
    """Every way to lay PE sets on the array that is no larger than the layer asks for."""
    rows = min(conv.filter_h, array.rows)
    for e in _parts(conv.out_h, array.cols * (array.rows // rows)):
        sets = array.sets(rows, e)
        for r in _parts(conv.channels_per_group, sets):
            for t in _parts(conv.filters // conv.groups, sets // r):
                yield _Placement(_bound(array, conv, e, r, t), e, r, t)


def _bound(array: RowStationaryArray, conv: Conv, e: int, r: int, t: int) -> Cost:
    """What these sets cost at least: with passes as large as pads and buffer could ever allow."""
    rows = min(conv.filter_h, array.rows)
    channels, filters = conv.channels_per_group, conv.filters // conv.groups
    strips = conv.groups * ceil_div(conv.out_h, e) * ceil_div(conv.filter_h, rows)
    computing = (
        conv.batch * strips * conv.out_w * conv.filter_w * ceil_div(channels, r) * ceil_div(filters, t)
    )
    height = (e - 1) * conv.stride_h + rows
    rereads = ceil_div(filters, array.psum_pad * t)
    inputs = conv.batch * strips * channels * height * conv.ifmap_w * rereads
    accumulations = ceil_div(channels, max(1, array.ifmap_pad // conv.filter_w) * r)
    sums = conv.batch * strips * filters * e * conv.out_w * accumulations
    images = max(1, array.psum_buffer // (t * e * conv.out_w))
    weights = ceil_div(conv.batch, images) * strips * filters * channels * rows * conv.filter_w
    streaming = max(computing, inputs // array.ifmap_words_per_cycle, sums // array.psum_words_per_cycle)
    return streaming + weights // array.weight_words_per_cycle, inputs + weights + 2 * sums


def _mappings(array: RowStationaryArray, conv: Conv, placement: _Placement) -> Iterator[RowStationaryMapping]:
    """All that fit the pads and the buffer, with passes no larger than their number asks for."""
    e, r, t = placement.e, placement.r, placement.t
    channels = _parts(ceil_div(conv.channels_per_group, r), array.ifmap_pad // conv.filter_w)
    filters = _parts(ceil_div(conv.filters // conv.groups, t), array.psum_pad)
    for q, p in product(channels, filters):
        if p * q * conv.filter_w <= array.weight_pad:
            images = array.psum_buffer // (p * t * e * conv.out_w)
            for n in _parts(conv.batch, images):
                yield RowStationaryMapping(n, e, p, q, r, t)


def _parts(size: int, most: int) -> list[int]:
    """Sizes up to ``most`` into which ``size`` can be cut evenly: the smallest for each number of pieces."""
    return sorted({ceil_div(size, ceil_div(size, part)) for part in range(1, min(size, most) + 1)})
