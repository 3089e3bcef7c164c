"""A row-stationary array that really convolves: set by set, PE by PE, row by row, counting what it does.

It knows the mapping it is given and nothing of the closed forms.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import product

import numpy as np


@dataclass
class Counts:
    """What a tile took: of every pass over a strip the most MACs of one PE, and words by kind."""

    pe_cycles: int = 0
    words: Counter = field(default_factory=Counter)


def convolve(inputs, weights, stride, shape, filter_rows):
    """``inputs`` [n, c, h, w] * ``weights`` [f, c, r, s] in passes of ``shape`` (e, p, q, r, t); no padding.

    Filters taller than ``filter_rows`` are taken in pieces.
    """
    counts = Counts()
    images, channels, height, width = inputs.shape
    filters, _, tall, wide = weights.shape
    rows, columns = (height - tall) // stride + 1, (width - wide) // stride + 1
    sums = np.zeros((images, filters, rows, columns), dtype=np.int64)
    for some_filters in chunks(range(filters), shape["p"] * shape["t"]):
        for some_channels in chunks(range(channels), shape["q"] * shape["r"]):
            for piece in chunks(range(tall), filter_rows):
                strips = chunks(range(rows), shape["e"])
                counts.words["weights"] += len(some_filters) * len(some_channels) * len(piece) * wide
                first_lines = {row * stride + tap for row, tap in product(strips[0], piece)}
                counts.words["first windows"] += len(some_channels) * len(first_lines) * wide
                for image, strip in product(range(images), strips):
                    one_pass(
                        counts,
                        inputs[image],
                        weights,
                        sums[image],
                        stride,
                        shape,
                        some_filters,
                        some_channels,
                        piece,
                        strip,
                    )
    return sums, counts


def one_pass(counts, image, weights, sums, stride, shape, filters, channels, piece, strip):
    """All PEs once: sets differ in filters and channels, the PEs of a set in filter row and output row."""
    wide, columns = weights.shape[3], sums.shape[2]
    reach = (columns - 1) * stride + wide
    streamed, macs = set(), Counter()
    channel_sets, filter_sets = shared(channels, shape["r"]), shared(filters, shape["t"])
    assert max(map(len, channel_sets)) <= shape["q"]
    assert max(map(len, filter_sets)) <= shape["p"]
    for (i, mine), (j, own) in product(enumerate(channel_sets), enumerate(filter_sets)):
        for tap, row in product(piece, strip):
            line = row * stride + tap
            for channel in mine:
                streamed.add((channel, line))
                counts.words["delivered"] += min(reach, columns * wide)
                for number in own:
                    for column in range(columns):
                        window = image[channel, line, column * stride : column * stride + wide]
                        sums[number, row, column] += window @ weights[number, channel, tap]
                        macs[i, j, tap, row] += wide
    counts.pe_cycles += max(macs.values())
    counts.words["macs"] += sum(macs.values())
    counts.words["inputs"] += len(streamed) * min(reach, columns * wide)
    counts.words["sums"] += len(filters) * len(strip) * columns
    counts.words["hops"] += len(filters) * len(strip) * columns * (len(piece) * len(channel_sets) - 1)


def shared(items, sets):
    """``items`` dealt out over at most ``sets``, as evenly as can be."""
    return chunks(items, -(-len(items) // sets))


def chunks(items, size):
    """``items`` in pieces of ``size``, the last what is left."""
    items = list(items)
    return [items[start : start + size] for start in range(0, len(items), size)]
