"""The macro as mapping sees it: a fold is one macro full of weights, through which input vectors stream.

A fold writes its rows, then takes ``vector_cycles`` for each vector; folds are dealt out over the macros. A
tile of a single fold whose successor goes on along M keeps its weights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hwsim.arch.component import Component
from hwsim.arch.memory import Role
from hwsim.mapping.cut import Axis, Count, Cut, Tiling
from hwsim.mapping.protocol import EdgeWords, EngineAction
from hwsim.workload.contraction import Matmul

if TYPE_CHECKING:
    from hwsim.engines.crossbar.macro import CrossbarMacro


@dataclass(frozen=True, slots=True)
class CrossbarEngine:
    """A :class:`~hwsim.mapping.protocol.MatrixEngine` in closed form."""

    component: Component
    macro: CrossbarMacro

    @property
    def datatype(self) -> str:
        """Datatype of inputs and weights."""
        return self.macro.datatype

    @property
    def accumulator(self) -> str:
        """Datatype of the sums."""
        return self.macro.accumulator

    @property
    def peak_macs(self) -> int:
        """Multiply-accumulates a cycle of all macros, rounded up."""
        each = self.macro.rows * self.macro.weights_a_row * self.component.instances
        return int(_ceil(each, self.macro.vector_cycles))

    @property
    def temporal_axis(self) -> Axis:
        """Input vectors stream along M."""
        return "M"

    def describe(self, tile: Matmul) -> str:
        """Rows and weights a row."""
        del tile
        return f"crossbar {self.macro.rows}x{self.macro.weights_a_row} weights"

    def granule(self, axis: Axis) -> int:
        """K lies along the rows, N along the columns."""
        return {"K": self.macro.rows, "N": self.macro.weights_a_row}.get(axis, 1)

    def cycles(self, problem: Matmul, tiling: Tiling, innermost: Axis) -> Count:
        """Cycles of all tiles: weights written for each fold that does not go on, a term for every vector."""
        del problem
        folds = self._folds(tiling.batch, tiling.K, tiling.N)
        starts = folds * tiling.M.trips - self._continued(tiling, innermost, _one)
        return starts * self._written + folds * tiling.M.size * self.macro.vector_cycles

    def tile_cycles(
        self, problem: Matmul, tile: tuple[int, int, int, int], innermost: Axis, opening: bool
    ) -> int:
        """Cycles of one tile."""
        del problem
        batch, M, N, K = tile
        inside = _ceil(K, self.macro.rows) * _ceil(N, self.macro.weights_a_row)
        folds = int(_ceil(batch * inside, self.component.instances))
        keeps = not opening and innermost == "M" and batch * inside == 1
        return (folds - keeps) * self._written + folds * M * self.macro.vector_cycles

    def edge_words(self, problem: Matmul, tiling: Tiling, innermost: Axis) -> Mapping[Role, EdgeWords]:
        """Inputs pass once a fold across, weights once a start, sums leave once a fold along K."""
        inputs = problem.batch * problem.M * problem.K * tiling.N.folds(self.macro.weights_a_row)
        weights = problem.batch * problem.K * problem.N * tiling.M.trips
        weights = weights - self._continued(tiling, innermost, _itself)
        outputs = problem.batch * problem.M * problem.N
        sums = outputs * tiling.K.folds(self.macro.rows)
        return {
            "input": EdgeWords(inputs, 0),
            "weight": EdgeWords(weights, 0),
            "output": EdgeWords(sums - outputs, sums),
        }

    def actions(self, problem: Matmul, tiles: Iterable[tuple[int, Matmul]]) -> tuple[EngineAction, ...]:
        """What cells, drivers and converters in use do for all tiles, each begun anew."""
        del problem
        macro = self.macro
        total = dict.fromkeys(("cell_write", "cell_read", "dac", "adc", "shift_add"), 0)
        for count, tile in tiles:
            many, cells = count * tile.batch, tile.K * tile.N * macro.columns_a_weight
            across, down = _ceil(tile.N, macro.weights_a_row), self._groups(tile.K)
            driven = tile.M * macro.slices * macro.reads
            converted = driven * down * tile.N * macro.columns_a_weight
            total["cell_write"] += many * cells
            total["cell_read"] += many * driven * cells
            total["dac"] += many * driven * tile.K * across
            total["adc"] += many * converted
            total["shift_add"] += many * converted
        roles = {"cell_write": "weight", "cell_read": "weight", "dac": "input"}
        return tuple(
            EngineAction(action, roles.get(action, "output"), number) for action, number in total.items()
        )

    def _groups(self, K: int) -> int:
        """Groups of rows that K inputs take, fold by fold."""
        full, left = divmod(K, self.macro.rows)
        return full * self.macro.groups + int(_ceil(left, self.macro.rows_at_once))

    @property
    def _written(self) -> int:
        """Cycles in which all rows of a macro are written."""
        return self.macro.rows * self.macro.write_cycles

    def _folds(self, batch: Cut, rows: Cut, columns: Cut) -> Count:
        """Folds one after another on each macro, over all tiles but those along M."""
        macro, instances = self.macro, self.component.instances
        return batch.total(
            lambda b: rows.total(
                lambda r: columns.total(
                    lambda c: _ceil(b * _ceil(r, macro.rows) * _ceil(c, macro.weights_a_row), instances)
                )
            )
        )

    def _continued(self, tiling: Tiling, innermost: Axis, weight: Callable[[Count], Count]) -> Count:
        """Tiles of a single fold that go on along M, weighed along batch, K and N."""
        if innermost != "M":
            return 0
        single = (
            tiling.batch.total(lambda b: (b == 1) * weight(b))
            * tiling.K.total(lambda r: (r <= self.macro.rows) * weight(r))
            * tiling.N.total(lambda c: (c <= self.macro.weights_a_row) * weight(c))
        )
        return single * (tiling.M.trips - 1)


def _ceil(number: Count, unit: int) -> Count:
    return -(-number // unit)


def _one(size: Count) -> Count:
    del size
    return 1


def _itself(size: Count) -> Count:
    return size
