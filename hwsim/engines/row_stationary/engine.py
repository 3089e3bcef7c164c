"""The row-stationary array as mapping sees it, ANALYTICAL: cycles, edge words and actions of tiles.

A tile lies in the global buffer whole; its passes are those of ``choice``. Every tile loads its weights anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from hwsim.arch.component import Component
from hwsim.arch.memory import Role
from hwsim.engines.row_stationary.actions import product_actions
from hwsim.engines.row_stationary.choice import Sizes, cost_table, costs_of
from hwsim.engines.row_stationary.layer import layer_of
from hwsim.engines.row_stationary.shapes import Counts, PeArray
from hwsim.mapping.cut import Axis, Count, Cut, Tiling
from hwsim.mapping.protocol import EdgeWords, EngineAction
from hwsim.workload.contraction import Matmul

if TYPE_CHECKING:
    from hwsim.engines.row_stationary.array import RowStationaryArray


@dataclass(frozen=True, slots=True)
class RowStationaryEngine:
    """A :class:`~hwsim.mapping.protocol.MatrixEngine` of closed forms; see ``passes`` on their limits."""

    component: Component
    array: RowStationaryArray
    pes: PeArray

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
        return self.pes.rows * self.pes.columns * self.pes.instances

    @property
    def temporal_axis(self) -> Axis:
        """Images and rows stream past the weights in the pads; no tile goes on where the one before ended."""
        return "M"

    def describe(self, tile: Matmul) -> str:
        """Dataflow, rows, columns and fidelity; the shape of the passes of ``tile``."""
        passes = costs_of(self.pes, layer_of(tile), (tile.batch, tile.M, tile.N, tile.K)).passes
        shape = " ".join(f"{name}={getattr(passes, name)}" for name in "epqrt")
        return f"row_stationary {self.pes.rows}x{self.pes.columns} (analytical) {shape}"

    def granule(self, axis: Axis) -> int:
        """Any cut will do: passes adapt to the tile."""
        del axis
        return 1

    def cycles(self, problem: Matmul, tiling: Tiling, innermost: Axis) -> Count:
        """Cycles of all tiles, ragged ones exact."""
        del innermost
        return self._total(problem, tiling, "cycles")

    def tile_cycles(
        self, problem: Matmul, tile: tuple[int, int, int, int], innermost: Axis, opening: bool
    ) -> int:
        """Cycles of one tile, whatever was before it."""
        del innermost, opening
        return int(costs_of(self.pes, layer_of(problem), tile).cycles)

    def edge_words(self, problem: Matmul, tiling: Tiling, innermost: Axis) -> Mapping[Role, EdgeWords]:
        """Inputs pass once a group of filters, weights once a tile; sums leave once a group of channels.

        Every sum that leaves beyond the first of its output is added to one read back. Padding counts too.
        """
        del innermost
        outputs = problem.batch * problem.M * problem.N
        sums = self._total(problem, tiling, "sums")
        weights = problem.batch * problem.N * problem.K * tiling.M.trips
        return {
            "input": EdgeWords(self._total(problem, tiling, "inputs"), 0),
            "weight": EdgeWords(weights, 0),
            "output": EdgeWords(sums - outputs, sums),
        }

    def actions(self, problem: Matmul, tiles: Iterable[tuple[int, Matmul]]) -> tuple[EngineAction, ...]:
        """Multiply-accumulates, pad reads and writes, hops."""
        return product_actions(self.pes, problem, tiles)

    def _total(self, problem: Matmul, tiling: Tiling, cost: str) -> Count:
        """``cost`` of all tiles of every candidate: a table of sizes that occur, a look-up for each tile."""
        layer = layer_of(problem)
        M, N, channels = _parts(tiling.M), _parts(tiling.N), _parts(tiling.K, layer.channels)

        def of_batch(batch: int) -> Count:
            sizes = Sizes(batch, M.sizes, N.sizes, channels.sizes)
            values = getattr(cost_table(self.pes, layer, sizes), cost)
            kinds = product(M.kinds, N.kinds, channels.kinds)
            return sum(m * n * k * values[at_m, at_n, at_k] for (m, at_m), (n, at_n), (k, at_k) in kinds)

        total = tiling.batch.total(of_batch)
        return int(total) if np.ndim(total) == 0 else total


@dataclass(frozen=True, slots=True, eq=False)
class _Parts:
    """The sizes that occur along an axis; how often full and last tiles come, and which size they have."""

    sizes: tuple[int, ...]
    kinds: tuple[tuple[Count, Counts], ...]


def _parts(cut: Cut, size: Callable[[Count], Count] = lambda tile: tile) -> _Parts:
    """The full and the last tile of ``cut``, for every candidate, in terms of ``size``."""
    both = np.stack([size(np.asarray(cut.tile)), size(np.asarray(cut.last))])
    sizes, index = np.unique(both, return_inverse=True)
    full, last = index.reshape(both.shape)
    return _Parts(tuple(sizes.tolist()), ((cut.trips - 1, full), (1, last)))
