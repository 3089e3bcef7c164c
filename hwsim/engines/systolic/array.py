"""The systolic array as a component: its attributes and what its actions cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pydantic import PositiveInt, field_validator

from hwsim.arch.component import Component
from hwsim.arch.technology import Price, Technology
from hwsim.engines.systolic.folds import Dataflow
from hwsim.mapping.protocol import MatrixAttributes, MatrixEngine
from hwsim.spec.errors import InputError
from hwsim.spec.fields import as_field_error
from hwsim.workload.tensor import DATATYPE_BITS, bits_of


class SystolicArray(MatrixAttributes):
    """A grid of multiply-accumulate units, each passing operands and sums to its neighbours."""

    class_name: ClassVar[str] = "systolic_array"

    rows: PositiveInt
    """Rows of processing elements."""
    columns: PositiveInt
    """Columns of processing elements."""
    dataflow: Dataflow
    """Which operand stays in the processing elements."""
    datatype: str
    """Datatype of the operands and of the results written back."""
    accumulator: str
    """Datatype of partial sums."""

    @field_validator("datatype", "accumulator")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            bits_of(value)
        except InputError as error:
            raise as_field_error(error) from error
        return value

    def engine(self, component: Component) -> MatrixEngine:
        """The cycle-exact engine of this array."""
        from hwsim.engines.systolic.engine import SystolicEngine

        return SystolicEngine(component, self)

    def action_energies(self, technology: Technology) -> Mapping[str, Price]:
        """Joules of a multiply-accumulate, and of one register read, write or hop to the neighbour by operand width."""
        operand = technology.register(DATATYPE_BITS[self.datatype])
        partial = technology.register(DATATYPE_BITS[self.accumulator])
        prices = {"mac": technology.arithmetic("mac", self.datatype)}
        for action in ("register_read", "register_write"):
            prices[f"{action}_operand"] = operand
            prices[f"{action}_sum"] = partial
        return prices

    def area_price(self, technology: Technology) -> Price:
        """Square metres of all processing elements: one MAC unit, two operand registers, one sum register each."""
        bits = 2 * DATATYPE_BITS[self.datatype] + DATATYPE_BITS[self.accumulator]
        mac = technology.arithmetic_area("mac", self.datatype)
        registers = technology.register_area(bits)
        elements = self.rows * self.columns
        return Price(
            elements * (mac.value + registers.value),
            f"{elements} x (mac: {mac.source}; registers: {registers.source})",
            mac.extrapolated or registers.extrapolated,
        )

    def leakage_price(self, technology: Technology) -> Price:
        """Watts of the array's logic area."""
        return technology.logic_leakage(self.area_price(technology).value)
