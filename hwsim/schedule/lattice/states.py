"""States of one layer of the lattice, and the moves from each to the next layer (compiled).

A state is a downset, and masks over its living tensors: resident, and with a copy in DRAM. Moves are those
of :mod:`hwsim.schedule.moves`; a state that promises no plan below the ceiling is left out.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from hwsim.schedule.lattice.downsets import MOST_LIVING, Lattice
from hwsim.schedule.lattice.facts import MAKES, Facts, Ints

SCALE = 1 << 10
"""Prices and outlooks are in this many parts of a cost."""
NODE, RESIDENT, WRITTEN, PAID, REACH, UNITS, PARENT, OPERATOR, EVICTED = range(9)
"""Rows of a table of states."""
COUNT, CUT, LIMIT = range(3)
"""Places of a tally: states in the table; least reach of those left out; reach above which to leave out."""
_NEVER = 1 << 60


class Outlook(NamedTuple):
    """What is still to be paid, in SCALE ths: by living tensor and state, and by downset for the rest.

    ``open``: by edge, whether a schedule through it may cost less than the ceiling. ``grain``: all costs are
    multiples of it.
    """

    dirty: Ints
    clean: Ints
    away: Ints
    rest: Ints
    open: NDArray[np.bool_]
    grain: int


class Frontier(NamedTuple):
    """Two layers: the states ``here``, and those found so far ``there`` with the ``table`` to find them."""

    here: Ints
    there: Ints
    table: Ints
    tally: Ints
    ceiling: int
    room: int


class _Scratch(NamedTuple):
    """By tensor, its place among the living of the downset, the edge that it survives and what evicting it
    adds to what is promised; the residents, largest first; and room for the search for covers.
    """

    place: Ints
    survives: Ints
    extra: Ints
    resident: Ints
    items: Ints
    rest: Ints
    stack: Ints


@njit(cache=True)
def expand(
    facts: Facts, lattice: Lattice, outlook: Outlook, frontier: Frontier, first: int, stop: int
) -> int:
    """Add what follows from states ``first`` to ``stop`` until the table is full; where that ended."""
    most = MOST_LIVING + 1
    scratch = _Scratch(
        np.full(len(facts.size), -1),
        np.full(len(facts.size), -1),
        np.zeros(len(facts.size), np.int64),
        np.empty(most, np.int64),
        np.empty(most, np.int64),
        np.empty(most + 1, np.int64),
        np.empty((5, most + 1), np.int64),
    )
    for state in range(first, stop):
        if frontier.tally[COUNT] >= frontier.room:
            return state
        node = frontier.here[NODE, state]
        begin, end = lattice.live_at[node], lattice.live_at[node + 1]
        for index in range(begin, end):
            scratch.place[lattice.live[index]] = index - begin
        _expand_one(facts, lattice, outlook, frontier, scratch, state)
        for index in range(begin, end):
            scratch.place[lattice.live[index]] = -1
    return stop


@njit(cache=True)
def _expand_one(
    facts: Facts, lattice: Lattice, outlook: Outlook, frontier: Frontier, scratch: _Scratch, state: int
) -> None:
    node, resident = frontier.here[NODE, state], frontier.here[RESIDENT, state]
    count, used = _by_size(facts, lattice, node, resident, scratch.resident)
    sure = -1
    for edge in range(lattice.edge_at[node], lattice.edge_at[node + 1]):
        if _is_sure(facts, lattice, frontier, scratch, edge, used, state):
            sure = edge
            break
    for edge in range(lattice.edge_at[node], lattice.edge_at[node + 1]):
        if not outlook.open[edge] or (sure >= 0 and sure != edge):
            continue
        operator = lattice.edge_operator[edge]
        excess = facts.demand[operator] - facts.capacity
        keepable = 0
        for index in range(count):
            tensor = scratch.resident[index]
            if not facts.touch[operator, tensor]:
                excess += facts.size[tensor]
                scratch.items[keepable] = tensor
                keepable += 1
        promise = _promise(facts, lattice, outlook, frontier, scratch, state, edge)
        if excess <= 0:
            reach = _reach(outlook, frontier, state, promise)
            if _is_wanted(frontier, reach):
                _step(facts, lattice, frontier, scratch, state, edge, 0, 0, reach)
        else:
            _covers(facts, lattice, outlook, frontier, scratch, state, edge, keepable, excess, promise)


@njit(cache=True)
def _promise(
    facts: Facts,
    lattice: Lattice,
    outlook: Outlook,
    frontier: Frontier,
    scratch: _Scratch,
    state: int,
    edge: int,
) -> int:
    """The least total over an edge if nothing is evicted, in SCALE ths; notes what evicting adds to it."""
    operator, child = lattice.edge_operator[edge], lattice.edge_to[edge]
    resident, written = frontier.here[RESIDENT, state], frontier.here[WRITTEN, state]
    promise = frontier.here[PAID, state] * SCALE + outlook.rest[child]
    for index in range(lattice.live_at[child], lattice.live_at[child + 1]):
        tensor = lattice.live[index]
        place = scratch.place[tensor]
        has_copy = place >= 0 and written >> place & 1
        if facts.touch[operator, tensor]:
            promise += outlook.clean[index] if has_copy else outlook.dirty[index]
        elif not resident >> place & 1:
            promise += outlook.away[index]
        else:
            kept = outlook.clean[index] if has_copy else outlook.dirty[index]
            cost = facts.fetch[tensor] + (0 if has_copy else facts.writeback[tensor])
            scratch.extra[tensor] = SCALE * cost + outlook.away[index] - kept
            promise += kept
    return int(promise)


@njit(cache=True)
def _reach(outlook: Outlook, frontier: Frontier, state: int, promise: int) -> int:
    """What is promised as a cost, rounded up to what costs can be."""
    return int(max(-(-promise // (SCALE * outlook.grain)) * outlook.grain, frontier.here[REACH, state]))


@njit(cache=True)
def _is_wanted(frontier: Frontier, reach: int) -> bool:
    """Whether it is below the ceiling and the limit; what the limit alone keeps out is noted."""
    if reach >= frontier.ceiling:
        return False
    if reach > frontier.tally[LIMIT]:
        frontier.tally[CUT] = min(frontier.tally[CUT], reach)
        return False
    return True


@njit(cache=True)
def _by_size(facts: Facts, lattice: Lattice, node: int, resident: int, found: Ints) -> tuple[int, int]:
    """The resident tensors, the largest first; how many there are and the room they take."""
    count = used = 0
    begin = lattice.live_at[node]
    for index in range(begin, lattice.live_at[node + 1]):
        if resident >> (index - begin) & 1:
            tensor = lattice.live[index]
            used += facts.size[tensor]
            place = count
            while place and facts.size[found[place - 1]] < facts.size[tensor]:
                found[place] = found[place - 1]
                place -= 1
            found[place] = tensor
            count += 1
    return count, used


@njit(cache=True)
def _is_sure(
    facts: Facts,
    lattice: Lattice,
    frontier: Frontier,
    scratch: _Scratch,
    edge: int,
    used: int,
    state: int,
) -> bool:
    """Whether the edge can be part of every optimum from here; see ``MoveGenerator._never_worse``."""
    operator, child = lattice.edge_operator[edge], lattice.edge_to[edge]
    if facts.demand[operator] > facts.capacity:
        return False
    for index in range(lattice.live_at[child], lattice.live_at[child + 1]):
        scratch.survives[lattice.live[index]] = edge
    resident, written = frontier.here[RESIDENT, state], frontier.here[WRITTEN, state]
    beside, born, smallest = used, 0, _NEVER
    born_first = born_again = dying_first = dying_again = 0
    for operand in range(facts.operands_at[operator], facts.operands_at[operator + 1]):
        tensor = facts.operands[operand]
        place, lasting = scratch.place[tensor], scratch.survives[tensor] == edge
        if facts.touch[operator, tensor] == MAKES:
            if lasting:
                born += facts.size[tensor]
                born_first += facts.fetch[tensor] + facts.writeback[tensor]
                born_again += facts.fetch[tensor]
        elif place >= 0 and resident >> place & 1:
            beside -= facts.size[tensor]
            if not lasting:
                smallest = min(smallest, facts.size[tensor])
                dying_again += facts.fetch[tensor]
                dying_first += facts.fetch[tensor]
                dying_first += 0 if written >> place & 1 else facts.writeback[tensor]
        elif lasting:
            return False
    if facts.demand[operator] + beside > facts.capacity:
        return False
    if not born:
        return True
    return bool(born <= smallest < _NEVER and born_first <= dying_first and born_again <= dying_again)


@njit(cache=True)
def _covers(
    facts: Facts,
    lattice: Lattice,
    outlook: Outlook,
    frontier: Frontier,
    scratch: _Scratch,
    state: int,
    edge: int,
    count: int,
    excess: int,
    promise: int,
) -> None:
    """Run the edge's operator after every inclusion-minimal eviction of at least ``excess`` units."""
    items, rest = scratch.items, scratch.rest
    written = frontier.here[WRITTEN, state]
    rest[count] = 0
    for index in range(count - 1, -1, -1):
        rest[index] = rest[index + 1] + facts.size[items[index]]
    # By depth: the next item to try, the units missing; the tensors taken, their cost, what is promised.
    place, missing, taken, cost, promised = scratch.stack
    place[0], missing[0], taken[0], cost[0], promised[0], depth = 0, excess, 0, 0, promise, 0
    while depth >= 0:
        index = place[depth]
        if index >= count or rest[index] < missing[depth]:
            depth -= 1
            continue
        place[depth] = index + 1
        item = items[index]
        mark = 1 << scratch.place[item]
        spent = cost[depth] + facts.fetch[item] + (0 if written & mark else facts.writeback[item])
        total = promised[depth] + scratch.extra[item]
        reach = _reach(outlook, frontier, state, total)
        if not _is_wanted(frontier, reach):
            continue
        if facts.size[item] >= missing[depth]:
            _step(facts, lattice, frontier, scratch, state, edge, taken[depth] | mark, spent, reach)
        else:
            promised[depth + 1] = total
            missing[depth + 1] = missing[depth] - facts.size[item]
            taken[depth + 1], cost[depth + 1], place[depth + 1] = taken[depth] | mark, spent, index + 1
            depth += 1


