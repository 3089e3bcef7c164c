"""The systolic array as a component: its attributes and what its actions cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field, field_validator

from hwsim.arch.component import Component, Count, CyclesPerElement
from hwsim.arch.technology import Price, Technology
from hwsim.engines.systolic.folds import Dataflow
from hwsim.mapping.protocol import MatrixAttributes, MatrixEngine
from hwsim.spec.errors import InputError, did_you_mean
from hwsim.spec.fields import as_field_error
from hwsim.spec.model import fault
from hwsim.workload.layers.work import FUNCTIONS
from hwsim.workload.tensor import DATATYPE_BITS, bits_of


class SystolicArray(MatrixAttributes):
    """A grid of multiply-accumulate units, each passing operands and sums to its neighbours."""

    class_name: ClassVar[str] = "systolic_array"

    rows: Count
    """Rows of processing elements."""
    columns: Count
    """Columns of processing elements."""
    dataflow: Dataflow
    """Which operand stays in the processing elements."""
    datatype: str
    """Datatype of the operands and of the results written back."""
    accumulator: str
    """Datatype of partial sums."""
    cycles: dict[str, CyclesPerElement] = Field(default_factory=dict)
    """Cycles a processing element is busy with one element, by function, where it does more than multiply and
    add; only fused attention (hwsim/mapping/fused) puts such work here."""

    @field_validator("datatype", "accumulator")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            bits_of(value)
        except InputError as error:
            raise as_field_error(error) from error
        return value

    @field_validator("cycles")
    @classmethod
    def _known_functions(cls, value: dict[str, float]) -> dict[str, float]:
        for function in value:
            if function not in FUNCTIONS:
                raise fault(f"no function {function!r}", did_you_mean(function, FUNCTIONS), (function,))
        return value

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
        """Square metres of all elements: one MAC unit, two operand registers, one sum register each."""
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
