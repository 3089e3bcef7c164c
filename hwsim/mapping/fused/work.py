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

from hwsim.einsum.cascade import Cascade
from hwsim.mapping.fused.actions import EinsumActions, einsum_actions
from hwsim.mapping.fused.band import band_bytes, band_movement
from hwsim.mapping.fused.choice import FUSED, FusedAttention
from hwsim.mapping.fused.configurations import Configuration
from hwsim.mapping.fused.dataflow import Problem, needed_words, product_cycles
from hwsim.mapping.fused.flat import flat_movement, flat_problem
from hwsim.mapping.fused.machine import TwoArrayMachine
from hwsim.mapping.fused.occupancy import Occupancy, occupancy, processor_of
from hwsim.mapping.fused.shape import AttentionShape, Sizes
from hwsim.mapping.fused.variants import attention_cascade, configured

WORK_CACHE = 4096
"""Layers of a model are alike: so many different ones are remembered."""


@dataclass(frozen=True, slots=True)
class AttentionWork:
    """Cycles (of the machine's clock), bytes and words of all attentions of a layer together.

    ``cycles``: both arrays with all data there; ``einsum_cycles``: each Einsum on its array; ``least_cycles``
    by component: the same with every unit at work on scores there are; ``read`` and ``written`` by tensor of
    the cascade: bytes from and to the DRAM; ``actions``: of one attention; ``tiles``: pieces in which data
    comes; ``buffer_bytes``: what the choice takes of the buffer.
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
        return sum(self.read.values()) + sum(self.written.values())


@lru_cache(maxsize=WORK_CACHE)
def attention_work(machine: TwoArrayMachine, choice: FusedAttention, shape: AttentionShape) -> AttentionWork:
    """The work of a layer's attention on ``machine``.

    Raises:
        InputError: an array cannot do what the configuration binds to it.
    """
    plain = FUSED[choice.configuration]
    cascade = attention_cascade(plain.cascade, shape.masked, shape.biases)
    configuration = configured(plain, machine, shape)
    padded, sizes = shape.padded(machine.rows, machine.columns), shape.sizes(machine.rows)
    least = occupancy(machine, configuration, cascade, sizes)
    if configuration.tiling == "dataflow":
        problem = flat_problem(machine, configuration, cascade, sizes)
        busy = _with_products(least, problem, choice, shape)
        moved = flat_movement(problem, configuration, cascade, choice.dataflow)
        room = needed_words(problem, choice.dataflow) * machine.word_bytes
        need = min(machine.buffer_bytes, math.ceil(room))
    else:
        busy = _spread(occupancy(machine, configuration, cascade, padded), machine, shape)
        moved = band_movement(machine, cascade, sizes, choice.rows)
        need = band_bytes(machine, configuration, cascade, padded, choice.rows)
    many = shape.instances
    return AttentionWork(
        configuration=configuration,
        cascade=cascade,
        instances=many,
        cycles=many * sum(busy.phase_cycles(phase) for phase in configuration.phases),
        einsum_cycles={name: many * each for name, each in busy.cycles.items()},
        least_cycles=_least(machine, configuration, least, many),
        read={name: many * each for name, each in moved.read.items()},
        written={name: many * each for name, each in moved.written.items()},
        actions=einsum_actions(machine, configuration, cascade, shape),
        tiles=many * math.ceil(shape.queries / choice.rows) * int(sizes["M1"]),
        buffer_bytes=need,
    )


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
