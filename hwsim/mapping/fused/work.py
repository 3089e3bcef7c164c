"""All attentions of a layer on two arrays with one choice: cycles of every Einsum, what moves, what it takes.

``fidelity: analytical``: in bands, a tile that is not full takes as long as a full one on both arrays; FLAT's
lanes take the scores as they come. Actions are those of the scores there are. Source: as for the rest of this
package.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from hwsim.einsum.cascade import Cascade
from hwsim.mapping.fused.actions import EinsumActions, einsum_actions
from hwsim.mapping.fused.band import band_bytes, band_movement
from hwsim.mapping.fused.choice import FUSED, Fused, FusedAttention
from hwsim.mapping.fused.configurations import Configuration
from hwsim.mapping.fused.dataflow import Problem, needed_words, product_cycles
from hwsim.mapping.fused.flat import flat_movement, flat_problem
from hwsim.mapping.fused.handed import Handed, handed
from hwsim.mapping.fused.machine import TwoArrayMachine
from hwsim.mapping.fused.occupancy import Occupancy, occupancy, processor_of
from hwsim.mapping.fused.shape import AttentionShape, Sizes
from hwsim.mapping.fused.tiled import product_costs
from hwsim.mapping.fused.traffic import Movement
from hwsim.mapping.fused.variants import attention_cascade, configured

WORK_CACHE = 4096
"""Layers of a model are alike: so many different ones are remembered."""


@dataclass(frozen=True, slots=True)
class AttentionWork:
    """Cycles (of the machine's clock), bytes and words of all attentions of a layer together.

    ``cycles``: both arrays with all data there; ``einsum_cycles``: each Einsum on its array; ``least_cycles``
    by component: the same with every unit at work on scores there are; ``read`` and ``written`` by tensor of
    the cascade: bytes from and to the DRAM; ``actions``: of one attention; ``tiles``: pieces in which data
    comes; ``buffer_bytes``: what the choice takes of the buffer; ``handed``: what passes the DRAM besides,
    because the arrays meet nowhere else.
    """

    configuration: Configuration
    cascade: Cascade
    instances: int
    cycles: float
    einsum_cycles: Mapping[str, float]
    least_cycles: Mapping[str, float]
    read: Mapping[str, float]
    written: Mapping[str, float]
    actions: tuple[EinsumActions, ...]
    tiles: int
    buffer_bytes: int
    handed: Handed

    @property
    def grid_cycles(self) -> float:
        """Cycles in which the grid works."""
        return sum(each for name, each in self.einsum_cycles.items() if name in self.configuration.grid)

    @property
    def lane_cycles(self) -> float:
        """Cycles in which the lanes work."""
        return sum(each for name, each in self.einsum_cycles.items() if name not in self.configuration.grid)

    @property
    def dram_bytes(self) -> float:
        """Bytes from and to the DRAM."""
        return sum(self.read.values()) + sum(self.written.values()) + self.handed.total_bytes


@lru_cache(maxsize=WORK_CACHE)
def attention_work(machine: TwoArrayMachine, choice: FusedAttention, shape: AttentionShape) -> AttentionWork:
    """The work of a layer's attention on ``machine``.

    Raises:
        InputError: an array cannot do what the configuration binds to it.
    """
    layer = _layer(machine, choice.configuration, shape)
    busy, moved, many = layer.tiling.busy(choice), layer.tiling.moved(choice), shape.instances
    return AttentionWork(
        configuration=layer.configuration,
        cascade=layer.cascade,
        instances=many,
        cycles=many * layer.cycles(busy),
        einsum_cycles={name: many * each for name, each in busy.cycles.items()},
        least_cycles=_least(machine, layer.configuration, layer.least, many),
        read={name: many * each for name, each in moved.read.items()},
        written={name: many * each for name, each in moved.written.items()},
        actions=einsum_actions(machine, layer.configuration, layer.cascade, shape),
        tiles=many * math.ceil(shape.queries / choice.rows) * int(shape.sizes(machine.rows)["M1"]),
        buffer_bytes=layer.tiling.need(choice),
        handed=layer.handed.times(many),
    )


def measure(machine: TwoArrayMachine, choice: FusedAttention, shape: AttentionShape) -> tuple[float, float]:
    """Cycles and DRAM bytes of a choice: arrays and DRAM work side by side.

    Raises:
        InputError: as :func:`attention_work`.
    """
    layer, many = _layer(machine, choice.configuration, shape), shape.instances
    moved = many * (layer.tiling.moved(choice).total.total_bytes + layer.handed.total_bytes)
    return max(many * layer.cycles(layer.tiling.busy(choice)), machine.dram_cycles(moved)), moved


class _Tiling(Protocol):
    """What one attention costs by the choice of its bands and residents."""

    def busy(self, choice: FusedAttention, /) -> Occupancy:
        """Cycles on both arrays, idle rows and columns included."""

    def moved(self, choice: FusedAttention) -> Movement:
        """What comes from the DRAM and goes there."""

    def need(self, choice: FusedAttention) -> int:
        """Bytes of the buffer."""


@dataclass(frozen=True, slots=True)
class _Layer:
    """What no choice of bands and residents changes."""

    configuration: Configuration
    cascade: Cascade
    least: Occupancy
    handed: Handed
    tiling: _Tiling

    def cycles(self, busy: Occupancy) -> float:
        """Cycles of one attention with all data there."""
        return sum(busy.phase_cycles(phase) for phase in self.configuration.phases)


@lru_cache(maxsize=WORK_CACHE)
def _layer(machine: TwoArrayMachine, name: Fused, shape: AttentionShape) -> _Layer:
    plain = FUSED[name]
    cascade = attention_cascade(plain.cascade, shape.masked, shape.biases)
    configuration = configured(plain, machine, shape)
    sizes, padded = shape.sizes(machine.rows), shape.padded(machine.rows, machine.columns)
    least = occupancy(machine, configuration, cascade, sizes)
    passed = handed(machine, configuration, cascade, sizes)
    if configuration.tiling == "dataflow":
        problem = flat_problem(machine, configuration, cascade, sizes)
        return _Layer(configuration, cascade, least, passed, _Dataflows(problem, cascade, shape, least))
    full = _full_tiles(occupancy(machine, configuration, cascade, padded), machine, cascade, shape)
    bands = _Bands(machine, configuration, cascade, sizes, padded, full)
    return _Layer(configuration, cascade, least, passed, bands)


@dataclass(frozen=True, slots=True)
class _Dataflows:
    """FLAT's space."""

    problem: Problem
    cascade: Cascade
    shape: AttentionShape
    least: Occupancy

    def busy(self, choice: FusedAttention) -> Occupancy:
        return _with_products(self.least, self.problem, choice, self.shape)

    def moved(self, choice: FusedAttention) -> Movement:
        return flat_movement(self.problem, self.cascade, choice.dataflow)

    def need(self, choice: FusedAttention) -> int:
        machine = self.problem.machine
        room = needed_words(self.problem, choice.dataflow) * machine.word_bytes
        return min(machine.buffer_bytes, math.ceil(room))


@dataclass(frozen=True, slots=True)
class _Bands:
    """A 1-pass cascade in bands, ``full`` the cycles of its full tiles."""

    machine: TwoArrayMachine
    configuration: Configuration
    cascade: Cascade
    sizes: Sizes
    padded: Sizes
    full: Occupancy

    def busy(self, _: FusedAttention, /) -> Occupancy:
        return self.full

    def moved(self, choice: FusedAttention) -> Movement:
        return band_movement(self.machine, self.cascade, self.sizes, choice.rows)

    def need(self, choice: FusedAttention) -> int:
        return band_bytes(self.machine, self.configuration, self.cascade, self.padded, choice.rows)


def _full_tiles(
    busy: Occupancy, machine: TwoArrayMachine, cascade: Cascade, shape: AttentionShape
) -> Occupancy:
    """Tiles of scores one after another, on a grid that times them itself as long as it says."""
    if machine.tiled is None:
        return _spread(busy, machine, shape)
    sizes = shape.sizes(machine.rows)
    costs = product_costs(machine.tiled, cascade.producers, sizes, machine.rows, machine.columns)
    cycles = {name: cost.cycles for name, cost in costs.items()}
    return Occupancy(busy.configuration, {**busy.cycles, **cycles}, busy.fills)


def _spread(busy: Occupancy, machine: TwoArrayMachine, shape: AttentionShape) -> Occupancy:
    """Tiles dealt out over several grids: where they do not come out even, some wait."""
    tiles = shape.instances * _tiles(machine, shape.padded(machine.rows, machine.columns))
    rounds = math.ceil(tiles / machine.arrays)
    return _stretched(busy, dict.fromkeys(busy.configuration.grid, rounds * machine.arrays / tiles))


def _with_products(
    busy: Occupancy, problem: Problem, choice: FusedAttention, shape: AttentionShape
) -> Occupancy:
    """FLAT's products take what their dataflow takes, idle rows and columns included."""
    arrays, many = problem.machine.arrays, shape.instances
    spread = math.ceil(many / arrays) * arrays / many if many < arrays else 1.0
    each = product_cycles(problem, choice.dataflow)
    cycles = {name: max(busy.cycles[name], spread * taken / arrays) for name, taken in each.items()}
    return Occupancy(busy.configuration, {**busy.cycles, **cycles}, busy.fills)


def _stretched(busy: Occupancy, by: Mapping[str, float]) -> Occupancy:
    cycles = {name: each * by.get(name, 1.0) for name, each in busy.cycles.items()}
    return Occupancy(busy.configuration, cycles, busy.fills)


def _tiles(machine: TwoArrayMachine, padded: Sizes) -> int:
    return int(padded["M"] // machine.rows * (padded["P"] // machine.columns))


def _least(
    machine: TwoArrayMachine, configuration: Configuration, least: Occupancy, instances: int
) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, cycles in least.cycles.items():
        component = processor_of(machine, configuration, name).component
        found[component] = found.get(component, 0.0) + instances * cycles
    return found
