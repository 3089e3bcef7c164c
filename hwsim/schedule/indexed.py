"""A problem with names turned into indices and sets into bit masks: what every solver works on.

Scratchpad sizes are in units of the greatest common divisor of all sizes; costs are in the problem's prices.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from hwsim.schedule.problem import Problem, Tensor


def bits(mask: int) -> Iterator[int]:
    """The indices of the set bits, lowest first."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


def mask_of(indices: Iterable[int]) -> int:
    """The mask with these bits set."""
    mask = 0
    for index in indices:
        mask |= 1 << index
    return mask


@dataclass(frozen=True, slots=True)
class Indexed:
    """Operators 0..n-1 and tensors 0..m-1 of one problem.

    By operator: ``inputs``/``outputs``, tensor masks; ``demand``, the units it needs by itself; ``in_place``,
    the tensor it takes over, -1 for none; ``predecessors``/``ancestors``/``descendants``, operator masks.
    By tensor: ``size`` in units; ``fetch_cost`` and ``writeback_cost`` as priced (write-back 0 unless an
    activation); ``producer``, -1 for what DRAM holds; ``consumers``, an operator mask.
    """

    problem: Problem
    unit: int
    capacity: int
    size: tuple[int, ...]
    fetch_cost: tuple[int, ...]
    writeback_cost: tuple[int, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    demand: tuple[int, ...]
    in_place: tuple[int, ...]
    producer: tuple[int, ...]
    consumers: tuple[int, ...]
    predecessors: tuple[int, ...]
    ancestors: tuple[int, ...]
    descendants: tuple[int, ...]

    @property
    def operators(self) -> int:
        """How many operators there are."""
        return len(self.inputs)

    @property
    def tensors(self) -> int:
        """How many tensors there are."""
        return len(self.size)

    @property
    def everything(self) -> int:
        """The mask of all operators."""
        return (1 << self.operators) - 1

    def units(self, tensors: int) -> int:
        """Scratchpad units of a tensor mask."""
        size = self.size
        return sum(size[tensor] for tensor in bits(tensors))

    def eviction_cost(self, tensors: int, written: int) -> int:
        """Bytes paid for dropping tensors that are needed again: the fetch, and the first write-back."""
        return sum(
            self.fetch_cost[tensor] + (0 if written >> tensor & 1 else self.writeback_cost[tensor])
            for tensor in bits(tensors)
        )

    @property
    def preloaded(self) -> int:
        """Mask of the tensors that DRAM holds from the start."""
        return mask_of([tensor for tensor, producer in enumerate(self.producer) if producer < 0])


def index_problem(problem: Problem) -> Indexed:
    """The indexed form of a checked problem."""
    number = {tensor.id: index for index, tensor in enumerate(problem.tensors)}
    place = {operator.id: index for index, operator in enumerate(problem.operators)}
    occupied = [problem.occupied_bytes(tensor.id) for tensor in problem.tensors]
    unit = math.gcd(*occupied) or 1
    inputs = tuple(mask_of([number[t] for t in operator.inputs]) for operator in problem.operators)
    producer = tuple(place.get(problem.producer.get(t.id, ""), -1) for t in problem.tensors)
    predecessors = tuple(_predecessors(mask, producer) for mask in inputs)
    ancestors = ancestors_of(predecessors)
    return Indexed(
        problem=problem,
        unit=unit,
        capacity=problem.scratchpad_bytes // problem.alignment * problem.alignment // unit,
        size=tuple(size // unit for size in occupied),
        fetch_cost=tuple(problem.prices.fetch(tensor.size) for tensor in problem.tensors),
        writeback_cost=tuple(_writeback_cost(problem, tensor) for tensor in problem.tensors),
        inputs=inputs,
        outputs=tuple(mask_of([number[t] for t in operator.outputs]) for operator in problem.operators),
        demand=tuple(problem.working_set_bytes(operator.id) // unit for operator in problem.operators),
        in_place=tuple(number[o.in_place] if o.in_place else -1 for o in problem.operators),
        producer=producer,
        consumers=tuple(mask_of([place[o] for o in problem.consumers[t.id]]) for t in problem.tensors),
        predecessors=predecessors,
        ancestors=ancestors,
        descendants=_transposed(ancestors),
    )


def _writeback_cost(problem: Problem, tensor: Tensor) -> int:
    return problem.prices.writeback(tensor.size) if tensor.needs_writeback else 0


def _predecessors(inputs: int, producer: tuple[int, ...]) -> int:
    return mask_of([producer[tensor] for tensor in bits(inputs) if producer[tensor] >= 0])


def in_order(indexed: Indexed, order: tuple[int, ...]) -> Indexed:
    """The same problem with every operator after all that come before it in ``order``."""
    ancestors = [0] * indexed.operators
    ran = 0
    for operator in order:
        ancestors[operator] = ran
        ran |= 1 << operator
    return with_ancestors(indexed, tuple(ancestors))


def with_ancestors(indexed: Indexed, ancestors: tuple[int, ...]) -> Indexed:
    """The same problem with another order between its operators: all that come before each, as masks."""
    return replace(indexed, predecessors=ancestors, ancestors=ancestors, descendants=_transposed(ancestors))


def topological_order(predecessors: tuple[int, ...]) -> list[int]:
    """Operators so that predecessors come first, lowest index first among the ready."""
    order: list[int] = []
    done = 0
    waiting = list(range(len(predecessors)))
    while waiting:
        chosen = next(operator for operator in waiting if not predecessors[operator] & ~done)
        waiting.remove(chosen)
        order.append(chosen)
        done |= 1 << chosen
    return order


def ancestors_of(predecessors: tuple[int, ...]) -> tuple[int, ...]:
    """By operator, all that come before it."""
    ancestors = list(predecessors)
    for operator in topological_order(predecessors):
        for before in bits(predecessors[operator]):
            ancestors[operator] |= ancestors[before]
    return tuple(ancestors)


def _transposed(relation: tuple[int, ...]) -> tuple[int, ...]:
    after = [0] * len(relation)
    for operator, before in enumerate(relation):
        for ancestor in bits(before):
            after[ancestor] |= 1 << operator
    return tuple(after)
