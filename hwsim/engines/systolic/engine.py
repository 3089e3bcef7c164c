"""The systolic array as mapping sees it: cycles, edge words and actions of tiles, all instances together.

Folds are dealt out over the instances (``fanout``); partial sums of folds along K meet in the accumulators.
A tile of a single fold whose successor continues the same temporal axis streams on without a new fold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hwsim.arch.component import Component
from hwsim.arch.memory import Role
from hwsim.engines.systolic.actions import ArrayActions, array_actions
from hwsim.engines.systolic.folds import ceil_div, fold_cycles, following_fold_cycles
from hwsim.mapping.cut import Axis, Count, Cut, Tiling
from hwsim.mapping.protocol import EdgeWords, EngineAction
from hwsim.workload.contraction import Matmul

if TYPE_CHECKING:
    from hwsim.engines.systolic.array import SystolicArray

AXES_OF: dict[str, tuple[Axis, Axis, Axis]] = {
    "output_stationary": ("M", "N", "K"),
    "weight_stationary": ("K", "N", "M"),
    "input_stationary": ("K", "M", "N"),
}
"""The axes across the rows, across the columns and along time."""


@dataclass(frozen=True, slots=True)
class SystolicEngine:
    """A :class:`~hwsim.mapping.protocol.MatrixEngine`: ``fidelity`` exact in the array, see ``folds``."""

    component: Component
    array: SystolicArray

    @property
    def datatype(self) -> str:
        """Datatype of the operands."""
        return self.array.datatype

    @property
    def accumulator(self) -> str:
        """Datatype of the partial sums."""
        return self.array.accumulator

    @property
    def peak_macs(self) -> int:
        """Every processing element of every instance, every cycle."""
        return self.array.rows * self.array.columns * self.component.instances

    @property
    def temporal_axis(self) -> Axis:
        """The axis that streams past the stationary operand."""
        return AXES_OF[self.array.dataflow][2]

    def describe(self, tile: Matmul) -> str:
        """Dataflow, rows and columns; every tile lies on them alike."""
        del tile
        return f"{self.array.dataflow} {self.array.rows}x{self.array.columns}"

    def granule(self, axis: Axis) -> int:
        """Rows or columns for the axes laid across the array, 1 for the one along time."""
        across_rows, across_columns, _ = AXES_OF[self.array.dataflow]
        return {across_rows: self.array.rows, across_columns: self.array.columns}.get(axis, 1)

    def cycles(self, problem: Matmul, tiling: Tiling, innermost: Axis) -> Count:
        """Cycles of all tiles; ragged tiles and folds exact."""
        del problem
        rows, columns, time = (tiling.cut(axis) for axis in AXES_OF[self.array.dataflow])
        folds = self._folds(tiling.batch, rows, columns)
        first = tiling.batch.trips * rows.trips * columns.trips
        starts = first * time.trips - self._continued(tiling, innermost, _one)
        following = time.total(self._following_cycles)
        return starts * self._fold_cycles(0) + first * time.size + (folds - first) * following

    def tile_cycles(
        self, problem: Matmul, tile: tuple[int, int, int, int], innermost: Axis, opening: bool
    ) -> int:
        """Cycles of one tile; a tile that continues the fold before it costs its time steps only."""
        del problem
        batch, *sizes = tile
        by_axis = dict(zip(("M", "N", "K"), sizes, strict=True))
        across_rows, across_columns, along = AXES_OF[self.array.dataflow]
        row_folds = ceil_div(by_axis[across_rows], self.array.rows)
        column_folds = ceil_div(by_axis[across_columns], self.array.columns)
        folds = ceil_div(batch * row_folds * column_folds, self.component.instances)
        continues = not opening and innermost == along and row_folds * column_folds * batch == 1
        steps = by_axis[along] if continues else int(self._fold_cycles(by_axis[along]))
        return steps + (folds - 1) * int(self._following_cycles(by_axis[along]))

    def edge_words(self, problem: Matmul, tiling: Tiling, innermost: Axis) -> Mapping[Role, EdgeWords]:
        """Words over the edges: streamed operands pass once a fold across, sums leave once a fold along K."""
        rows, columns, _ = (tiling.cut(axis) for axis in AXES_OF[self.array.dataflow])
        row_folds, column_folds = rows.folds(self.array.rows), columns.folds(self.array.columns)
        trips = tiling.cut(self.temporal_axis).trips
        again = trips * self._stationary(problem) - self._continued(tiling, innermost, _itself)
        inputs = problem.batch * problem.M * problem.K
        weights = problem.batch * problem.K * problem.N
        outputs = problem.batch * problem.M * problem.N
        match self.array.dataflow:
            case "output_stationary":
                return _edges(inputs * column_folds, weights * row_folds, again, outputs)
            case "weight_stationary":
                return _edges(inputs * column_folds, again, outputs * row_folds, outputs)
            case "input_stationary":
                return _edges(again, weights * column_folds, outputs * row_folds, outputs)

    def actions(self, problem: Matmul, tiles: Iterable[tuple[int, Matmul]]) -> tuple[EngineAction, ...]:
        """Multiply-accumulates and register actions of all tiles, each begun anew."""
        del problem
        array = self.array
        total: dict[tuple[str, str], int] = {}
        for count, tile in tiles:
            each = array_actions(array.rows, array.columns, array.dataflow, tile.M, tile.N, tile.K)
            for key, number in _counted(each):
                total[key] = total.get(key, 0) + count * tile.batch * number
            for key, number in self._taken_over(tile):
                total[key] = total.get(key, 0) + count * number
        return tuple(EngineAction(action, role, number) for (action, role), number in total.items())

    def _taken_over(self, tile: Matmul) -> Iterator[tuple[tuple[str, str], int]]:
        """The moves of the stationary operand from its waiting register to the one at work."""
        if self.array.stationary_registers == 2:
            role = "weight" if self.array.dataflow == "weight_stationary" else "input"
            yield ("register_read_operand", role), self._stationary(tile)
            yield ("register_write_operand", role), self._stationary(tile)

    def _fold_cycles(self, steps: Count) -> Count:
        return fold_cycles(self.array.rows, self.array.columns, self.array.dataflow, steps)

    def _following_cycles(self, steps: Count) -> Count:
        array = self.array
        return following_fold_cycles(
            array.rows, array.columns, array.dataflow, array.stationary_registers, steps
        )

    def _folds(self, batch: Cut, rows: Cut, columns: Cut) -> Count:
        """Folds one after another on each instance, over all tiles but those along time."""
        instances = self.component.instances
        if instances == 1:  # the sum below is then a product
            return batch.size * rows.folds(self.array.rows) * columns.folds(self.array.columns)
        return batch.total(
            lambda b: rows.total(
                lambda r: columns.total(
                    lambda c: ceil_div(
                        b * ceil_div(r, self.array.rows) * ceil_div(c, self.array.columns), instances
                    )
                )
            )
        )

    def _stationary(self, problem: Matmul) -> int:
        """Elements of the operand (or of the results) that stay in the array."""
        across_rows, across_columns, _ = AXES_OF[self.array.dataflow]
        sizes = {"M": problem.M, "N": problem.N, "K": problem.K}
        return problem.batch * sizes[across_rows] * sizes[across_columns]

    def _continued(self, tiling: Tiling, innermost: Axis, weight: Callable[[Count], Count]) -> Count:
        """The tiles that go on where the one before ended, weighed along batch, rows and columns.

        They are those of a single fold, but for the first along time, where time is the innermost loop.
        """
        across_rows, across_columns, along = AXES_OF[self.array.dataflow]
        if innermost != along:
            return 0
        rows, columns = tiling.cut(across_rows), tiling.cut(across_columns)
        single = (
            tiling.batch.total(lambda b: (b == 1) * weight(b))
            * rows.total(lambda r: (r <= self.array.rows) * weight(r))
            * columns.total(lambda c: (c <= self.array.columns) * weight(c))
        )
        return single * (tiling.cut(along).trips - 1)


def _one(size: Count) -> Count:
    del size
    return 1


def _itself(size: Count) -> Count:
    return size


def _counted(actions: ArrayActions[int]) -> Iterator[tuple[tuple[str, str], int]]:
    """Each action and the role of its operand, with how often it is done."""
    yield ("mac", "compute"), actions.macs
    for role, registers in (("input", actions.input), ("weight", actions.weight), ("output", actions.output)):
        width = "sum" if role == "output" else "operand"
        yield (f"register_read_{width}", role), registers.register_reads
        yield (f"register_write_{width}", role), registers.register_writes


def _edges(inputs: Count, weights: Count, sums: Count, outputs: Count) -> dict[Role, EdgeWords]:
    """Every sum that leaves beyond the first of its output is added to one read back."""
    return {
        "input": EdgeWords(inputs, 0),
        "weight": EdgeWords(weights, 0),
        "output": EdgeWords(sums - outputs, sums),
    }
