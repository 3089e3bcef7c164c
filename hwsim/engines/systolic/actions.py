"""What happens inside the array and at its edges: the action counts that energy is priced with.

Counted as the register-transfer model does it (see ``register_transfer``): lanes without data are gated, a
value is latched for its neighbour only if the neighbour is in use, and a sum that is complete leaves the
cycle it is made. Every formula is the sum over folds of what one fold with ``r`` used rows, ``c`` used
columns and T steps does; summed over the folds, r c gives Sr Sc, r gives Sr x column folds, and so on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic

from hwsim.engines.systolic.folds import Count, Dataflow, fold_grid, fold_shape


@dataclass(frozen=True, slots=True)
class EdgeActions(Generic[Count]):
    """Words that cross the edges of the array, by operand (an SRAM behind the edge does as many).

    ``partial_sum_reads`` are the sums of earlier folds that the accumulators beside the array read back where
    K is cut into several folds; SCALE-Sim counts the writes of these but not the reads.
    """

    input_reads: Count
    weight_reads: Count
    output_writes: Count
    partial_sum_reads: Count


@dataclass(frozen=True, slots=True)
class RegisterActions(Generic[Count]):
    """What the registers of one operand do over all PEs: reads, writes, and moves to a neighbour PE."""

    register_reads: Count
    register_writes: Count
    hops: Count


@dataclass(frozen=True, slots=True)
class ArrayActions(Generic[Count]):
    """Multiply-accumulates and register actions over all PEs, by operand."""

    macs: Count
    input: RegisterActions[Count]
    weight: RegisterActions[Count]
    output: RegisterActions[Count]


def edge_actions(
    rows: int, cols: int, dataflow: Dataflow, M: Count, N: Count, K: Count
) -> EdgeActions[Count]:
    """Reads and writes at the edges of the array, in words.

    A streamed operand passes once for each fold across the other axis; a stationary one is loaded once; sums
    leave once for each fold along K.
    """
    row_folds, col_folds = fold_grid(rows, cols, dataflow, M, N, K)
    once = M * N
    match dataflow:
        case "output_stationary":
            return EdgeActions(M * K * col_folds, K * N * row_folds, once, 0 * once)
        case "weight_stationary":
            return EdgeActions(M * K * col_folds, K * N, once * row_folds, once * (row_folds - 1))
        case "input_stationary":
            return EdgeActions(M * K, K * N * col_folds, once * row_folds, once * (row_folds - 1))


def array_actions(
    rows: int, cols: int, dataflow: Dataflow, M: Count, N: Count, K: Count
) -> ArrayActions[Count]:
    """Everything the PEs do for one product."""
    Sr, Sc, T = fold_shape(dataflow, M, N, K)
    row_folds, col_folds = fold_grid(rows, cols, dataflow, M, N, K)
    macs = M * N * K
    moved_right = _moved(Sr * T * (Sc - col_folds))
    if dataflow == "output_stationary":
        moved_down = _moved(Sc * T * (Sr - row_folds))
        kept = Sr * Sc * (T - 1)
        return ArrayActions(macs, moved_right, moved_down, RegisterActions(kept, kept, 0 * kept))
    held = _held(rows, Sr, Sc, macs)
    summed = _moved((rows - 1) * T * Sc * row_folds)
    if dataflow == "weight_stationary":
        return ArrayActions(macs, moved_right, held, summed)
    return ArrayActions(macs, held, moved_right, summed)


def _moved(hops: Count) -> RegisterActions[Count]:
    """A value that moves is written by the PE that sends it and read by the one that takes it."""
    return RegisterActions(hops, hops, hops)


def _held(rows: int, Sr: Count, Sc: Count, macs: Count) -> RegisterActions[Count]:
    """A stationary matrix: row ``r`` of a fold is shifted ``r`` hops down, then read once a MAC."""
    full, ragged = Sr // rows, Sr % rows
    hops = Sc * (full * (rows * (rows - 1) // 2) + ragged * (ragged - 1) // 2)
    return RegisterActions(macs + hops, Sr * Sc + hops, hops)
