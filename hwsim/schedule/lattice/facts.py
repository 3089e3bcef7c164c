"""A problem as arrays, for compiled code."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hwsim.schedule.indexed import Indexed, bits

Ints = NDArray[np.int64]
Bytes = NDArray[np.uint8]

READS, MAKES = 1, 2


class Facts(NamedTuple):
    """``touch``: by operator and tensor, whether it READS or MAKES it, else 0. ``followers``, ``needs`` (both
    between operators, direct ones alone), ``readers`` of tensors and ``operands`` of operators are lists one
    behind the other, each with the ``_at`` of its beginnings. Costs and units are those of ``Indexed``.
    """

    demand: Ints
    size: Ints
    fetch: Ints
    writeback: Ints
    touch: Bytes
    followers: Ints
    followers_at: Ints
    needs: Ints
    needs_at: Ints
    readers: Ints
    readers_at: Ints
    operands: Ints
    operands_at: Ints
    capacity: int


def facts_of(indexed: Indexed) -> Facts:
    """The arrays of one problem."""
    operators, tensors = range(indexed.operators), range(indexed.tensors)
    touch = np.zeros((indexed.operators, indexed.tensors), np.uint8)
    for operator in operators:
        touch[operator, list(bits(indexed.inputs[operator]))] = READS
        touch[operator, list(bits(indexed.outputs[operator]))] = MAKES
    direct = [_direct(indexed, operator) for operator in operators]
    after: list[list[int]] = [[] for _ in operators]
    for operator, before in enumerate(direct):
        for each in bits(before):
            after[each].append(operator)
    return Facts(
        np.array(indexed.demand, np.int64),
        np.array(indexed.size, np.int64),
        np.array(indexed.fetch_cost, np.int64),
        np.array(indexed.writeback_cost, np.int64),
        touch,
        *_lists(after),
        *_lists([list(bits(before)) for before in direct]),
        *_lists([list(bits(indexed.consumers[tensor])) for tensor in tensors]),
        *_lists([list(bits(indexed.inputs[o] | indexed.outputs[o])) for o in operators]),
        indexed.capacity,
    )


def _direct(indexed: Indexed, operator: int) -> int:
    """The ancestors of an operator that are none of another ancestor's."""
    before = indexed.predecessors[operator]
    further = 0
    for each in bits(before):
        further |= indexed.ancestors[each]
    return before & ~further


def _lists(lists: list[list[int]]) -> tuple[Ints, Ints]:
    """All lists in one array, and where each begins."""
    flat = [value for values in lists for value in values]
    return np.array(flat, np.int64), np.cumsum([0, *map(len, lists)]).astype(np.int64)
