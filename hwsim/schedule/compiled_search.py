"""The search of :mod:`hwsim.schedule.search` compiled: the same states, moves and bound, many times faster.

For graphs whose sets fit a machine word and whose scratchpad is few enough units for the cover bound's table.
The states lie in arrays; a state is found by open addressing, and the next one by a binary heap.
"""

from __future__ import annotations

import time
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from hwsim.schedule.cover import CoverBound
from hwsim.schedule.exact import MOST_BITS, MOST_UNITS
from hwsim.schedule.indexed import Indexed
from hwsim.schedule.plan import Plan, plan_from_keeps
from hwsim.schedule.search import SearchResult

Ints = NDArray[np.int64]

_MOST_STATES = 1 << 23
_SLICE = 20_000
_DEPTH_BITS = 6
_GOAL, _EMPTY, _CEILING, _FULL, _PAUSED = 0, 1, 2, 3, 4
_NODES, _HEAP, _REACHED, _FOUND, _OVERFLOW = 0, 1, 2, 3, 4


class Graph(NamedTuple):
    """A problem as arrays; masks are bits of int64, ``by_size`` the tensors with the largest first."""

    inputs: Ints
    touched: Ints
    demand: Ints
    predecessors: Ints
    before: Ints
    after: Ints
    size: Ints
    fetch: Ints
    writeback: Ints
    consumers: Ints
    producer: Ints
    by_size: Ints
    capacity: int
    tight: int


class Memory(NamedTuple):
    """States by number, the tables that find them, and the heap of those to look at.

    ``sibling``: the next state in which the same operators ran; ``heads`` finds the first one. All three
    hold numbers counted from 1, 0 is none.
    """

    done: Ints
    resident: Ints
    written: Ints
    cost: Ints
    rest: Ints
    parent: Ints
    operator: Ints
    evicted: Ints
    sibling: Ints
    table: Ints
    heads: Ints
    key: Ints
    node: Ints
    paid: Ints
    counts: Ints
    cover: Ints


def compiled_search(indexed: Indexed, deadline: float, ceiling: int | None = None) -> SearchResult:
    """As :func:`hwsim.schedule.search.search`, for problems that fit."""
    graph, memory = _graph(indexed), _memory()
    limit = ceiling if ceiling is not None else sum(indexed.fetch_cost) * 2 * indexed.operators + 1
    _start(graph, memory, limit)
    outcome = _PAUSED
    while outcome == _PAUSED and time.monotonic() < deadline:
        outcome = advance(graph, memory, limit, _SLICE)
    reached, states = int(memory.counts[_REACHED]), int(memory.counts[_NODES])
    if outcome == _GOAL:
        return SearchResult(_plan(indexed, memory), reached, True, states)
    if outcome in (_EMPTY, _CEILING):
        return SearchResult(None, limit if ceiling is not None else reached, True, states)
    return SearchResult(None, reached, False, states)


def _graph(indexed: Indexed) -> Graph:
    bound = CoverBound(indexed)
    touched = [a | b for a, b in zip(indexed.inputs, indexed.outputs, strict=True)]
    by_size = sorted(range(indexed.tensors), key=lambda tensor: -indexed.size[tensor])
    return Graph(
        _ints(indexed.inputs),
        _ints(touched),
        _ints(indexed.demand),
        _ints(indexed.predecessors),
        _ints(bound.born_before),
        _ints(bound.read_after),
        _ints(indexed.size),
        _ints(indexed.fetch_cost),
        _ints(indexed.writeback_cost),
        _ints(indexed.consumers),
        _ints(indexed.producer),
        _ints(by_size),
        indexed.capacity,
        bound.tight,
    )


def _ints(values: object) -> Ints:
    return np.array(values, np.int64)


def _memory() -> Memory:
    """Room for everything; what is not used costs nothing, as the system gives it out page by page."""
    states = [np.zeros(_MOST_STATES, np.int64) for _ in range(9)]
    tables = [np.zeros(4 * _MOST_STATES, np.int64) for _ in range(2)]
    heap = [np.zeros(2 * _MOST_STATES, np.int64) for _ in range(3)]
    room = [np.zeros(5, np.int64), np.zeros(MOST_BITS * MOST_UNITS, np.int64)]
    return Memory._make([*states, *tables, *heap, *room])


