"""The row-stationary array as a component: its attributes and what its actions cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from hwsim.arch.component import Component, Count
from hwsim.arch.technology import Price, Technology
from hwsim.mapping.attribute_types import Datatype
from hwsim.mapping.protocol import MatrixAttributes, MatrixEngine
from hwsim.workload.tensor import DATATYPE_BITS

if TYPE_CHECKING:
    from hwsim.engines.row_stationary.shapes import PeArray


class RowStationaryArray(MatrixAttributes):
    """A grid of PEs that convolve rows held in scratch pads of their own, as in Eyeriss; analytical model."""

    class_name: ClassVar[str] = "row_stationary_array"

    rows: Count
    """Rows of processing elements."""
    columns: Count
    """Columns of processing elements."""
    datatype: Datatype
    """Datatype of the operands and of the results written back."""
    accumulator: Datatype
    """Datatype of partial sums."""
    ifmap_pad: Count
    """Words of input in a PE, in registers."""
    filter_pad: Count
    """Words of weights in a PE, in an SRAM."""
    psum_pad: Count
    """Partial sums in a PE, in registers."""
    ifmap_port: Count
    """Words of input a cycle from the memory beside the array, each to all PEs that it is for."""
    filter_port: Count
    """Words of weights a cycle, likewise."""
    psum_port: Count
    """Partial sums a cycle to the memory beside the array; as many come from it meanwhile."""

    def engine(self, component: Component) -> MatrixEngine:
        """The analytical engine of this array."""
        from hwsim.engines.row_stationary.engine import RowStationaryEngine

        return RowStationaryEngine(component, self, self.pes(component.instances))

    def pes(self, instances: int) -> PeArray:
        """What the closed forms need to know of ``instances`` of this array."""
        from hwsim.engines.row_stationary.shapes import PeArray

        return PeArray(
            rows=self.rows,
            columns=self.columns,
            ifmap_pad=self.ifmap_pad,
            filter_pad=self.filter_pad,
            psum_pad=self.psum_pad,
            ifmap_port=self.ifmap_port,
            filter_port=self.filter_port,
            psum_port=self.psum_port,
            instances=instances,
        )

    def action_energies(self, technology: Technology) -> Mapping[str, Price]:
        """Joules of a multiply-accumulate, of one word in or out of each pad, and of one hop by width.

        A sum handed to the next PE is latched there.
        """
        operand, partial = DATATYPE_BITS[self.datatype], DATATYPE_BITS[self.accumulator]
        return {
            "mac": technology.arithmetic("mac", self.datatype),
            "ifmap_pad_read": technology.register(operand),
            "ifmap_pad_write": technology.register(operand),
            "filter_pad_read": technology.sram("read", self._filter_bytes, self._word_bytes),
            "filter_pad_write": technology.sram("write", self._filter_bytes, self._word_bytes),
            "psum_pad_read": technology.register(partial),
            "psum_pad_write": technology.register(partial),
            "psum_hop": technology.register(partial),
            "operand_bus_hop": technology.hop(operand),
            "sum_bus_hop": technology.hop(partial),
        }

    def area_price(self, technology: Technology) -> Price:
        """Square metres of all processing elements: a MAC unit, two pads of registers, one of SRAM."""
        bits = self.ifmap_pad * DATATYPE_BITS[self.datatype] + self.psum_pad * DATATYPE_BITS[self.accumulator]
        mac = technology.arithmetic_area("mac", self.datatype)
        pads = technology.register_area(bits)
        weights = technology.sram_area(self._filter_bytes, self._word_bytes)
        return self._of_all([("mac", mac), ("ifmap and psum pad", pads), ("filter pad", weights)])

    def leakage_price(self, technology: Technology) -> Price:
        """Watts of the logic and registers by area, and of the filter pads."""
        weights = technology.sram_area(self._filter_bytes, self._word_bytes).value
        logic = self.area_price(technology).value / self._elements - weights
        parts = [
            ("logic and registers", technology.logic_leakage(logic)),
            ("filter pad", technology.sram_leakage(self._filter_bytes)),
        ]
        return self._of_all(parts)

    @property
    def _elements(self) -> int:
        return self.rows * self.columns

    @property
    def _word_bytes(self) -> int:
        return -(-DATATYPE_BITS[self.datatype] // 8)

    @property
    def _filter_bytes(self) -> int:
        return self.filter_pad * self._word_bytes

    def _of_all(self, parts: list[tuple[str, Price]]) -> Price:
        """The price of all processing elements, each of these parts."""
        each = "; ".join(f"{name}: {price.source}" for name, price in parts)
        return Price(
            self._elements * sum(price.value for _, price in parts),
            f"{self._elements} x ({each})",
            any(price.extrapolated for _, price in parts),
        )
