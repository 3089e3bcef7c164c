"""How long the arrays are busy: cycles of every Einsum, of stages and of phases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hwsim.einsum.cascade import Cascade
from hwsim.mapping.fused.configurations import Configuration, Phase
from hwsim.mapping.fused.done import done
from hwsim.mapping.fused.machine import Processor, TwoArrayMachine
from hwsim.mapping.fused.operations import bodies
from hwsim.mapping.fused.shape import Sizes


@dataclass(frozen=True, slots=True)
class Occupancy:
    """Cycles of each Einsum of one attention with all units of its array at work; ``fills`` nothing hides."""

    configuration: Configuration
    cycles: Mapping[str, float]
    fills: float

    def on_grid(self, einsums: tuple[str, ...]) -> float:
        """Cycles of those of ``einsums`` that are on the grid."""
        return sum(self.cycles[name] for name in einsums if name in self.configuration.grid)

    def on_lanes(self, einsums: tuple[str, ...]) -> float:
        """Cycles of those of ``einsums`` that are on the lanes."""
        return sum(self.cycles[name] for name in einsums if name not in self.configuration.grid)

    def phase_cycles(self, phase: Phase) -> float:
        """Cycles of a phase whose operands are there in time."""
        return sum(max(self.on_grid(stage), self.on_lanes(stage)) for stage in phase) + self.fills


def occupancy(
    machine: TwoArrayMachine, configuration: Configuration, cascade: Cascade, sizes: Sizes
) -> Occupancy:
    """The cycles of one attention on both arrays.

    Raises:
        InputError: an array cannot do an operation that is bound to it.
    """
    statements = bodies(cascade)
    cycles = {}
    for name in configuration.einsums:
        processor = processor_of(machine, configuration, name)
        busy = sum(
            each.count * processor.cycles_of(each.operation)
            for each in done(processor, cascade, statements[name], sizes)
            if each.operation not in configuration.chained
        )
        cycles[name] = busy / processor.units
    tiles = float(sizes["M"] / machine.rows * sizes["P"] / machine.columns)
    return Occupancy(configuration, cycles, configuration.exposed_fills * machine.rows * tiles)


def processor_of(machine: TwoArrayMachine, configuration: Configuration, einsum: str) -> Processor:
    """The array that ``einsum`` is bound to."""
    return machine.grid if einsum in configuration.grid else machine.lanes
