"""The array at register-transfer level: real values, PE by PE and cycle by cycle, with no formula inside.

It is the oracle for ``folds`` and ``actions``: it returns the product, the cycles it took and what every
register and edge did. Each lane carries tokens from PE to PE, one hop a cycle; a token says whether there is
a value in it (lanes that a ragged fold leaves empty carry empty tokens) and whether it is the last of its
stream. A fold is over when the last token has passed the last PE, so its length is observed, not computed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hwsim.engines.systolic import register_kernels as kernels
from hwsim.engines.systolic.actions import ArrayActions, EdgeActions, RegisterActions
from hwsim.engines.systolic.folds import Dataflow

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Run:
    """What the array did: the product (M x N), the cycles, the actions at its edges and inside."""

    product: Matrix
    cycles: int
    edge: EdgeActions[int]
    array: ArrayActions[int]


@dataclass(slots=True)
class Fold:
    """One fold under way: the blocks that stand at the edges, and the registers of every PE.

    ``left`` enters row by row of the array (used rows x T). ``top`` enters column by column: T x used columns
    where sums stay in place, else the stationary block (used rows x used columns). ``target`` is the part of
    the output (a view) that the results belong to, ``adds`` whether they add to what is there.
    """

    rows: int
    cols: int
    dataflow: Dataflow
    left: Matrix
    top: Matrix
    target: Matrix
    adds: bool
    cycle: int = 0
    done: bool = False
    results: Matrix = field(init=False)
    column_state: NDArray[np.int64] = field(init=False)
    values: Matrix = field(init=False)
    marks: NDArray[np.int8] = field(init=False)
    events: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        self.results = np.zeros(self.target.shape)
        self.column_state = np.zeros(self.cols, dtype=np.int64)
        self.values = np.zeros((3, self.rows, self.cols))
        self.marks = np.zeros((3, self.rows, self.cols), dtype=np.int8)
        self.events = kernels.no_events()

    def tick(self) -> None:
        """One clock cycle of the whole array; the results are in place after the last."""
        stays = self.dataflow == "output_stationary"
        cycle = kernels.output_stationary_cycle if stays else kernels.operand_stationary_cycle
        self.done = cycle(
            self.cycle,
            self.left,
            self.top,
            self.results,
            self.column_state,
            self.values,
            self.marks,
            self.events,
        )
        self.cycle += 1
        if self.done:
            self.target += self.results


def folds_of(rows: int, cols: int, dataflow: Dataflow, A: Matrix, B: Matrix, C: Matrix) -> Iterator[Fold]:
    """The folds of C += A B, those along the rows of the array innermost."""
    left, top, out = _oriented(dataflow, A, B, C)
    stays = dataflow == "output_stationary"
    for column in range(0, top.shape[1], cols):
        across = slice(column, column + cols)
        for row in range(0, left.shape[0], rows):
            down = slice(row, row + rows)
            yield Fold(
                rows,
                cols,
                dataflow,
                left=np.ascontiguousarray(left[down]),
                top=np.ascontiguousarray(top[:, across] if stays else top[down, across]),
                target=out[down, across] if stays else out[:, across],
                adds=row > 0 and not stays,
            )


def _oriented(dataflow: Dataflow, A: Matrix, B: Matrix, C: Matrix) -> tuple[Matrix, Matrix, Matrix]:
    """The operand at the left (rows x T), the one at the top, and the output as the array writes it."""
    match dataflow:
        case "output_stationary":
            return A, B, C
        case "weight_stationary":
            return A.T, B, C
        case "input_stationary":
            return B, A.T, C.T


def simulate(rows: int, cols: int, dataflow: Dataflow, A: Matrix, B: Matrix) -> Run:
    """Multiply A (M x K) by B (K x N) on the array, one fold after another, operands always in time."""
    C = np.zeros((A.shape[0], B.shape[1]))
    events = kernels.no_events()
    cycles = partial_sum_reads = 0
    for fold in folds_of(rows, cols, dataflow, A, B, C):
        while not fold.done:
            fold.tick()
        cycles += fold.cycle
        events += fold.events
        partial_sum_reads += fold.results.size if fold.adds else 0
    return Run(C, cycles, _edge(dataflow, events, partial_sum_reads), _array(dataflow, events))


def _edge(dataflow: Dataflow, events: NDArray[np.int64], partial_sum_reads: int) -> EdgeActions[int]:
    left, top, outputs = (int(count) for count in events[kernels.EDGE])
    if dataflow == "input_stationary":
        return EdgeActions(top, left, outputs, partial_sum_reads)
    return EdgeActions(left, top, outputs, partial_sum_reads)


def _array(dataflow: Dataflow, events: NDArray[np.int64]) -> ArrayActions[int]:
    right, down, sums = (RegisterActions(*map(int, events[plane])) for plane in range(3))
    macs = int(events[kernels.PE, kernels.MACS])
    if dataflow == "input_stationary":
        return ArrayActions(macs, down, right, sums)
    return ArrayActions(macs, right, down, sums)
