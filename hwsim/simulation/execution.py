"""What happened when a plan ran: times, stalls by cause, action counts.

Cycles are of the machine's clock: whole ones, and fractions where the machine has no clock to wait for
(neuromorphic cores).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from hwsim.spec.errors import InputError, did_you_mean

Fidelity = Literal["bound", "analytical", "event"]
FIDELITIES: tuple[Fidelity, ...] = ("bound", "analytical", "event")


def fidelity_called(name: str) -> Fidelity:
    """The fidelity called ``name``.

    Raises:
        InputError: there is none.
    """
    for fidelity in FIDELITIES:
        if fidelity == name:
            return fidelity
    raise InputError(f"there is no fidelity {name!r}", hint=did_you_mean(name, FIDELITIES))


@dataclass(frozen=True, slots=True)
class ActionCount:
    """``count`` actions of one kind on one component for one operator; ``tensor`` is the operand's role."""

    component: str
    action: str
    tensor: str
    count: int


@dataclass(frozen=True, slots=True)
class Stalls:
    """Cycles in which the engine of a step waits, by cause.

    ``fill``: the first tile is on its way; ``bandwidth``: the outermost memory is slower than the engine;
    ``on_chip``: a memory on the chip is; ``epilogue``: fused vector work is; ``drain``: results on their way
    out; ``capacity``: no second buffer; ``spill``: residents written back to make room; ``waiting``: other
    steps have the engine, the outermost memory or the data (``event`` fidelity only).
    """

    fill: float = 0
    bandwidth: float = 0
    on_chip: int = 0
    epilogue: int = 0
    drain: int = 0
    capacity: int = 0
    spill: int = 0
    waiting: float = 0

    @property
    def total(self) -> float:
        """All of them."""
        waited: float = sum(getattr(self, cause) for cause in self.__slots__)
        return waited


@dataclass(frozen=True, slots=True)
class StepTime:
    """Cycles of a step, and of those the ones in which each resource works.

    ``compute``: its engine; ``outer``: the outermost memory; ``on_chip``: the busiest memory on the chip;
    ``riders``: the vector unit for fused operators.
    """

    cycles: int
    compute: int
    outer: int
    on_chip: int
    riders: int
    stalls: Stalls

    def among_others(self, cycles: int) -> StepTime:
        """The same step where it takes ``cycles`` because others run beside it."""
        return replace(self, cycles=cycles, stalls=replace(self.stalls, waiting=cycles - self.cycles))


@dataclass(frozen=True, slots=True)
class OperatorRun:
    """One operator. An operator fused into the step of another has its actions, and no time of its own."""

    name: str
    kind: str
    component: str
    step: int
    start: float
    cycles: float
    compute_cycles: float
    stalls: Stalls
    bound_by: str
    lower_bound_cycles: float
    macs: int
    peak_macs: int
    dram_bytes: int
    traffic: tuple[tuple[str, int], ...]
    actions: tuple[ActionCount, ...]
    mapping: str | None


@dataclass(frozen=True, slots=True)
class Bound:
    """The least time (cycles) that one resource, a ``component``, needs for the whole workload, whatever the
    schedule.
    """

    component: str
    resource: str
    cycles: float


@dataclass(frozen=True, slots=True)
class Execution:
    """A whole run; ``busy`` are the cycles each component works, ``tables`` what else the engines have to
    say, by the key it gets in the result's JSON; ``bands`` what they know of the errors of single operators.
    """

    fidelity: Fidelity
    cycles: float
    operators: tuple[OperatorRun, ...]
    bounds: tuple[Bound, ...]
    compulsory_dram_bytes: int
    busy: tuple[tuple[str, float], ...]
    tables: Mapping[str, Any] = field(default_factory=dict)
    bands: Mapping[str, str] = field(default_factory=dict)

    @property
    def lower_bound_cycles(self) -> float:
        """The largest of the bounds."""
        return max((bound.cycles for bound in self.bounds), default=0)