def _plan(indexed: Indexed, memory: Memory) -> Plan:
    order: list[int] = []
    keeps: dict[int, int] = {}
    node = int(memory.counts[_FOUND])
    while memory.done[node]:
        before = int(memory.parent[node])
        step = int(memory.done[before]).bit_count()
        keeps[step] = int(memory.resident[before]) & ~int(memory.evicted[node])
        order.append(int(memory.operator[node]))
        node = before
    return plan_from_keeps(indexed, tuple(reversed(order)), keeps)


def _start(graph: Graph, memory: Memory, limit: int) -> None:
    """The state in which nothing has run."""
    _visit(graph, memory, 0, 0, 0, 0, 0, 0, 0, 0, limit)


@njit(cache=True)
def _total(values: Ints, mask: int) -> int:
    """The sum over the bits of a mask."""
    total = 0
    index = 0
    while mask:
        if mask & 1:
            total += values[index]
        mask >>= 1
        index += 1
    return total


@njit(cache=True)
def _count(mask: int) -> int:
    count = 0
    while mask:
        mask &= mask - 1
        count += 1
    return count


@njit(cache=True)
def _eviction(graph: Graph, tensors: int, written: int) -> int:
    return _total(graph.fetch, tensors) + _total(graph.writeback, tensors & ~written)


@njit(cache=True)
def _needed(graph: Graph, done: int) -> int:
    """Tensors with a consumer that has not run."""
    mask = 0
    for tensor in range(len(graph.size)):
        if graph.consumers[tensor] & ~done:
            mask |= 1 << tensor
    return mask


@njit(cache=True)
def _live(graph: Graph, done: int, needed: int) -> int:
    """Needed tensors that exist on chip or were used."""
    mask = 0
    for tensor in range(len(graph.size)):
        if needed >> tensor & 1:
            producer = graph.producer[tensor]
            if (done >> producer & 1) if producer >= 0 else (graph.consumers[tensor] & done):
                mask |= 1 << tensor
    return mask


@njit(cache=True)
def _cheapest_cover(graph: Graph, best: Ints, excess: int, tensors: int, written: int) -> int:
    """Cheapest subset of ``tensors`` of at least ``excess`` units; ``best`` is room to work in."""
    best[0] = 0
    best[1 : excess + 1] = 1 << 60
    for tensor in range(len(graph.size)):
        if tensors >> tensor & 1:
            cost = graph.fetch[tensor] + (0 if written >> tensor & 1 else graph.writeback[tensor])
            size = graph.size[tensor]
            for units in range(excess, 0, -1):
                best[units] = min(best[units], best[max(0, units - size)] + cost)
    return int(best[excess])


@njit(cache=True)
def _remaining(graph: Graph, memory: Memory, done: int, resident: int, written: int) -> int:
    """What any completion still pays, at least: the cover bound."""
    live = _live(graph, done, _needed(graph, done))
    away = live & ~resident
    most = 0
    for operator in range(len(graph.demand)):
        if graph.tight >> operator & 1 and not done >> operator & 1:
            crossing = graph.after[operator] & (graph.before[operator] | live) & ~away
            excess = graph.demand[operator] + _total(graph.size, crossing) - graph.capacity
            if excess > 0:
                cost = _cheapest_cover(graph, memory.cover, excess, crossing, crossing & written)
                most = max(most, cost)
    return most


@njit(cache=True)
def _find(memory: Memory, done: int, resident: int, written: int) -> int:
    """The place of a state in the table, or the free one where it belongs."""
    mask = len(memory.table) - 1
    mixed = done * 0x9E3779B97F4A7C1 ^ resident * 0x2545F4914F6CDD1D ^ written * 0x1B873593CC9E2D51
    place = (mixed ^ (mixed >> 29) ^ (mixed >> 47)) & mask
    while True:
        node = memory.table[place] - 1
        if node < 0 or (
            memory.done[node] == done
            and memory.resident[node] == resident
            and memory.written[node] == written
        ):
            return place
        place = (place + 1) & mask


@njit(cache=True)
def _head(memory: Memory, done: int) -> int:
    """The place of the first state in which just ``done`` ran, or the free one where it belongs."""
    mask = len(memory.heads) - 1
    mixed = done * 0x9E3779B97F4A7C1
    place = (mixed ^ (mixed >> 31)) & mask
    while memory.heads[place] and memory.done[memory.heads[place] - 1] != done:
        place = (place + 1) & mask
    return place


