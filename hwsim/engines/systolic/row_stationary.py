"""Row-stationary arrays, ANALYTICAL: closed forms with no register-level oracle behind them.

After Chen, Emer, Sze, "Eyeriss: A Spatial Architecture for Energy-Efficient Dataflow for Convolutional Neural
Networks", ISCA 2016, and Chen, Krishna, Emer, Sze, "Eyeriss: An Energy-Efficient Reconfigurable Accelerator
for Deep Convolutional Neural Networks", JSSC 52(1), 2017, sections III to V; letters as there.

A PE convolves one row of a filter (S weights) with one row of an input into one row of partial sums (F). A PE
set of R x e PEs makes e rows of an output: filter rows lie across, input rows along the diagonal, sums are
added up the column. A set wider than the array is cut into segments that are stacked. r sets take different
channels of the same outputs, t sets different filters. Each PE interleaves p filters and q channels, whose
rows its scratch pads hold. A processing pass so does n images, p t filters, q r channels and e output rows in
n F S p q cycles, unless the global buffer delivers inputs or moves partial sums more slowly. Weights of a
pass are loaded before it, for the weight pad is not double-buffered. A filter taller than the array is taken
in several passes, as more channels are. Ragged passes are charged whole.

Left out: filling and draining the array in a pass, conflicts in the multicast network; groups run one after
another. Against the
processing latency of JSSC table V (AlexNet, mappings of table III) it is between 12 % below and 2 % above,
6 % below in all; ``tests/engines/systolic/test_row_stationary.py`` has the comparison.
"""

from __future__ import annotations

from dataclasses import dataclass

from hwsim.engines.systolic.folds import ceil_div
from hwsim.engines.systolic.lowering import Conv, Gemm


@dataclass(frozen=True, slots=True)
class RowStationaryArray:
    """Rows x columns of PEs, words in each scratch pad, words a cycle from and to the global buffer.

    ``psum_buffer`` is what the global buffer has for partial sums, in words.
    """

    rows: int
    cols: int
    ifmap_pad: int
    weight_pad: int
    psum_pad: int
    psum_buffer: int
    ifmap_words_per_cycle: int
    weight_words_per_cycle: int
    psum_words_per_cycle: int

    def sets(self, filter_rows: int, e: int) -> int:
        """PE sets of ``filter_rows`` x ``e`` that fit at once (0: not even one)."""
        stacked = self.rows // filter_rows
        return stacked * (self.cols // e) if e <= self.cols else stacked // ceil_div(e, self.cols)


@dataclass(frozen=True, slots=True)
class RowStationaryMapping:
    """The shape of one processing pass: images n, output rows e, p t filters, q r channels."""

    n: int
    e: int
    p: int
    q: int
    r: int
    t: int


@dataclass(frozen=True, slots=True)
class RowStationaryEstimate:
    """Cycles and actions of a layer, all groups and images.

    ``compute_cycles`` are those in which PEs work, ``weight_cycles`` load weights, the rest of ``cycles``
    waits for the global buffer. Buffer reads and writes are words; pads are read and written once a
    multiply-accumulate (``macs``), the psum pad both; ``psum_hops`` are sums handed to the next PE.
    """

    cycles: int
    compute_cycles: int
    weight_cycles: int
    active_pes: int
    macs: int
    ifmap_reads: int
    weight_reads: int
    psum_reads: int
    psum_writes: int
    psum_hops: int


def as_row_convolution(gemm: Gemm) -> Conv:
    """A product or fully connected layer as a 1 x 1 convolution: the M inputs are one row of pixels."""
    return Conv(
        ifmap_h=1,
        ifmap_w=gemm.M,
        filter_h=1,
        filter_w=1,
        channels=gemm.K * gemm.groups,
        filters=gemm.N * gemm.groups,
        groups=gemm.groups,
    )


def check(array: RowStationaryArray, conv: Conv, mapping: RowStationaryMapping) -> None:
    """Refuse a mapping that the array cannot hold.

    Raises:
        ValueError: what is too small, how much is needed and how much there is.
    """
    m = mapping
    needs = {
        "PE sets": (m.r * m.t, array.sets(min(conv.filter_h, array.rows), m.e)),
        "words of ifmap pad": (m.q * conv.filter_w, array.ifmap_pad),
        "words of weight pad": (m.p * m.q * conv.filter_w, array.weight_pad),
        "words of psum pad": (m.p, array.psum_pad),
        "words of psum buffer": (m.n * m.p * m.t * m.e * conv.out_w, array.psum_buffer),
    }
    for what, (needed, there) in needs.items():
        if needed > there:
            raise ValueError(f"the mapping needs {needed} {what}, the array has {there}")


def estimate(array: RowStationaryArray, conv: Conv, mapping: RowStationaryMapping) -> RowStationaryEstimate:
    """Cycles and actions of ``conv`` in passes of shape ``mapping``.

    Raises:
        ValueError: the mapping does not fit, see :func:`check`.
    """
    check(array, conv, mapping)
    one = pass_of(array, conv, mapping)
    outputs, accumulations = pass_grid(array, conv, mapping)
    passes = outputs * accumulations
    return RowStationaryEstimate(
        cycles=passes * one.cycles,
        compute_cycles=passes * one.compute_cycles,
        weight_cycles=passes * one.weight_cycles,
        active_pes=one.rows * mapping.e * mapping.r * mapping.t,
        macs=conv.lowered().macs,
        ifmap_reads=passes * one.ifmap_words,
        weight_reads=passes * one.weight_words,
        psum_reads=(passes - outputs) * one.psum_words,
        psum_writes=passes * one.psum_words,
        psum_hops=passes * one.psum_words * (one.rows * mapping.r - 1),
    )


@dataclass(frozen=True, slots=True)
class ProcessingPass:
    """One full pass: filter rows on the array, words it moves, cycles it takes."""

    rows: int
    ifmap_words: int
    weight_words: int
    psum_words: int
    compute_cycles: int
    weight_cycles: int
    cycles: int


def pass_of(array: RowStationaryArray, conv: Conv, mapping: RowStationaryMapping) -> ProcessingPass:
    """What one pass moves and takes."""
    m = mapping
    rows = min(conv.filter_h, array.rows)
    compute = m.n * conv.out_w * conv.filter_w * m.p * m.q
    ifmap = m.n * m.q * m.r * ((m.e - 1) * conv.stride_h + rows) * conv.ifmap_w
    weights = m.p * m.t * m.q * m.r * rows * conv.filter_w
    psums = m.n * m.p * m.t * m.e * conv.out_w
    inputs_in = ceil_div(ifmap, array.ifmap_words_per_cycle)
    sums_out = ceil_div(psums, array.psum_words_per_cycle)
    loading = ceil_div(weights, array.weight_words_per_cycle)
    cycles = loading + max(compute, inputs_in, sums_out)
    return ProcessingPass(rows, ifmap, weights, psums, compute, loading, cycles)


def pass_grid(array: RowStationaryArray, conv: Conv, mapping: RowStationaryMapping) -> tuple[int, int]:
    """Passes: how many different groups of outputs, and how many that add up to each."""
    m = mapping
    outputs = conv.groups * ceil_div(conv.batch, m.n) * ceil_div(conv.out_h, m.e)
    outputs *= ceil_div(conv.filters // conv.groups, m.p * m.t)
    rows = min(conv.filter_h, array.rows)
    return outputs, ceil_div(conv.channels_per_group, m.q * m.r) * ceil_div(conv.filter_h, rows)
