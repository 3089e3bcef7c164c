"""DRAM reads by SCALE-Sim's rule for a run that estimates its bandwidth (BandwidthMode CALC).

The array asks its buffers for operand words in the order of its feed: fold by fold (those along the rows
innermost), cycle by cycle, lane by lane. A streamed lane is a cycle behind the one before it; a stationary
block is loaded from its last row up. A buffer of ``50 * floor(kB * 1024 / 100)`` words collects the distinct
words asked for and forgets them all when it is full; each word that it lacks is one DRAM read. Words are
addresses in the tensor, so overlapping windows of a convolution share them, and the part of a last window
that lies outside the tensor asks for nothing.

Where no word is asked for twice in a pass over the operand the count is a closed form; else the stream is
walked. The rule was observed in SCALE-Sim 3.0.0 (``memory/read_buffer_estimate_bw.py``).
"""

from __future__ import annotations

from hwsim.engines.systolic import refill_walk
from hwsim.engines.systolic.folds import Dataflow, ceil_div
from hwsim.engines.systolic.lowering import Conv, Gemm


def buffer_words(sram_kb: int) -> int:
    """Words of the active half of an SRAM of ``sram_kb`` x 1024 words, in SCALE-Sim's hundredths."""
    return 50 * (sram_kb * 1024 // 100)


def filter_reads(rows: int, cols: int, dataflow: Dataflow, gemm: Gemm, sram_kb: int) -> int:
    """DRAM reads of the K x N operand, for all groups; its words are all distinct."""
    capacity = buffer_words(sram_kb)
    words = gemm.K * gemm.N
    match dataflow:
        case "output_stationary":
            reads = _column_blocks(cols, gemm, ceil_div(gemm.M, rows), capacity)
        case "weight_stationary":
            reads = words
        case "input_stationary":
            reads = _passes(words, ceil_div(gemm.M, cols), capacity)
    return gemm.groups * reads


def ifmap_reads(rows: int, cols: int, dataflow: Dataflow, layer: Gemm | Conv, sram_kb: int) -> int:
    """DRAM reads of the input, for all groups and images, which run one after another."""
    capacity = buffer_words(sram_kb)
    if isinstance(layer, Gemm):
        passes = 1 if dataflow == "input_stationary" else ceil_div(layer.N, cols)
        return layer.groups * _passes(layer.M * layer.K, passes, capacity)
    passes = 1 if dataflow == "input_stationary" else ceil_div(layer.filters // layer.groups, cols)
    return layer.groups * layer.batch * _conv_reads(rows, cols, dataflow, layer, passes, capacity)


def _passes(words: int, passes: int, capacity: int) -> int:
    """Reads of distinct words asked for in the same order in each pass: all fit, or each is lost in time."""
    return words if words < capacity else words * passes


def _column_blocks(cols: int, gemm: Gemm, repeats: int, capacity: int) -> int:
    """Blocks of ``cols`` columns, one after another, each asked for ``repeats`` times in a row."""
    reads = held = 0
    for left in range(0, gemm.N, cols):
        words = gemm.K * min(cols, gemm.N - left)
        missed, held = _block(held, words, repeats, capacity)
        reads += missed
    return reads


def _block(held: int, words: int, repeats: int, capacity: int) -> tuple[int, int]:
    """Reads of a new block while the buffer holds ``held`` other words, and what it holds afterwards.

    A block that fits is disturbed at most once: the buffer is full after the first ``capacity - held`` words,
    forgets them, and reads them again in the next repetition.
    """
    if words >= capacity:
        return words * repeats, (held + words * repeats) % capacity
    if held + words < capacity:
        return words, held + words
    forgotten = capacity - held
    return (words, words - forgotten) if repeats == 1 else (words + forgotten, words)


def _conv_reads(rows: int, cols: int, dataflow: Dataflow, conv: Conv, passes: int, capacity: int) -> int:
    """One group of one image: in closed form if all fits or no word is shared, else by walking."""
    down = _places(conv.ifmap_h, conv.filter_h, conv.stride_h, conv.out_h)
    across = _places(conv.ifmap_w, conv.filter_w, conv.stride_w, conv.out_w)
    words = down * across * conv.channels_per_group
    shared = _overlap(conv.filter_h, conv.stride_h, conv.out_h) or _overlap(
        conv.filter_w, conv.stride_w, conv.out_w
    )
    if words < capacity or not shared:
        return _passes(words, passes, capacity)
    return refill_walk.reads(rows, cols, dataflow, conv, passes, capacity)


def _overlap(window: int, stride: int, windows: int) -> bool:
    """Whether neighbouring windows share places along one axis."""
    return windows > 1 and stride < window


def _places(ifmap: int, window: int, stride: int, windows: int) -> int:
    """Distinct places that the windows touch along one axis; only the last may reach or lie outside."""
    last = (windows - 1) * stride
    before = last if stride < window else (windows - 1) * window
    return before + min(window, max(0, ifmap - last))