@njit(cache=True)
def _is_dominated(graph: Graph, memory: Memory, node: int) -> bool:
    """Whether another state of the same operators can become this one, or better, for no more.

    It drops what this one has not; what it lacks itself is paid for and takes no room until it is read.
    """
    other = memory.heads[_head(memory, memory.done[node])] - 1
    resident, written, cost = memory.resident[node], memory.written[node], memory.cost[node]
    while other >= 0:
        paid = memory.cost[other]
        if other != node and paid < cost:
            extra = memory.resident[other] & ~resident
            paid += _eviction(graph, extra, memory.written[other])
            if paid <= cost:
                paid += _total(graph.writeback, written & ~(memory.written[other] | extra))
                if paid <= cost:
                    return True
        other = memory.sibling[other] - 1
    return False


@njit(cache=True)
def _visit(
    graph: Graph,
    memory: Memory,
    done: int,
    resident: int,
    written: int,
    cost: int,
    parent: int,
    operator: int,
    evicted: int,
    promise: int,
    limit: int,
) -> None:
    """Remember a way to a state that is new or cheaper than known, to look at where it may beat ``limit``."""
    place = _find(memory, done, resident, written)
    node = memory.table[place] - 1
    if node < 0:
        node = memory.counts[_NODES]
        if node == len(memory.done):
            memory.counts[_OVERFLOW] = 1
            return
        memory.counts[_NODES] += 1
        memory.table[place] = node + 1
        memory.done[node], memory.resident[node], memory.written[node] = done, resident, written
        head = _head(memory, done)
        memory.sibling[node], memory.heads[head] = memory.heads[head], node + 1
        memory.rest[node] = _remaining(graph, memory, done, resident, written)
    elif memory.cost[node] <= cost:
        return
    memory.cost[node] = cost
    memory.parent[node], memory.operator[node], memory.evicted[node] = parent, operator, evicted
    reach = max(promise, cost + memory.rest[node])
    if reach < limit:
        _push(memory, (reach << _DEPTH_BITS) | (63 - _count(done)), node, cost)


@njit(cache=True)
def _push(memory: Memory, key: int, node: int, cost: int) -> None:
    place = memory.counts[_HEAP]
    if place == len(memory.key):
        memory.counts[_OVERFLOW] = 1
        return
    memory.counts[_HEAP] += 1
    while place:
        above = (place - 1) >> 1
        if memory.key[above] <= key:
            break
        memory.key[place] = memory.key[above]
        memory.node[place] = memory.node[above]
        memory.paid[place] = memory.paid[above]
        place = above
    memory.key[place], memory.node[place], memory.paid[place] = key, node, cost


@njit(cache=True)
def _pop(memory: Memory) -> None:
    """Take the first entry off the heap."""
    memory.counts[_HEAP] -= 1
    count = memory.counts[_HEAP]
    key, node, paid = memory.key[count], memory.node[count], memory.paid[count]
    place = 0
    while True:
        below = 2 * place + 1
        if below >= count:
            break
        if below + 1 < count and memory.key[below + 1] < memory.key[below]:
            below += 1
        if memory.key[below] >= key:
            break
        memory.key[place] = memory.key[below]
        memory.node[place] = memory.node[below]
        memory.paid[place] = memory.paid[below]
        place = below
    memory.key[place], memory.node[place], memory.paid[place] = key, node, paid


@njit(cache=True)
def _step(
    graph: Graph, memory: Memory, node: int, operator: int, evicted: int, promise: int, limit: int
) -> None:
    """Run an operator after dropping ``evicted``."""
    done = memory.done[node] | 1 << operator
    resident, written = memory.resident[node], memory.written[node]
    needed = _needed(graph, done)
    dirty = 0
    for tensor in range(len(graph.size)):
        if evicted >> tensor & 1 and graph.writeback[tensor]:
            dirty |= 1 << tensor
    touched = graph.touched[operator]
    _visit(
        graph,
        memory,
        done,
        (touched | resident & ~touched & ~evicted) & needed,
        (written | dirty) & needed,
        memory.cost[node] + _eviction(graph, evicted, written),
        node,
        operator,
        evicted,
        promise,
        limit,
    )


