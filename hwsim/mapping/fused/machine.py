"""The parts of a machine that fused attention uses: a grid and lanes below one buffer below a DRAM."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from hwsim.arch.component import Component
from hwsim.arch.machine import Arch, memory_of
from hwsim.arch.memory import Dram
from hwsim.mapping.protocol import MatrixEngine, VectorEngine
from hwsim.mapping.sites import Sites, sites_of
from hwsim.spec.errors import InputError
from hwsim.workload.tensor import DATATYPE_BITS

CONTRACTION = "mac"


@runtime_checkable
class GridAttributes(Protocol):
    """A two-dimensional array: ``cycles`` of what its elements do beside multiplying and adding."""

    rows: int
    columns: int
    cycles: Mapping[str, float]


@runtime_checkable
class LaneAttributes(Protocol):
    """A one-dimensional array: ``cycles`` of one function on one lane, which is built of ``units``."""

    lanes: int
    units: list[str]
    cycles: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Processor:
    """One array: ``units`` work side by side, each for so many cycles on one element by operation."""

    component: str
    units: int
    cycles: tuple[tuple[str, float], ...]

    def can(self, operation: str) -> bool:
        """Whether it does ``operation`` at all."""
        return any(name == operation for name, _ in self.cycles)

    def cycles_of(self, operation: str) -> float:
        """Cycles a unit is busy with one ``operation``.

        Raises:
            InputError: it cannot do it.
        """
        for name, cycles in self.cycles:
            if name == operation:
                return cycles
        known = ", ".join(sorted(name for name, _ in self.cycles))
        message = f"component {self.component!r} cannot do {operation!r}"
        raise InputError(message, hint=f"it does {known}; give it under the component's 'cycles:'")


@dataclass(frozen=True, slots=True)
class TwoArrayMachine:
    """Clock in hertz, buffer in bytes, DRAM bandwidth in bytes per second (infinite: no limit).

    ``arrays`` grids of ``rows`` x ``columns`` work side by side; all cycles are of the machine's clock.
    ``keys_at_home``: keys and values pass the buffer, too, and may stay there. ``exp_unit``: lanes have a
    unit for the exponential, which takes the difference it is of in flight.
    """

    clock: float
    rows: int
    columns: int
    arrays: int
    grid: Processor
    lanes: Processor
    buffer: str
    buffer_bytes: int
    buffer_width: int
    dram: str
    dram_bandwidth: float
    dram_width: int
    word_bytes: float
    keys_at_home: bool
    exp_unit: bool

    @property
    def buffer_words(self) -> int:
        """Words that fit the buffer."""
        return int(self.buffer_bytes // self.word_bytes)

    @property
    def buffer_row_words(self) -> float:
        """Words of one action of the buffer."""
        return self.buffer_width / self.word_bytes

    def dram_cycles(self, traffic_bytes: float) -> float:
        """Cycles in which the DRAM moves ``traffic_bytes``."""
        return traffic_bytes / self.dram_bandwidth * self.clock


def two_array_machine(arch: Arch) -> TwoArrayMachine:
    """The parts of ``arch`` that fused attention uses, with its first array and its first lanes.

    Raises:
        InputError: it lacks a two-dimensional array, lanes, or a buffer that both reach.
    """
    sites = sites_of(arch)
    if not sites.matrix or not sites.vector:
        what = "vector unit" if sites.matrix else "array that multiplies matrices"
        raise InputError(f"machine {arch.name!r} has no {what}: fused attention needs both")
    bits = DATATYPE_BITS[sites.matrix[0].datatype]
    return machine_at(sites, sites.matrix[0], sites.vector[0], bits)


def machine_at(sites: Sites, grid: MatrixEngine, lanes: VectorEngine, bits: int) -> TwoArrayMachine:
    """The view of a machine with attention on ``grid`` and ``lanes``; words have ``bits``.

    Raises:
        InputError: scores have no place that both arrays reach, or the array's elements hold no scores.
    """
    own, beside = grid.component.attributes, lanes.component.attributes
    if not isinstance(own, GridAttributes) or not isinstance(beside, LaneAttributes):
        part = grid.component if not isinstance(own, GridAttributes) else lanes.component
        raise InputError(
            f"{part.name} ({part.class_name}) is no array whose elements keep a tile of scores",
            hint="fused attention is modelled for systolic arrays and vector units",
        )
    home, root = _home(sites, grid, lanes), sites.arch.root
    memory, outside, clock = memory_of(home), memory_of(root), sites.arch.clock
    rate = float("inf") if outside.bandwidth is None else outside.bandwidth.per_second(root.clock)
    arrays, units = grid.component.instances, lanes.component.instances
    return TwoArrayMachine(
        clock=clock,
        rows=own.rows,
        columns=own.columns,
        arrays=arrays,
        grid=_processor(
            grid.component, own.rows * own.columns * arrays, {CONTRACTION: 1.0, **own.cycles}, clock
        ),
        lanes=_processor(lanes.component, beside.lanes * units, beside.cycles, clock),
        buffer=home.name,
        buffer_bytes=2**60 if memory.capacity is None else memory.capacity,
        buffer_width=memory.width,
        dram=root.name,
        dram_bandwidth=rate * (outside.efficiency if isinstance(outside, Dram) else 1.0),
        dram_width=outside.width,
        word_bytes=bits / 8,
        keys_at_home=sites.meets(grid, "weight"),
        exp_unit="exp" in beside.units,
    )


def _processor(part: Component, units: int, cycles: Mapping[str, float], clock: float) -> Processor:
    ratio = clock / part.clock
    return Processor(part.name, units, tuple((name, each * ratio) for name, each in cycles.items()))


def _home(sites: Sites, grid: MatrixEngine, lanes: VectorEngine) -> Component:
    """The memory where queries, scores and results meet both arrays."""
    reached = all(sites.meets(engine, role) for engine in (grid, lanes) for role in ("input", "output"))
    if sites.home is None or not reached:
        raise InputError(
            f"no memory on {sites.arch.name} holds what {grid.component.name} makes and "
            f"{lanes.component.name} reads: scores cannot stay on chip",
            hint="put one memory that holds inputs and outputs above both arrays",
        )
    return sites.home
