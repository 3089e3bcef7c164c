"""The vector unit as mapping sees it: cycles and actions of vector work, all instances together."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hwsim.arch.component import Component
from hwsim.mapping.protocol import EngineAction
from hwsim.workload.operator import Operator

if TYPE_CHECKING:
    from hwsim.engines.vector.unit import VectorUnit


@dataclass(frozen=True, slots=True)
class VectorUnitEngine:
    """A :class:`~hwsim.mapping.protocol.VectorEngine`.

    A function over n elements takes ceil(n / lanes) rounds of the function's cycles, one function at a time.
    Chains inside a fiber (a running sum) are taken to be spread over fibers and lanes: they add no latency.
    """

    component: Component
    unit: VectorUnit

    @property
    def datatype(self) -> str:
        """Datatype the lanes compute in."""
        return self.unit.datatype

    @property
    def lanes(self) -> int:
        """Lanes of all instances."""
        return self.unit.lanes * self.component.instances

    def cycles(self, operator: Operator) -> int:
        """Cycles for the vector work of ``operator`` with its data there."""
        rounds = (-(-count // self.lanes) * self.unit.cycles[name] for name, count in operator.functions)
        return math.ceil(sum(rounds))

    def bound_cycles(self, operator: Operator) -> int:
        """Fewest cycles: every lane busy all the time."""
        work = sum(count * self.unit.cycles[name] for name, count in operator.functions)
        return math.ceil(work / self.lanes)

    def actions(self, operator: Operator) -> tuple[EngineAction, ...]:
        """Scalar functions done, by name."""
        return tuple(EngineAction(name, "output", count) for name, count in operator.functions if count)

    def unknown_functions(self, operator: Operator) -> tuple[str, ...]:
        """Functions of ``operator`` that the unit cannot do."""
        return tuple(name for name, _ in operator.functions if name not in self.unit.cycles)
