"""What passes the DRAM between the arrays, where no memory on the chip is in reach of both.

The lanes then keep nothing between two Einsums: what one makes and another takes is written and read. The
grid takes each element of what the lanes made once, into the buffer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from hwsim.einsum.cascade import Cascade
from hwsim.einsum.statement import Einsum
from hwsim.mapping.fused.configurations import Configuration
from hwsim.mapping.fused.machine import TwoArrayMachine
from hwsim.mapping.fused.operations import bodies, elements, points
from hwsim.mapping.fused.shape import Sizes


@dataclass(frozen=True, slots=True)
class Handed:
    """Bytes of each intermediate tensor that each array reads, and that its producer writes."""

    to_lanes: Mapping[str, float] = field(default_factory=dict)
    to_grid: Mapping[str, float] = field(default_factory=dict)
    written: Mapping[str, float] = field(default_factory=dict)

    @property
    def total_bytes(self) -> float:
        """All of it."""
        return sum(sum(part.values()) for part in (self.to_lanes, self.to_grid, self.written))

    def times(self, factor: float) -> Handed:
        """What ``factor`` attentions hand over."""
        parts = (self.to_lanes, self.to_grid, self.written)
        return Handed(*({name: size * factor for name, size in part.items()} for part in parts))


def handed(machine: TwoArrayMachine, configuration: Configuration, cascade: Cascade, sizes: Sizes) -> Handed:
    """What one attention hands over in the DRAM: nothing where both arrays meet in the buffer."""
    found = Handed({}, {}, {}) if machine.meets else _handed(configuration, cascade, sizes)
    return found.times(machine.word_bytes)


def _handed(configuration: Configuration, cascade: Cascade, sizes: Sizes) -> Handed:
    """The same in words."""
    to_lanes: dict[str, float] = {}
    to_grid: dict[str, float] = {}
    for name, einsum in bodies(cascade).items():
        on_grid = name in configuration.grid
        for tensor in _intermediates(cascade, einsum):
            size = float(elements(cascade, tensor, sizes))
            if not on_grid:
                to_lanes[tensor] = to_lanes.get(tensor, 0.0) + _taken(cascade, einsum, tensor, sizes)
            elif tensor not in configuration.grid:
                to_grid[tensor] = to_grid.get(tensor, 0.0) + size
    leaving = {*to_lanes, *to_grid} - set(cascade.outputs)
    return Handed(to_lanes, to_grid, {name: float(elements(cascade, name, sizes)) for name in leaving})


def _intermediates(cascade: Cascade, einsum: Einsum) -> Iterator[str]:
    read = dict.fromkeys(access.tensor for access in einsum.reads)
    return (tensor for tensor in read if tensor not in cascade.inputs)


def _taken(cascade: Cascade, einsum: Einsum, tensor: str, sizes: Sizes) -> float:
    """Words that the lanes read: each point its own, or a value that serves many of them once."""
    indices = {*einsum.left_indices, *einsum.right_indices}
    each_point = len(cascade.tensor_ranks[tensor]) >= len(indices)
    return float(points(cascade, einsum, sizes) if each_point else elements(cascade, tensor, sizes))
