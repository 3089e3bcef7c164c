"""The vector unit as a component: its lanes, what each function costs in cycles, energy and area."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import Field

from hwsim.arch.component import Component, Count
from hwsim.arch.technology import Price, Technology
from hwsim.engines.vector.engine import VectorUnitEngine
from hwsim.mapping.attribute_types import Datatype, FunctionCycles
from hwsim.mapping.protocol import VectorAttributes, VectorEngine
from hwsim.workload.tensor import DATATYPE_BITS

OPERAND_REGISTERS = 3
"""Registers of a lane: two operands and a result."""


class VectorUnit(VectorAttributes):
    """Lanes that each do one scalar function at a time; one function is an action of its name."""

    class_name: ClassVar[str] = "vector_unit"

    lanes: Count
    """Elements worked on side by side."""
    datatype: Datatype
    """Datatype the lanes compute in."""
    units: list[str] = Field(min_length=1)
    """The arithmetic units of one lane (mac, compare, exp ...), from which its area follows."""
    cycles: Annotated[FunctionCycles, Field(min_length=1)]
    """Cycles a lane is busy with one element, by function; a function that is missing cannot be done here."""

    def engine(self, component: Component) -> VectorEngine:
        """The model of this unit's cycles."""
        return VectorUnitEngine(component, self)

    def action_energies(self, technology: Technology) -> Mapping[str, Price]:
        """Joules of each function on one element, and of one read or write of a lane's register."""
        functions = {function: technology.arithmetic(function, self.datatype) for function in self.cycles}
        register = technology.register(DATATYPE_BITS[self.datatype])
        return {**functions, "register_read": register, "register_write": register}

    def area_price(self, technology: Technology) -> Price:
        """Square metres of all lanes: their arithmetic units and three registers each."""
        bits = OPERAND_REGISTERS * DATATYPE_BITS[self.datatype]
        parts = [technology.arithmetic_area(unit, self.datatype) for unit in self.units]
        parts.append(technology.register_area(bits))
        source = f"{self.lanes} lanes x ({'; '.join(part.source for part in parts)})"
        extrapolated = any(part.extrapolated for part in parts)
        return Price(self.lanes * sum(part.value for part in parts), source, extrapolated)

    def leakage_price(self, technology: Technology) -> Price:
        """Watts of the unit's logic area."""
        return technology.logic_leakage(self.area_price(technology).value)
