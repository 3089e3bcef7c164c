"""The systolic array as a component: its attributes and what its actions cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from hwsim.arch.component import Component, Count
from hwsim.arch.memory import Role
from hwsim.arch.technology import Price, Technology
from hwsim.engines.systolic.folds import Dataflow
from hwsim.mapping.attribute_types import Datatype, FunctionCycles
from hwsim.mapping.protocol import MatrixAttributes, MatrixEngine, Places
from hwsim.workload.tensor import DATATYPE_BITS

_STATIONARY: Mapping[Dataflow, Role] = {
    "weight_stationary": "weight",
    "input_stationary": "input",
    "output_stationary": "output",
}
_REUSED: Mapping[Dataflow, tuple[Role, Role]] = {
    "weight_stationary": ("output", "input"),
    "input_stationary": ("output", "weight"),
    "output_stationary": ("weight", "input"),
}
"""By dataflow the role that units of a column, and those of a row, have in common: sums run down K."""


class SystolicArray(MatrixAttributes):
    """A grid of multiply-accumulate units, each passing operands and sums to its neighbours."""

    class_name: ClassVar[str] = "systolic_array"

    rows: Count
    """Rows of processing elements."""
    columns: Count
    """Columns of processing elements."""
    dataflow: Dataflow
    """Which operand stays in the processing elements."""
    stationary_registers: Literal[1, 2] = 1
    """Registers of a processing element for the operand that stays in it. With 2 the next one is shifted in
    while this one works; 1 in an output_stationary array, in which no operand stays."""
    datatype: Datatype
    """Datatype of the operands and of the results written back."""
    accumulator: Datatype
    """Datatype of partial sums."""
    cycles: FunctionCycles = Field(default_factory=dict)
    """Cycles a processing element is busy with one element, by function, where it does more than multiply and
    add; only fused attention (hwsim/mapping/fused) puts such work here."""

    @model_validator(mode="after")
    def _an_operand_stays(self) -> Self:
        if self.stationary_registers == 2 and self.dataflow == "output_stationary":
            raise ValueError("stationary_registers is 1 where sums stay, not an operand (output_stationary)")
        return self

    def places(self) -> tuple[Places, ...]:
        """Rows and columns: what the dataflow moves along one all its units have in common."""
        down, across = _REUSED[self.dataflow]
        return (Places("rows", self.rows, down), Places("columns", self.columns, across))

    def stationary(self) -> Role:
        """The operand the dataflow is called after."""
        return _STATIONARY[self.dataflow]

    def engine(self, component: Component) -> MatrixEngine:
        """The cycle-exact engine of this array."""
        from hwsim.engines.systolic.engine import SystolicEngine

        return SystolicEngine(component, self)

    def action_energies(self, technology: Technology) -> Mapping[str, Price]:
        """Joules of a multiply-accumulate or other function, and of a register read or write by width."""
        operand = technology.register(DATATYPE_BITS[self.datatype])
        partial = technology.register(DATATYPE_BITS[self.accumulator])
        prices = {"mac": technology.arithmetic("mac", self.datatype)}
        for action in ("register_read", "register_write"):
            prices[f"{action}_operand"] = operand
            prices[f"{action}_sum"] = partial
        prices.update({function: technology.arithmetic(function, self.datatype) for function in self.cycles})
        return prices

    def area_price(self, technology: Technology) -> Price:
        """Square metres of all elements: a MAC unit, a sum register and the operand registers each."""
        operands = 1 + self.stationary_registers
        bits = operands * DATATYPE_BITS[self.datatype] + DATATYPE_BITS[self.accumulator]
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
