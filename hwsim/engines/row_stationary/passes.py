"""Row-stationary processing passes, ANALYTICAL: closed forms; their timing has no register-level oracle.

After Chen, Emer, Sze, "Eyeriss: A Spatial Architecture for Energy-Efficient Dataflow for Convolutional Neural
Networks", ISCA 2016, and Chen, Krishna, Emer, Sze, "Eyeriss: An Energy-Efficient Reconfigurable Accelerator
for Deep Convolutional Neural Networks", JSSC 52(1), 2017, sections III to V; letters as there.

A PE convolves one row of a filter (S weights) with one row of an input into one row of partial sums (F). A PE
set of R x e PEs makes e rows of an output: filter rows lie across, input rows along the diagonal, sums are
added up the column. A set wider than the array is cut into segments that are stacked. r sets take different
channels of the same outputs, t sets different filters. Each PE interleaves p filters and q channels, whose
rows its scratch pads hold. A processing pass so does e output rows, p t filters and q r channels in F S p q
cycles. The passes of a tile take as long as the busiest of its PEs, its inputs from the global buffer and its
partial sums to it. Before a pass its weights are loaded, for the weight pad is not double-buffered, and then
the first window of every row of input; the weights stay for all images and rows of a tile. A filter taller
than the array or wider than a pad is taken in several passes, as more channels are.

Left out: draining the array after a pass, conflicts in the multicast network, skipping of zeros. Groups of a
convolution run one after another. That weights and first windows come one after the other, not side by side,
is an assumption: the chip's latencies are closer to it (5 % off at most instead of 9 %, see ``hwsim validate
eyeriss``). What is counted is checked against an array that convolves (``tests/engines/row_stationary``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hwsim.engines.row_stationary.layer import spanned
from hwsim.engines.row_stationary.shapes import Fit
from hwsim.mapping.cut import Count


@dataclass(frozen=True, slots=True, eq=False)
class Passes:
    """The passes of a tile: the shape of the largest, and how many there are.

    ``filter_groups`` passes make different outputs, ``accumulations`` add up to the same ones; each is done
    for every one of the ``strips`` of at most e rows of every image.
    """

    e: Count
    p: Count
    q: Count
    r: Count
    t: Count
    strips: Count
    filter_groups: Count
    accumulations: Count


def divided(size: Count, most: Count) -> tuple[Count, Count]:
    """How many parts of at most ``most`` make up ``size``, and the largest if they are as equal as can be."""
    parts = -(-size // most)
    return parts, -(-size // parts)


def lacking(fit: Fit, one: Passes) -> str | None:
    """What one pass needs more of than the array has, in words; None if it fits."""
    array = fit.array
    needs = {
        "PE sets": (one.r * one.t, array.sets(fit.rows, one.e)),
        "words of ifmap pad": (one.q * fit.columns, array.ifmap_pad),
        "words of filter pad": (one.p * one.q * fit.columns, array.filter_pad),
        "words of psum pad": (one.p, array.psum_pad),
    }
    for what, (needed, there) in needs.items():
        if needed > there:
            return f"{needed} {what}, the array has {there}"
    return None


def strip_cycles(fit: Fit, passes: Passes, filters: Count, channels: Count) -> Count:
    """Cycles of all passes over one strip of one image, once begun: those of PEs, inputs or sums."""
    row, array = fit.layer.along.out, fit.array
    in_turn = -(-filters // passes.t) * -(-channels // passes.r)
    computing = row * fit.columns * fit.pieces * in_turn
    inputs = strip_words(fit, passes.e) * channels * passes.filter_groups
    sums = passes.e * row * filters * passes.accumulations
    moving = np.maximum(-(-inputs // array.ifmap_port), -(-sums // array.psum_port))
    return np.maximum(computing, moving)


def strip_words(fit: Fit, e: Count) -> Count:
    """Words of one channel under ``e`` output rows that all pieces of a filter slide over."""
    return fit.pieces * spanned(fit.layer.down, e, fit.rows) * row_words(fit)


def row_words(fit: Fit) -> int:
    """Words of one row of input that one piece of a filter slides over."""
    return int(spanned(fit.layer.along, fit.layer.along.out, fit.columns))


def start_cycles(fit: Fit, passes: Passes, filters: Count, channels: Count) -> Count:
    """Cycles before the PEs work, of all passes: for the weights, each once, and for the first windows."""
    layer, array = fit.layer, fit.array
    weights = filters * channels * layer.down.taps * layer.along.taps
    windows = fit.pieces * spanned(layer.down, passes.e, fit.rows) * channels * passes.filter_groups
    return -(-weights // array.filter_port) - (-windows * fit.columns // array.ifmap_port)
