"""Energy and time of a nest on a machine.

``fidelity: analytical``: energy is actions times their price; time is that of the busiest port or of the
compute units, whichever is longest. No filling, draining or waiting for the first tile is in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hwsim.mapping.loopnest.actions import Action, Boundary, actions, boundaries
from hwsim.mapping.loopnest.machine import Machine, Memory
from hwsim.mapping.loopnest.nodes import Nest, Refill, Spatial, Storage, Temporal
from hwsim.mapping.loopnest.problem import Problem
from hwsim.mapping.loopnest.reuse import elements, tile_at

Key = tuple[str, str, str]
"""Memory, tensor, and "read" or "write"."""


@dataclass(frozen=True)
class Bits:
    """Widths of elements: by tensor, and of a sum that is not finished."""

    elements: Mapping[str, int]
    partial: int

    def of(self, memory: Memory, action: Action) -> int:
        """Bits of one element of ``action``."""
        if action.tensor in memory.bits:
            return memory.bits[action.tensor]
        return (
            self.elements[action.tensor] if action.final else max(self.partial, self.elements[action.tensor])
        )


@dataclass(frozen=True)
class Cost:
    """What a nest does and costs: bits by memory, tensor and direction, joules and seconds by component."""

    bits: Mapping[Key, int]
    boundaries: tuple[Boundary, ...]
    macs: int
    energy_by_component: Mapping[str, float]
    latency_by_component: Mapping[str, float]

    @property
    def energy_j(self) -> float:
        """Joules of all actions."""
        return sum(self.energy_by_component.values())

    @property
    def latency_s(self) -> float:
        """Seconds of the busiest component."""
        return max(self.latency_by_component.values())


def cost(
    problem: Problem, nest: Nest, machine: Machine, bits: Bits, latched: Mapping[str, Refill] | None = None
) -> Cost:
    """The cost of ``nest``, which must be one of ``problem`` (see ``nodes.faults``), on ``machine``."""
    found = boundaries(problem, nest, latched)
    moved = moved_bits(actions(found), machine, bits)
    energy = {each.name: _energy(each, moved) for each in machine.memories}
    energy[machine.compute.name] = problem.macs * machine.compute.energy
    latency = {each.name: _busy(each, moved) for each in machine.memories}
    latency[machine.compute.name] = compute_steps(problem, nest) / machine.compute.macs_per_second
    return Cost(moved, tuple(found), problem.macs, energy, latency)


def moved_bits(done: Iterable[Action], machine: Machine, bits: Bits) -> dict[Key, int]:
    """Bits by memory, tensor and direction; what is never done is left out."""
    found: dict[Key, int] = {}
    for action in done:
        memory = machine.memory(action.memory)
        if action.count and (memory.reads_zeros or not action.zeros):
            key = action.memory, action.tensor, action.kind
            found[key] = found.get(key, 0) + action.count * bits.of(memory, action)
    return found


def compute_steps(problem: Problem, nest: Nest) -> int:
    """Multiplications of the unit that has most, one after the other."""
    found = 1
    for rank, size in problem.sizes.items():
        loops = [node for node in nest if not isinstance(node, Storage) and node.rank == rank]
        found *= _longest(size, loops)
    return found


def _longest(extent: int, loops: list[Temporal | Spatial]) -> int:
    """Single elements of a rank that the first place of every spatial loop walks."""
    if not loops:
        return extent
    loop, *inside = loops
    if isinstance(loop, Spatial):
        return _longest(min(extent, loop.tile), inside)
    full, rest = divmod(extent, loop.tile)
    return (full * _longest(loop.tile, inside) if full else 0) + (_longest(rest, inside) if rest else 0)


def occupancy_bits(problem: Problem, nest: Nest, bits: Bits, machine: Machine) -> dict[str, int]:
    """Bits that the tiles of one instance take of each memory."""
    partial = {(each.tensor.name, each.outer): each.accumulates for each in boundaries(problem, nest)}
    found: dict[str, int] = {}
    for place, node in enumerate(nest):
        if not isinstance(node, Storage):
            continue
        tensor, memory = problem.tensor(node.tensor), machine.memory(node.memory)
        shape = Action(
            node.memory, node.tensor, "read", "below", 0, final=not partial[node.tensor, node.memory]
        )
        taken = elements(tensor, tile_at(problem, nest, place)) * bits.of(memory, shape)
        found[node.memory] = found.get(node.memory, 0) + taken
    return found


def _energy(memory: Memory, moved: Mapping[Key, int]) -> float:
    prices = {"read": memory.read.energy_per_bit, "write": memory.write.energy_per_bit}
    return sum(bits * prices[kind] for (name, _, kind), bits in moved.items() if name == memory.name)


def _busy(memory: Memory, moved: Mapping[Key, int]) -> float:
    """Seconds that the busiest port needs, the bits spread evenly over the instances."""
    rates = {"read": memory.read.bits_per_second, "write": memory.write.bits_per_second}
    times = [
        sum(bits for (name, _, kind), bits in moved.items() if (name, kind) == (memory.name, each))
        / (rates[each] * memory.instances)
        for each in ("read", "write")
    ]
    return sum(times) if memory.shared_port else max(times)
