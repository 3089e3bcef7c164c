"""The parts of a machine that fused attention uses: a grid and lanes below one buffer below a DRAM."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar, runtime_checkable

from hwsim.arch.component import Component
from hwsim.arch.machine import Arch
from hwsim.arch.memory import Dram, Sram
from hwsim.spec.errors import InputError
from hwsim.workload.tensor import DATATYPE_BITS

CONTRACTION = "mac"


@runtime_checkable
class GridAttributes(Protocol):
    """A two-dimensional array: ``cycles`` of what its elements do beside multiplying and adding."""

    rows: int
    columns: int
    datatype: str
    cycles: Mapping[str, float]


@runtime_checkable
class LaneAttributes(Protocol):
    """A one-dimensional array: ``cycles`` of one function on one lane."""

    lanes: int
    cycles: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Processor:
    """One array: ``units`` work side by side, each for ``cycles[operation]`` cycles on one element."""

    component: str
    units: int
    cycles: Mapping[str, float]

    def cycles_of(self, operation: str) -> float:
        """Cycles a unit is busy with one ``operation``.

        Raises:
            InputError: it cannot do it.
        """
        if operation not in self.cycles:
            known = ", ".join(sorted(self.cycles))
            message = f"component {self.component!r} cannot do {operation!r}"
            raise InputError(message, hint=f"it does {known}; give it under the component's 'cycles:'")
        return self.cycles[operation]


@dataclass(frozen=True, slots=True)
class TwoArrayMachine:
    """Clock in hertz, buffer in bytes, DRAM bandwidth in bytes per second; words are those of the grid."""

    clock: float
    rows: int
    columns: int
    grid: Processor
    lanes: Processor
    buffer: str
    buffer_bytes: int
    buffer_row_words: int
    dram: str
    dram_bandwidth: float
    dram_width: int
    word_bytes: int

    def dram_cycles(self, traffic_bytes: float) -> float:
        """Cycles in which the DRAM moves ``traffic_bytes``."""
        return traffic_bytes / self.dram_bandwidth * self.clock


def two_array_machine(arch: Arch) -> TwoArrayMachine:
    """The parts of ``arch`` that fused attention uses.

    Raises:
        InputError: it lacks a two-dimensional array, lanes, a buffer or a DRAM with a bandwidth.
    """
    parts = [(part, part.attributes) for part in arch.walk()]
    grids = [(part, own) for part, own in parts if isinstance(own, GridAttributes)]
    lane_sets = [(part, own) for part, own in parts if isinstance(own, LaneAttributes)]
    grid, grid_attributes = _only(arch, grids, "arrays with rows and columns")
    lanes, lane_attributes = _only(arch, lane_sets, "vector units")
    buffer, buffer_attributes = _only(
        arch, [(part, own) for part, own in parts if isinstance(own, Sram)], "buffers (class sram)"
    )
    dram, dram_attributes = _only(
        arch, [(part, own) for part, own in parts if isinstance(own, Dram)], "DRAMs (class dram)"
    )
    if dram_attributes.bandwidth is None:
        raise InputError(f"DRAM {dram.name!r} has no bandwidth", hint="give it, such as 400 GiB/s")
    word_bytes = DATATYPE_BITS[grid_attributes.datatype] // 8
    peak = dram_attributes.bandwidth.per_second(dram.clock)
    return TwoArrayMachine(
        clock=grid.clock,
        rows=grid_attributes.rows,
        columns=grid_attributes.columns,
        grid=Processor(
            grid.name,
            grid_attributes.rows * grid_attributes.columns,
            {CONTRACTION: 1.0, **grid_attributes.cycles},
        ),
        lanes=Processor(lanes.name, lane_attributes.lanes, lane_attributes.cycles),
        buffer=buffer.name,
        buffer_bytes=buffer_attributes.capacity,
        buffer_row_words=buffer_attributes.width // word_bytes,
        dram=dram.name,
        dram_bandwidth=peak * dram_attributes.efficiency,
        dram_width=dram_attributes.width,
        word_bytes=word_bytes,
    )


Kind = TypeVar("Kind")


def _only(arch: Arch, found: list[tuple[Component, Kind]], what: str) -> tuple[Component, Kind]:
    count = sum(part.instances for part, _ in found)
    if count != 1:
        raise InputError(
            f"machine {arch.name!r} has {count} {what}: fused attention needs one",
            hint="machines such as flat_cloud and fusemax_cloud have one of each",
        )
    return found[0]