@njit(cache=True)
def _step(
    facts: Facts,
    lattice: Lattice,
    frontier: Frontier,
    scratch: _Scratch,
    state: int,
    edge: int,
    evicted: int,
    spent: int,
    reach: int,
) -> None:
    """One move: a state that is new, or reached for less."""
    operator, child = lattice.edge_operator[edge], lattice.edge_to[edge]
    before, copied = frontier.here[RESIDENT, state], frontier.here[WRITTEN, state]
    paid = frontier.here[PAID, state] + spent
    resident = written = units = 0
    begin = lattice.live_at[child]
    for index in range(begin, lattice.live_at[child + 1]):
        tensor, mark = lattice.live[index], 1 << (index - begin)
        place = scratch.place[tensor]
        if place >= 0 and (copied | evicted) >> place & 1 and facts.writeback[tensor] > 0:
            written |= mark
        if facts.touch[operator, tensor] or (before & ~evicted) >> place & 1:
            resident |= mark
            units += facts.size[tensor]
    tally = frontier.tally
    there = frontier.there
    place = _find(there, frontier.table, child, resident, written)
    number = frontier.table[place] - 1
    if number < 0:
        if tally[COUNT] >= there.shape[1]:
            tally[CUT] = min(tally[CUT], reach)
            return
        number = tally[COUNT]
        tally[COUNT] += 1
        frontier.table[place] = number + 1
        there[NODE, number], there[RESIDENT, number], there[WRITTEN, number] = child, resident, written
    elif there[PAID, number] <= paid:
        return
    there[PAID, number], there[REACH, number], there[UNITS, number] = paid, reach, units
    there[PARENT, number], there[OPERATOR, number], there[EVICTED, number] = state, operator, evicted


@njit(cache=True)
def _find(there: Ints, table: Ints, node: int, resident: int, written: int) -> int:
    """The place of a state in the table, or the free one where it belongs."""
    mask = len(table) - 1
    mixed = node * 0x9E3779B97F4A7C1 ^ resident * 0x2545F4914F6CDD1D ^ written * 0x1B873593CC9E2D51
    place = (mixed ^ (mixed >> 29) ^ (mixed >> 47)) & mask
    while True:
        number = table[place] - 1
        if number < 0 or (
            there[NODE, number] == node
            and there[RESIDENT, number] == resident
            and there[WRITTEN, number] == written
        ):
            return place
        place = (place + 1) & mask


@njit(cache=True)
def enter(there: Ints, table: Ints, count: int) -> None:
    """Fill an empty table with ``count`` states."""
    for number in range(count):
        place = _find(there, table, there[NODE, number], there[RESIDENT, number], there[WRITTEN, number])
        table[place] = number + 1
