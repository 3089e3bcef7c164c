"""The parts of a machine that fused attention uses: a grid, lanes, a buffer on the chip, a DRAM.

Where grid and lanes reach the same buffer, what one hands to the other passes there; where they do not, it
passes the DRAM.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol, runtime_checkable

from hwsim.arch.component import Component
from hwsim.arch.machine import Arch, memory_of
from hwsim.arch.memory import Dram, Role
from hwsim.mapping.fused.tiled import TiledGrid
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
    ``buffer`` is where queries stay, ``meets`` says whether the lanes reach it too, ``keys_at_home`` and
    ``results_at_home`` whether keys and values, and the grid's results pass it and may stay there.
    ``exp_unit``: lanes have a unit for the exponential, which takes the difference it is of in flight.
    ``tiled``: the grid keeps no scores in its elements but times tiles of ``rows`` x ``columns`` itself.
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
    meets: bool = True
    results_at_home: bool = True
    tiled: TiledGrid | None = None

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
        InputError: it lacks an array that multiplies matrices, lanes, or a buffer.
    """
    sites = sites_of(arch)
    if not sites.matrix or not sites.vector:
        what = "vector unit" if sites.matrix else "array that multiplies matrices"
        raise InputError(f"machine {arch.name!r} has no {what}: fused attention needs both")
    bits = DATATYPE_BITS[sites.matrix[0].datatype]
    return machine_at(sites, sites.matrix[0], sites.vector[0], bits)


def machine_at(sites: Sites, grid: MatrixEngine, lanes: VectorEngine, bits: int) -> TwoArrayMachine:
    """The view of a machine with attention on ``grid`` and ``lanes``; words have ``bits``.

    A tile on a grid that times its tiles itself is a single score, until one is chosen.

    Raises:
        InputError: no memory on the chip holds what the grid takes, or the lanes are no vector unit.
    """
    beside = lanes.component.attributes
    if not isinstance(beside, LaneAttributes):
        raise InputError(
            f"{lanes.component.name} ({lanes.component.class_name}) has no lanes that work by element",
            hint="fused attention needs a component such as 'class: vector_unit'",
        )
    buffer, root, clock = _buffer(sites, grid), sites.arch.root, sites.arch.clock
    memory, outside = memory_of(buffer), memory_of(root)
    rate = float("inf") if outside.bandwidth is None else outside.bandwidth.per_second(root.clock)
    side = _grid_of(sites, grid)
    return TwoArrayMachine(
        clock=clock,
        rows=side.rows,
        columns=side.columns,
        arrays=side.arrays,
        grid=_processor(grid.component, side.units, side.cycles, clock),
        lanes=_processor(lanes.component, beside.lanes * lanes.component.instances, beside.cycles, clock),
        buffer=buffer.name,
        buffer_bytes=2**60 if memory.capacity is None else memory.capacity,
        buffer_width=memory.width,
        dram=root.name,
        dram_bandwidth=rate * (outside.efficiency if isinstance(outside, Dram) else 1.0),
        dram_width=outside.width,
        word_bytes=bits / 8,
        keys_at_home=_passes(sites, grid, "weight", buffer),
        exp_unit="exp" in beside.units,
        meets=_meet(sites, grid, lanes, buffer),
        results_at_home=_passes(sites, grid, "output", buffer),
        tiled=side.tiled,
    )


@dataclass(frozen=True, slots=True)
class _Grid:
    """What a machine's grid is: ``arrays`` of rows x columns, all ``units``, and what else they can do."""

    rows: int
    columns: int
    arrays: int
    units: int
    cycles: Mapping[str, float]
    tiled: TiledGrid | None


def _grid_of(sites: Sites, grid: MatrixEngine) -> _Grid:
    own, part = grid.component.attributes, grid.component
    if isinstance(own, GridAttributes):
        units = own.rows * own.columns * part.instances
        return _Grid(own.rows, own.columns, part.instances, units, {CONTRACTION: 1.0, **own.cycles}, None)
    ratio = Fraction(sites.arch.clock) / Fraction(part.clock)
    tiled = TiledGrid(sites.arch.content_hash, part.name, ratio, grid)
    return _Grid(1, 1, 1, grid.peak_macs, {CONTRACTION: 1.0}, tiled)


def _processor(part: Component, units: int, cycles: Mapping[str, float], clock: float) -> Processor:
    ratio = clock / part.clock
    return Processor(part.name, units, tuple((name, each * ratio) for name, each in cycles.items()))


def _buffer(sites: Sites, grid: MatrixEngine) -> Component:
    """The outermost memory on the chip from which the grid gets its queries."""
    on_chip = sites.path(grid, "input")[1:]
    if not on_chip:
        raise InputError(
            f"machine {sites.arch.name!r} has no memory on the chip that holds inputs of "
            f"{grid.component.name}: the queries of fused attention have nowhere to stay",
            hint="put one above it, such as 'class: sram' with 'holds: [input, weight, output]'",
        )
    return on_chip[0]


def _passes(sites: Sites, engine: MatrixEngine | VectorEngine, role: Role, buffer: Component) -> bool:
    """Whether the buffer is the outermost memory on the chip that ``role`` passes on its way."""
    return any(part is buffer for part in sites.path(engine, role)[1:2])


def _meet(sites: Sites, grid: MatrixEngine, lanes: VectorEngine, buffer: Component) -> bool:
    """Whether the buffer serves both arrays both ways."""
    roles: tuple[Role, ...] = ("input", "output")
    return all(_passes(sites, engine, role, buffer) for engine in (grid, lanes) for role in roles)
