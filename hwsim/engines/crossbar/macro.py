"""A compute-in-memory macro as a component: cells, converters, numbers cut into bits, what actions cost.

Formulas only. Accuracy is not modelled: read noise enters as the number of times a sum is read and averaged,
and as a limit on how many rows may be on at once for the converter to tell the sums apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from hwsim.arch.component import Component, Count
from hwsim.arch.memory import Role
from hwsim.arch.technology import Price, Technology
from hwsim.mapping.attribute_types import Datatype
from hwsim.mapping.protocol import MatrixAttributes, MatrixEngine, Places
from hwsim.spec.model import fault
from hwsim.spec.quantity import Area
from hwsim.workload.tensor import DATATYPE_BITS

Bits = Annotated[int, Field(ge=1, le=32)]


class CrossbarMacro(MatrixAttributes):
    """Weights stay in the cells; inputs come slice by slice; sums leave through converters of the columns.

    Actions: ``cell_read`` and ``cell_write`` (a cell), ``dac`` (a row driven for one slice), ``adc`` (a
    conversion), ``shift_add`` (a converted sum added to its place).
    """

    class_name: ClassVar[str] = "crossbar_macro"
    actions: ClassVar[tuple[str, ...]] = ("cell_read", "cell_write", "dac", "adc", "shift_add")
    """What it does that costs energy."""

    rows: Count
    """Word lines: inputs of one column."""
    columns: Count
    """Bit lines."""
    cell_bits: Bits = 1
    """Bits of a weight that one cell keeps."""
    differential: bool = False
    """Whether a weight has a column for each sign."""
    dac_bits: Bits = 1
    """Bits of an input that a row is driven with at once."""
    adc_bits: Bits
    """Bits that a converter tells apart."""
    adcs: Count
    """Converters; the columns take turns."""
    active_rows: Count | None = None
    """Rows that may be on at once; absent: all."""
    reads: Count = 1
    """Times a sum is read and averaged against read noise, which falls with the root of it."""
    read_cycles: Count = 1
    """Cycles of one conversion of every converter."""
    write_cycles: Count = 1
    """Cycles in which one row of cells is written."""
    datatype: Datatype
    """Datatype of inputs and weights."""
    accumulator: Datatype = "int32"
    """Datatype of sums."""
    cell_area: Area | None = None
    """Square metres of one cell."""
    adc_area: Area | None = None
    """Square metres of one converter."""
    dac_area: Area | None = None
    """Square metres of the driver of one row."""

    @model_validator(mode="after")
    def _converters_tell_sums_apart(self) -> Self:
        if self.columns < self.columns_a_weight:
            raise fault(
                f"{self.columns} columns do not hold one weight of {self.columns_a_weight}", at=("columns",)
            )
        if self.adcs > self.columns:
            raise fault(f"{self.adcs} converters for {self.columns} columns", at=("adcs",))
        if self.adc_bits < self.needed_adc_bits:
            raise fault(
                f"sums of {self.rows_at_once} rows with inputs of {self.dac_bits} and cells of "
                f"{self.cell_bits} bits need converters of {self.needed_adc_bits} bits: turn fewer rows on "
                "at once (active_rows)",
                at=("adc_bits",),
            )
        return self

    @property
    def rows_at_once(self) -> int:
        """Rows that are on together."""
        return min(self.rows, self.active_rows or self.rows)

    @property
    def needed_adc_bits(self) -> int:
        """Bits of the largest sum of a column, less the one that weights stored flipped save (ISAAC)."""
        largest = self.rows_at_once * ((1 << self.dac_bits) - 1) * ((1 << self.cell_bits) - 1)
        return max(1, largest.bit_length() - 1)

    @property
    def columns_a_weight(self) -> int:
        """Bit lines that one weight takes."""
        cells = -(-DATATYPE_BITS[self.datatype] // self.cell_bits)
        return 2 * cells if self.differential else cells

    @property
    def weights_a_row(self) -> int:
        """Weights side by side."""
        return self.columns // self.columns_a_weight

    @property
    def slices(self) -> int:
        """Times a row is driven for one input."""
        return -(-DATATYPE_BITS[self.datatype] // self.dac_bits)

    @property
    def groups(self) -> int:
        """Groups of rows, one after the other."""
        return -(-self.rows // self.rows_at_once)

    @property
    def vector_cycles(self) -> int:
        """Cycles of one input vector: slices, groups of rows, turns of the converters, repeated reads."""
        turns = -(-self.columns // self.adcs)
        return self.slices * self.groups * turns * self.reads * self.read_cycles

    def places(self) -> tuple[Places, ...]:
        """Rows share sums, columns share inputs."""
        return (Places("rows", self.rows, "output"), Places("columns", self.weights_a_row, "input"))

    def stationary(self) -> Role:
        """Weights stay."""
        return "weight"

    def engine(self, component: Component) -> MatrixEngine:
        """The closed forms of this macro."""
        from hwsim.engines.crossbar.engine import CrossbarEngine

        return CrossbarEngine(component, self)

    def action_energies(self, technology: Technology) -> Mapping[str, Price]:
        """An addition for each shifted sum; cells and converters have no table: the machine gives theirs."""
        return {"shift_add": technology.arithmetic("add", self.accumulator)}

    def area_price(self, technology: Technology) -> Price | None:
        """Square metres of cells, converters and drivers where all are given."""
        del technology
        if self.cell_area is None or self.adc_area is None or self.dac_area is None:
            return None
        total = (
            self.rows * self.columns * self.cell_area + self.adcs * self.adc_area + self.rows * self.dac_area
        )
        return Price(total, "cells, converters and row drivers as the machine gives them")