@njit(cache=True)
def _cover_steps(
    graph: Graph, memory: Memory, node: int, operator: int, excess: int, promise: int, limit: int
) -> None:
    """Run an operator after every inclusion-minimal eviction of at least ``excess`` units."""
    keepable = memory.resident[node] & ~graph.touched[operator]
    items, count = np.empty(MOST_BITS, np.int64), 0
    for tensor in graph.by_size:
        if keepable >> tensor & 1:
            items[count] = tensor
            count += 1
    rest = np.zeros(count + 1, np.int64)
    for index in range(count - 1, -1, -1):
        rest[index] = rest[index + 1] + graph.size[items[index]]
    # By depth: the next item to try, the units still missing, the tensors taken so far.
    place, missing, taken = np.zeros((3, MOST_BITS + 1), np.int64)
    missing[0], depth = excess, 0
    while depth >= 0:
        index = place[depth]
        if index >= count or rest[index] < missing[depth]:
            depth -= 1
            continue
        place[depth] = index + 1
        item = items[index]
        chosen = taken[depth] | 1 << item
        if graph.size[item] >= missing[depth]:
            _step(graph, memory, node, operator, chosen, promise, limit)
        else:
            missing[depth + 1] = missing[depth] - graph.size[item]
            depth += 1
            place[depth], taken[depth] = index + 1, chosen


@njit(cache=True)
def _never_worse(graph: Graph, done: int, resident: int, written: int, operator: int) -> bool:
    """Whether running a fitting operator now can be part of every optimum; see ``MoveGenerator``."""
    inputs = graph.inputs[operator]
    needed = _needed(graph, done | 1 << operator)
    if inputs & needed & ~resident:
        return False
    born = graph.touched[operator] & ~inputs & needed
    if not born:
        return True
    dying = inputs & ~needed & resident
    if not dying:
        return False
    smallest = 1 << 60
    for tensor in range(len(graph.size)):
        if dying >> tensor & 1:
            smallest = min(smallest, graph.size[tensor])
    if _total(graph.size, born) > smallest:
        return False
    every = born | dying
    first = _eviction(graph, born, 0) <= _eviction(graph, dying, written)
    return first and _eviction(graph, born, every) <= _eviction(graph, dying, every)


@njit(cache=True)
def _expand(graph: Graph, memory: Memory, node: int, promise: int, limit: int) -> None:
    """All useful moves of a state; a single one where that one is never worse than the others."""
    done, resident, written = memory.done[node], memory.resident[node], memory.written[node]
    excess = np.zeros(len(graph.demand), np.int64)
    for operator in range(len(graph.demand)):
        if done >> operator & 1 or graph.predecessors[operator] & ~done:
            excess[operator] = -(1 << 60)
            continue
        keepable = resident & ~graph.touched[operator]
        excess[operator] = graph.demand[operator] + _total(graph.size, keepable) - graph.capacity
        if excess[operator] <= 0 and _never_worse(graph, done, resident, written, operator):
            _step(graph, memory, node, operator, 0, promise, limit)
            return
    for operator in range(len(graph.demand)):
        if excess[operator] == -(1 << 60):
            continue
        if excess[operator] <= 0:
            _step(graph, memory, node, operator, 0, promise, limit)
        else:
            _cover_steps(graph, memory, node, operator, excess[operator], promise, limit)


@njit(cache=True)
def advance(graph: Graph, memory: Memory, limit: int, pops: int) -> int:
    """Look at ``pops`` states, the most promising first; how that ended."""
    everything = (1 << len(graph.demand)) - 1
    for _ in range(pops):
        if memory.counts[_OVERFLOW]:
            return _FULL
        if not memory.counts[_HEAP]:
            return _EMPTY
        promise, node, paid = memory.key[0] >> _DEPTH_BITS, memory.node[0], memory.paid[0]
        _pop(memory)
        if paid > memory.cost[node]:
            continue
        if promise >= limit:
            return _CEILING
        memory.counts[_REACHED] = max(memory.counts[_REACHED], promise)
        if memory.done[node] == everything:
            memory.counts[_FOUND] = node
            return _GOAL
        if not _is_dominated(graph, memory, node):
            _expand(graph, memory, node, promise, limit)
    return _PAUSED
