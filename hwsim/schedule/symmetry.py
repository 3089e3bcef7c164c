"""Interchangeable operators in one order: any other schedule is one of these with two of them swapped.

Two operators are interchangeable where swapping them, each with the tensors that are its alone, leaves the
problem as it is: they read the same shared tensors, have inputs of their own of equal sizes and prices, and
make results of equal sizes and prices for the same consumers. Swapping two such operators in a schedule, with
the addresses of their tensors, gives a schedule of the same cost; so one of the two orders is enough.
"""

from __future__ import annotations

from collections.abc import Hashable
from itertools import pairwise

from hwsim.schedule.indexed import Indexed, ancestors_of, bits, with_ancestors


def twins(indexed: Indexed) -> tuple[tuple[int, ...], ...]:
    """The groups of interchangeable operators, two or more in each, in the order of the problem."""
    groups: dict[Hashable, list[int]] = {}
    for operator in range(indexed.operators):
        if indexed.in_place[operator] < 0:
            groups.setdefault(_likeness(indexed, operator), []).append(operator)
    return tuple(tuple(group) for group in groups.values() if len(group) > 1)


def twins_in_order(indexed: Indexed) -> Indexed:
    """The same problem with the operators of each group of twins one after another."""
    before = list(indexed.predecessors)
    for group in twins(indexed):
        for earlier, later in pairwise(group):
            before[later] |= 1 << earlier
    if tuple(before) == indexed.predecessors:
        return indexed
    return with_ancestors(indexed, ancestors_of(tuple(before)))


def _likeness(indexed: Indexed, operator: int) -> Hashable:
    """What interchangeable operators have in common, and only they."""
    own = [tensor for tensor in bits(indexed.inputs[operator]) if _is_own(indexed, tensor, operator)]
    shared = indexed.inputs[operator] & ~sum(1 << tensor for tensor in own)
    results = sorted(
        (*_worth(indexed, tensor), indexed.consumers[tensor], _taken_over_by(indexed, tensor))
        for tensor in bits(indexed.outputs[operator])
    )
    return shared, tuple(sorted(_worth(indexed, tensor) for tensor in own)), tuple(results)


def _is_own(indexed: Indexed, tensor: int, operator: int) -> bool:
    """Whether nobody else makes the tensor or reads it."""
    return indexed.producer[tensor] < 0 and indexed.consumers[tensor] == 1 << operator


def _taken_over_by(indexed: Indexed, tensor: int) -> int:
    """The consumer that works in place on the tensor, -1 for none."""
    return indexed.in_place.index(tensor) if tensor in indexed.in_place else -1


def _worth(indexed: Indexed, tensor: int) -> tuple[int, int, int, str]:
    kind = str(indexed.problem.tensors[tensor].kind)
    return indexed.size[tensor], indexed.fetch_cost[tensor], indexed.writeback_cost[tensor], kind
