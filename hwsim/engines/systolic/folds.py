"""Cycles of a matrix multiplication on a systolic array, in closed form.

An array of ``rows`` x ``cols`` processing elements (PEs) has a left edge that feeds one value a row a cycle,
a top edge that feeds one value a column a cycle, and one output a column a cycle. A value moves one PE a
cycle, so the feed of lane ``i`` starts ``i`` cycles late (skew) and PE (r, c) meets the ``t``-th pair of its
operands at cycle ``r + c + t``. An operand matrix larger than the array is cut into folds of ``rows`` x
``cols``; a fold keeps one matrix in place while the temporal axis T streams past:

    dataflow            rows Sr   columns Sc   streamed T   stays in the PE
    output_stationary   M         N            K            partial sums
    weight_stationary   K         N            M            weights
    input_stationary    K         M            N            inputs

Output stationary: the last PE (rows - 1, cols - 1) makes its last sum at cycle rows - 1 + cols - 1 + T - 1.
The sums of a column are complete one cycle after another from the top down, so one output bus a column
takes each the cycle it is made: a fold lasts ``rows + cols + T - 2`` cycles.

Weight and input stationary: the stationary matrix is shifted in from the top, its last row first, in ``rows``
cycles; then T vectors stream and their partial sums run down all rows, so the last sum leaves the bottom of
the last column at cycle rows + (rows - 1) + (cols - 1) + (T - 1): ``2 rows + cols + T - 2`` cycles.

With a second register for it in each PE, the stationary matrix of the next fold is shifted in while the
present one works (TPU v1: Jouppi et al., ISCA 2017, section 2). A PE turns to the new value with the first
vector of the new fold, which passes it ``r + c`` cycles after the first PE; the shift of column ``c``, begun
``c`` cycles after that vector enters, arrives at no PE before. So folds follow each other every
``max(T, rows)`` cycles, and only the first shift and the last drain show.

Lanes that a ragged fold leaves empty are fed nothing but still passed, and with one register a fold
starts when the one before has drained: every fold costs the same. ``register_transfer`` moves real values PE
by PE and cycle by cycle to check these formulas. They are the ones of SCALE-Sim (Samajdar et al., ISPASS
2020, section III), which knows one register only.

All functions take Python ints or int64 arrays for M, N and K (elementwise, broadcast).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Dataflow = Literal["weight_stationary", "output_stationary", "input_stationary"]
Count = TypeVar("Count", int, "NDArray[np.int64]")
"""A whole number, or an array of them: one for each of many problems."""
Ratio: TypeAlias = Any
"""A float where the counts are ints, an array of float64 where they are arrays."""


def fold_shape(dataflow: Dataflow, M: Count, N: Count, K: Count) -> tuple[Count, Count, Count]:
    """The axes (Sr, Sc, T): across the rows, across the columns, along time.

    Raises:
        ValueError: the dataflow is none of the three.
    """
    match dataflow:
        case "output_stationary":
            return M, N, K
        case "weight_stationary":
            return K, N, M
        case "input_stationary":
            return K, M, N
    raise ValueError(f"unknown systolic dataflow {dataflow!r}")


def ceil_div(dividend: Count, divisor: int) -> Count:
    """``dividend / divisor`` rounded up."""
    return -(-dividend // divisor)


def fold_grid(rows: int, cols: int, dataflow: Dataflow, M: Count, N: Count, K: Count) -> tuple[Count, Count]:
    """How many folds lie along the rows and along the columns of the array."""
    Sr, Sc, _ = fold_shape(dataflow, M, N, K)
    return ceil_div(Sr, rows), ceil_div(Sc, cols)


def fold_cycles(rows: int, cols: int, dataflow: Dataflow, T: Count) -> Count:
    """Cycles of one fold that streams ``T`` steps (see the module text for the derivation)."""
    load = 0 if dataflow == "output_stationary" else rows
    return load + rows + cols + T - 2


def following_fold_cycles(rows: int, cols: int, dataflow: Dataflow, registers: int, T: Count) -> Count:
    """Cycles that a fold of ``T`` steps adds after another one like it on the same array.

    ``registers``: how many each PE has for what stays in it; 2 only where that is an operand.
    """
    if registers == 1:
        return fold_cycles(rows, cols, dataflow, T)
    return T + (rows > T) * (rows - T)


def compute_cycles(rows: int, cols: int, dataflow: Dataflow, M: Count, N: Count, K: Count) -> Count:
    """Cycles of the whole product with all operands at the edge in time (no stalls)."""
    row_folds, col_folds = fold_grid(rows, cols, dataflow, M, N, K)
    _, _, T = fold_shape(dataflow, M, N, K)
    return row_folds * col_folds * fold_cycles(rows, cols, dataflow, T)


def compute_bound_cycles(rows: int, cols: int, M: Count, N: Count, K: Count) -> Count:
    """Fewest cycles in which any dataflow could do the product: all PEs busy all the time."""
    return ceil_div(M * N * K, rows * cols)


def mapping_efficiency(rows: int, cols: int, dataflow: Dataflow, M: Count, N: Count, K: Count) -> Ratio:
    """Share of the PEs (0..1) that hold a part of the problem, averaged over the folds."""
    Sr, Sc, _ = fold_shape(dataflow, M, N, K)
    row_folds, col_folds = fold_grid(rows, cols, dataflow, M, N, K)
    share: Ratio = (Sr * Sc) / (row_folds * rows * col_folds * cols)
    return share


def utilization(rows: int, cols: int, dataflow: Dataflow, M: Count, N: Count, K: Count) -> Ratio:
    """Share of all PE cycles (0..1) in which a useful multiply-accumulate is done, without stalls."""
    share: Ratio = (M * N * K) / (compute_cycles(rows, cols, dataflow, M, N, K) * rows * cols)
    return share
