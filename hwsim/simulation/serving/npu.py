"""Systolic arrays and vector units of one device: cycles of a piece by NeuPIMs' rules.

An instruction takes height + width - 2 + max(rows, 4) cycles, the next begins max(rows, 4) later, or
``height`` where it brings new weights; the first weights take 2 height - 1. Vector work takes ceil(n /
lanes), a reduction 2 tree(n) + k ceil(n / lanes) a fiber. Source: NeuPIMs' simulator (commit f299af3).
"""

from __future__ import annotations

from dataclasses import dataclass

from hwsim.arch.machine import Arch
from hwsim.engines.systolic.array import SystolicArray
from hwsim.engines.vector.unit import VectorUnit
from hwsim.simulation.serving.pieces import Shape
from hwsim.spec.errors import InputError

LEAST_ROWS = 4
"""Rows that an instruction takes at least."""
PASSES = {"softmax": (3, 0), "layernorm": (5, 3), "rmsnorm": (5, 3)}
"""Passes over a fiber and cycles beside them, for what reduces; RMSNorm as layer norm."""


@dataclass(frozen=True, slots=True)
class Npu:
    """Arrays and vector units of one device, all at ``clock`` hertz; names are those of the components."""

    array: str
    vector: str
    arrays: int
    rows: int
    columns: int
    units: int
    lanes: int
    clock: float
    datatype: str

    def cycles(self, shape: Shape, share: int) -> int:
        """Cycles of a piece of which ``share`` devices do a part each."""
        if shape.kind == "product":
            return self._product(shape, share)
        return self._vector(shape, 1 if shape.whole else share)

    def _product(self, shape: Shape, share: int) -> int:
        batch, columns = shape.batch, shape.N
        if shape.weights:
            columns = -(-columns // share)
        else:
            batch = -(-batch // share)
        return self.tiles_cycles(batch * self.tiles(columns, shape.K), shape.M)

    def tiles(self, columns: int, depth: int) -> int:
        """Tiles of weights of a product with ``columns`` results, summed over ``depth``."""
        return -(-columns // self.columns) * -(-depth // self.rows)

    def tiles_cycles(self, tiles: int, rows: int) -> int:
        """Cycles of so many tiles, each with ``rows`` rows to multiply, one after another on all arrays."""
        each = max(rows, self.rows, LEAST_ROWS)
        return -(-tiles // self.arrays) * each + 3 * self.rows + self.columns - 3

    def _vector(self, shape: Shape, share: int) -> int:
        elements = -(-shape.elements // share)
        if shape.fiber == 1:
            return -(-elements // (self.lanes * self.units))
        fibers = -(-elements // (shape.fiber * self.units))
        return fibers * self.fiber_cycles(shape.fiber, shape.work)

    def fiber_cycles(self, elements: int, work: str) -> int:
        """Cycles of one reduction over a fiber."""
        passes, beside = PASSES[work]
        return 2 * self._tree(elements) + passes * -(-elements // self.lanes) + beside

    def _tree(self, elements: int) -> int:
        """Steps of an addition tree, as wide as the lanes, over a fiber."""
        wide = -(-elements // self.lanes)
        return 1 if wide == 1 else wide + self._tree(wide)


def npu_of(arch: Arch, devices: int) -> Npu:
    """The arrays and vector units of one of ``devices``.

    Raises:
        InputError: the machine lacks one of them.
    """
    arrays = next((part for part in arch.walk() if isinstance(part.attributes, SystolicArray)), None)
    vectors = next((part for part in arch.walk() if isinstance(part.attributes, VectorUnit)), None)
    if arrays is None or vectors is None:
        lacking = "systolic_array" if arrays is None else "vector_unit"
        raise InputError(f"machine {arch.name!r} has no {lacking} beside its memory")
    array, vector = arrays.attributes, vectors.attributes
    assert isinstance(array, SystolicArray)
    assert isinstance(vector, VectorUnit)
    return Npu(
        array=arrays.name,
        vector=vectors.name,
        arrays=arrays.instances // devices,
        rows=array.rows,
        columns=array.columns,
        units=vectors.instances // devices,
        lanes=vector.lanes,
        clock=arrays.clock,
        datatype=array.datatype,
    )
