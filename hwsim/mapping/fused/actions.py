"""Action counts of fused attention: operations, registers, rows of the buffer, DRAM transfers.

Physical rules, the published tables' own being unpublished:

* grid: operands that come from beside the array stream past the multipliers and sums stay in their
  accumulators; a tensor that the grid itself produced is read from the registers at every point that takes
  it, a result is written there once, and an operation that is a chain of cycles keeps its state there.
* lanes: every operation reads its operands from the registers and writes its result there.
* a grid without elements that keep scores: whatever its own model says of each tile (``tiled``).
* buffer: what an array takes that it does not hold is read once for all units it reaches at the same time,
  and what leaves an array is written once. A result that a single Einsum of the lanes takes in the same tile
  passes on in flight.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from hwsim.einsum.cascade import Cascade
from hwsim.einsum.statement import Einsum
from hwsim.einsum.terms import Shifted
from hwsim.mapping.fused.configurations import Configuration
from hwsim.mapping.fused.done import Done, done
from hwsim.mapping.fused.machine import CONTRACTION, TwoArrayMachine
from hwsim.mapping.fused.occupancy import processor_of
from hwsim.mapping.fused.operations import bodies, elements, operations, points
from hwsim.mapping.fused.shape import AttentionShape, Sizes
from hwsim.mapping.fused.tiled import ProductCost, product_costs
from hwsim.mapping.fused.traffic import Traffic


@dataclass(frozen=True, slots=True)
class Count:
    """``count`` actions of one kind in a component."""

    component: str
    action: str
    count: float


@dataclass(frozen=True, slots=True)
class EinsumActions:
    """What one Einsum of one attention does.

    ``inside`` are operations and registers of its array, ``read`` the words that the buffer gives of each
    tensor, ``written`` those that it gets of the result.
    """

    name: str
    component: str
    inside: tuple[Count, ...]
    read: Mapping[str, float]
    written: float


@dataclass(frozen=True, slots=True)
class _Attention:
    """One attention: what all the rules look at."""

    machine: TwoArrayMachine
    configuration: Configuration
    cascade: Cascade
    sizes: Sizes
    bodies: Mapping[str, Einsum]
    costs: Mapping[str, ProductCost]

    def points(self, name: str) -> float:
        """The points of an Einsum."""
        return float(points(self.cascade, self.bodies[name], self.sizes))

    def on_grid(self, tensor: str) -> bool:
        """Whether the grid produced the tensor."""
        return tensor in self.configuration.grid

    def taken(self, name: str) -> tuple[str, ...]:
        """The tensors an Einsum reads."""
        return tuple(access.tensor for access in self.bodies[name].reads)

    def grid_ranks(self, name: str) -> tuple[str, ...]:
        """The two ranks that lie along the grid: those of a tensor it holds, else those of the result."""
        held = [tensor for tensor in self.taken(name) if self.on_grid(tensor)]
        ranks = self.cascade.tensor_ranks[held[0] if held else name]
        return tuple(rank for rank in ranks if rank != "M1")


def attention_counts(
    machine: TwoArrayMachine,
    configuration: Configuration,
    cascade: Cascade,
    shape: AttentionShape,
    traffic: Traffic,
) -> tuple[Count, ...]:
    """All actions of a layer of attention whose DRAM traffic is ``traffic``, one count for each kind."""
    one = [
        count
        for each in einsum_actions(machine, configuration, cascade, shape)
        for count in (*each.inside, *_buffer_counts(machine, each))
    ]
    layer = (Count(each.component, each.action, each.count * shape.instances) for each in one)
    return summed((*layer, *dram_counts(machine, traffic)))


def einsum_actions(
    machine: TwoArrayMachine, configuration: Configuration, cascade: Cascade, shape: AttentionShape
) -> tuple[EinsumActions, ...]:
    """The actions of every Einsum of one attention, in the order of the configuration."""
    sizes = shape.sizes(machine.rows)
    costs = (
        product_costs(machine.tiled, cascade.producers, sizes, machine.rows, machine.columns)
        if machine.tiled
        else {}
    )
    one = _Attention(machine, configuration, cascade, sizes, bodies(cascade), costs)
    return tuple(_of_einsum(one, name) for name in configuration.einsums)


def dram_counts(machine: TwoArrayMachine, traffic: Traffic) -> tuple[Count, Count]:
    """The transfers of the DRAM."""
    read, written = traffic.read_bytes / machine.dram_width, traffic.write_bytes / machine.dram_width
    return Count(machine.dram, "read", read), Count(machine.dram, "write", written)


def summed(counts: Iterable[Count]) -> tuple[Count, ...]:
    """One count for each component and action, in order of appearance."""
    total: dict[tuple[str, str], float] = {}
    for each in counts:
        key = each.component, each.action
        total[key] = total.get(key, 0.0) + each.count
    return tuple(Count(*key, count) for key, count in total.items())


def _of_einsum(one: _Attention, name: str) -> EinsumActions:
    if name in one.costs:
        return _timed_product(one, name, one.costs[name])
    processor = processor_of(one.machine, one.configuration, name)
    each = done(processor, one.cascade, one.bodies[name], one.sizes)
    work = (Count(processor.component, kind.operation, kind.count) for kind in each)
    if one.on_grid(name):
        registers, read = _grid_registers(one, name), dict(_streamed_words(one, name))
    else:
        beyond = (tensor for tensor in one.taken(name) if _beyond_registers(one, name, tensor))
        registers, read = _lane_registers(one, each), dict.fromkeys(beyond, one.points(name))
    written = float(elements(one.cascade, name, one.sizes)) if _leaves(one, name) else 0.0
    return EinsumActions(name, processor.component, (*work, *registers), read, written)


def _timed_product(one: _Attention, name: str, cost: ProductCost) -> EinsumActions:
    """A product on a grid that counts its own actions; sums that come back are read as the result is."""
    component = one.machine.grid.component
    inside = tuple(Count(component, each.action, each.count) for each in cost.actions)
    sides = {tensor: "P" in one.cascade.tensor_ranks[tensor] for tensor in one.taken(name)}
    read = {tensor: cost.left if queries else cost.right for tensor, queries in sides.items()}
    return EinsumActions(name, component, inside, read | ({name: cost.back} if cost.back else {}), cost.out)


def _buffer_counts(machine: TwoArrayMachine, each: EinsumActions) -> Iterator[Count]:
    row = machine.buffer_row_words
    yield Count(machine.buffer, "read", sum(each.read.values()) / row)
    if each.written:
        yield Count(machine.buffer, "write", each.written / row)


def _grid_registers(one: _Attention, name: str) -> Iterator[Count]:
    each, grid = operations(one.bodies[name]), one.machine.grid
    count = one.points(name)
    chain = 0.0 if CONTRACTION in each else sum(grid.cycles_of(operation) for operation in each) - 1
    held = sum(one.on_grid(tensor) for tensor in one.taken(name))
    yield Count(grid.component, "register_read_operand", count * (held + chain))
    written = count * chain + float(elements(one.cascade, name, one.sizes))
    yield Count(grid.component, "register_write_sum", written)


def _lane_registers(one: _Attention, work: Iterable[Done]) -> Iterator[Count]:
    lanes = one.machine.lanes
    each = tuple(work)
    yield Count(lanes.component, "register_read", sum(kind.count * kind.operands for kind in each))
    yield Count(lanes.component, "register_write", sum(kind.count for kind in each))


def _streamed_words(one: _Attention, name: str) -> Iterator[tuple[str, float]]:
    """Each operand that comes to the grid from beside it, and its words."""
    sides = dict(zip(one.grid_ranks(name), (one.machine.rows, one.machine.columns), strict=True))
    for tensor in one.taken(name):
        if not one.on_grid(tensor):
            carried = one.cascade.tensor_ranks[tensor]
            reached = (min(side, one.sizes[rank]) for rank, side in sides.items() if rank not in carried)
            yield tensor, one.points(name) / float(math.prod(reached))


def _beyond_registers(one: _Attention, name: str, tensor: str) -> bool:
    """Whether lanes read an operand from the buffer: not one value that serves many points, nor in flight."""
    indices = {*one.bodies[name].left_indices, *one.bodies[name].right_indices}
    return len(one.cascade.tensor_ranks[tensor]) >= len(indices) and not _in_flight(one, tensor)


def _in_flight(one: _Attention, tensor: str) -> bool:
    """Whether a result passes on to the lanes as it is made: one Einsum of theirs takes it, in its tile."""
    if tensor not in one.bodies or not one.machine.meets:
        return False
    carried = any(isinstance(coord, Shifted) for coord in one.bodies[tensor].output.coords)
    readers = [reader for reader in one.configuration.einsums if tensor in one.taken(reader)]
    return len(readers) == 1 and not one.on_grid(readers[0]) and not carried


def _leaves(one: _Attention, name: str) -> bool:
    """Whether a result goes to the buffer: from the grid only if something else takes it."""
    if _in_flight(one, name):
        return False
    if not one.on_grid(name):
        return True
    readers = [reader for reader in one.configuration.einsums if name in one.taken(reader)]
    return not readers or any(not one.on_grid(reader) for reader in readers)
