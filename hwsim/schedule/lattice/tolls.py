"""A lower bound for every state: each tensor by itself, with prices of room and tolls that make them agree.

Give each unit of the scratchpad a price while an operator runs, let tensors pay for the room they take, and
take back the price of the whole scratchpad: no schedule gets dearer by that, as none takes more room than
there is. Then tensors no longer compete, and each may go its own way through the lattice, kept or evicted as
is cheapest (a Lagrangean relaxation). Besides, each pays a toll for each edge; the tolls of one edge add up
to nothing over all tensors, so no schedule gets dearer or cheaper. They are chosen to make all tensors go the
same way: layer by layer, forth and back, each edge is made as dear for one tensor as for any other
(sequential tree-reweighted message passing, Kolmogorov 2006), which never lowers the bound. What all tensors
pay together over an edge bounds every schedule through it: edges at or above the ceiling are struck out.

Everything is a whole number, in SCALE ths of a cost, so the bounds hold exactly.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from hwsim.schedule.lattice.downsets import Downsets, Lattice
from hwsim.schedule.lattice.facts import Facts, Ints
from hwsim.schedule.lattice.states import SCALE

NEVER = 1 << 58
# No sum of true payments comes near it, and one with NEVER in it stays above.
_HOPELESS = NEVER >> 1
ALIVE = 1
_APART, _GONE = 0, 2
_ELSEWHERE, _READ_ON, _READ_LAST, _WAITING = range(4)
_DIRTY, _CLEAN, _AWAY = range(3)


class Bounds(NamedTuple):
    """Payments of each tensor: ``ahead`` from a downset on and ``behind`` up to it, [downset, tensor, state].

    States are dirty, clean and away; the first one stands for tensors not alive as well. ``toll``: [edge,
    tensor]. ``through``: by edge, what schedules through it pay at least, NEVER where it is struck out.
    ``phase``: [downset, tensor], ALIVE or not; ``way``: [edge, tensor], what happens to it. ``tensors``:
    which. ``room``: by operator, the price of a unit; ``layers`` as in :class:`Downsets`.
    """

    ahead: Ints
    behind: Ints
    toll: Ints
    through: Ints
    phase: NDArray[np.uint8]
    way: NDArray[np.uint8]
    tensors: Ints
    room: Ints
    layers: Ints


def bounds_of(downsets: Downsets, room: Ints) -> Bounds:
    """The bounds of prices alone, without tolls."""
    lattice = downsets.lattice
    tensors = np.unique(lattice.live[: downsets.lives]).astype(np.int64)
    phase = np.full((downsets.nodes, len(tensors)), _APART, np.uint8)
    ahead, behind = np.full((2, downsets.nodes, len(tensors), 3), NEVER)
    ahead[-1, :, 0] = behind[0, :, 0] = 0
    bounds = Bounds(
        ahead,
        behind,
        np.zeros((downsets.edges, len(tensors)), np.int64),
        np.zeros(downsets.edges, np.int64),
        phase,
        np.full((downsets.edges, len(tensors)), _ELSEWHERE, np.uint8),
        tensors,
        room.copy(),
        np.array(downsets.layers, np.int64),
    )
    _phases(downsets.facts, lattice, bounds)
    _ways(downsets.facts, lattice, bounds)
    look_ahead(downsets.facts, lattice, bounds)
    return bounds


def fixed_part(facts: Facts, bounds: Bounds) -> Ints:
    """By operator, what is paid for its own room less the price of the scratchpad."""
    result: Ints = bounds.room * (facts.demand - facts.capacity)
    return result


def bound_at_start(facts: Facts, bounds: Bounds) -> int:
    """What no schedule goes below, in SCALE ths."""
    return int(bounds.ahead[0, :, 0].sum() + fixed_part(facts, bounds).sum())


@njit(cache=True)
def _phases(facts: Facts, lattice: Lattice, bounds: Bounds) -> None:
    """Downsets come after those that lead to them, so the last word is on each."""
    number = np.full(len(facts.size), -1)
    number[bounds.tensors] = np.arange(len(bounds.tensors))
    phase = bounds.phase
    for node in range(len(phase)):
        for index in range(lattice.live_at[node], lattice.live_at[node + 1]):
            phase[node, number[lattice.live[index]]] = ALIVE
        for edge in range(lattice.edge_at[node], lattice.edge_at[node + 1]):
            operator, child = lattice.edge_operator[edge], lattice.edge_to[edge]
            for tensor in range(len(bounds.tensors)):
                touched = facts.touch[operator, bounds.tensors[tensor]] > 0
                if touched or phase[node, tensor] != _APART:
                    phase[child, tensor] = _GONE


@njit(cache=True)
def _ways(facts: Facts, lattice: Lattice, bounds: Bounds) -> None:
    """On every edge: used and alive after, used up, left waiting, or not there."""
    for node in range(len(bounds.phase)):
        for edge in range(lattice.edge_at[node], lattice.edge_at[node + 1]):
            child = lattice.edge_to[edge]
            for tensor in range(len(bounds.tensors)):
                if facts.touch[lattice.edge_operator[edge], bounds.tensors[tensor]]:
                    lasts = bounds.phase[child, tensor] == ALIVE
                    bounds.way[edge, tensor] = _READ_ON if lasts else _READ_LAST
                elif bounds.phase[node, tensor] == ALIVE:
                    bounds.way[edge, tensor] = _WAITING


@njit(cache=True)
def _prices(facts: Facts, lattice: Lattice, bounds: Bounds, edge: int, tensor: int) -> tuple[int, int, int]:
    """What waiting costs a tensor: kept; dropped for the first time; dropped again."""
    known = bounds.tensors[tensor]
    again = SCALE * facts.fetch[known]
    keep = bounds.room[lattice.edge_operator[edge]] * facts.size[known]
    return keep, again + SCALE * facts.writeback[known], again


@njit(cache=True)
def _least(facts: Facts, lattice: Lattice, bounds: Bounds, node: int, edge: int, tensor: int) -> int:
    """The least a tensor pays on a way over an edge, without the edge's toll."""
    behind, ahead, child = bounds.behind, bounds.ahead, lattice.edge_to[edge]
    dirty, dirty_on = behind[node, tensor, 0], ahead[child, tensor, 0]
    way = bounds.way[edge, tensor]
    if way == _ELSEWHERE:
        return int(dirty + dirty_on)
    clean, away = behind[node, tensor, 1], behind[node, tensor, 2]
    clean_on, away_on = ahead[child, tensor, 1], ahead[child, tensor, 2]
    if way == _READ_ON:
        return int(min(dirty + dirty_on, clean + clean_on, away + clean_on))
    if way == _READ_LAST:
        return int(min(dirty, clean, away) + dirty_on)
    keep, first, again = _prices(facts, lattice, bounds, edge, tensor)
    kept = min(dirty + keep + dirty_on, clean + keep + clean_on)
    return int(min(kept, min(dirty + first, clean + again, away) + away_on))


@njit(cache=True)
def level(facts: Facts, lattice: Lattice, bounds: Bounds, forth: bool) -> None:
    """Make every edge as dear for one tensor as for the other, one layer after the other."""
    steps, count = len(bounds.layers) - 2, len(bounds.tensors)
    raw = np.zeros(count, np.int64)
    fixed = (bounds.room * (facts.demand - facts.capacity)).sum()
    for step in range(steps):
        layer = step if forth else steps - 1 - step
        first, stop = bounds.layers[layer], bounds.layers[layer + 1]
        if forth:
            bounds.behind[stop : bounds.layers[layer + 2]] = NEVER
        else:
            bounds.ahead[first:stop] = NEVER
        for node in range(first, stop):
            for edge in range(lattice.edge_at[node], lattice.edge_at[node + 1]):
                if bounds.through[edge] < NEVER:
                    total = 0
                    dearest = 0
                    for tensor in range(count):
                        raw[tensor] = _least(facts, lattice, bounds, node, edge, tensor)
                        total += raw[tensor] + bounds.toll[edge, tensor]
                        dearest = max(dearest, raw[tensor])
                    bounds.through[edge] = NEVER if dearest >= _HOPELESS else total + fixed
                if bounds.through[edge] < NEVER:
                    share, rest = total // count, total % count
                    for tensor in range(count):
                        bounds.toll[edge, tensor] = share + (1 if tensor < rest else 0) - raw[tensor]
                        if forth:
                            _forth(facts, lattice, bounds, node, edge, tensor)
                        else:
                            _back(facts, lattice, bounds, node, edge, tensor)


@njit(cache=True)
def look_ahead(facts: Facts, lattice: Lattice, bounds: Bounds) -> None:
    """``ahead`` anew after prices have changed."""
    nodes = len(bounds.phase)
    bounds.ahead[: nodes - 1] = NEVER
    for node in range(nodes - 2, -1, -1):
        for edge in range(lattice.edge_at[node], lattice.edge_at[node + 1]):
            if bounds.through[edge] < NEVER:
                for tensor in range(len(bounds.tensors)):
                    _back(facts, lattice, bounds, node, edge, tensor)


@njit(cache=True)
def _lower(payments: Ints, node: int, tensor: int, state: int, value: int) -> None:
    payments[node, tensor, state] = min(payments[node, tensor, state], value)


@njit(cache=True)
def _forth(facts: Facts, lattice: Lattice, bounds: Bounds, node: int, edge: int, tensor: int) -> None:
    """Take a tensor's payments over an edge."""
    behind, child, toll = bounds.behind, lattice.edge_to[edge], bounds.toll[edge, tensor]
    dirty = behind[node, tensor, 0] + toll
    way = bounds.way[edge, tensor]
    if way == _ELSEWHERE:
        _lower(behind, child, tensor, _DIRTY, dirty)
        return
    clean, away = behind[node, tensor, 1] + toll, behind[node, tensor, 2] + toll
    if way == _READ_ON:
        _lower(behind, child, tensor, _DIRTY, dirty)
        _lower(behind, child, tensor, _CLEAN, min(clean, away))
    elif way == _READ_LAST:
        _lower(behind, child, tensor, _DIRTY, min(dirty, clean, away))
    else:
        keep, first, again = _prices(facts, lattice, bounds, edge, tensor)
        _lower(behind, child, tensor, _DIRTY, dirty + keep)
        _lower(behind, child, tensor, _CLEAN, clean + keep)
        _lower(behind, child, tensor, _AWAY, min(dirty + first, clean + again, away))


@njit(cache=True)
def _back(facts: Facts, lattice: Lattice, bounds: Bounds, node: int, edge: int, tensor: int) -> None:
    """As ``_forth``, from the end."""
    ahead, child, toll = bounds.ahead, lattice.edge_to[edge], bounds.toll[edge, tensor]
    dirty = ahead[child, tensor, 0] + toll
    way = bounds.way[edge, tensor]
    if way == _ELSEWHERE:
        _lower(ahead, node, tensor, _DIRTY, dirty)
        return
    clean, away = ahead[child, tensor, 1] + toll, ahead[child, tensor, 2] + toll
    if way == _WAITING:
        keep, first, again = _prices(facts, lattice, bounds, edge, tensor)
        _lower(ahead, node, tensor, _DIRTY, min(keep + dirty, first + away))
        _lower(ahead, node, tensor, _CLEAN, min(keep + clean, again + away))
        _lower(ahead, node, tensor, _AWAY, away)
    else:
        used = clean if way == _READ_ON else dirty
        _lower(ahead, node, tensor, _DIRTY, dirty)
        _lower(ahead, node, tensor, _CLEAN, used)
        _lower(ahead, node, tensor, _AWAY, used)


@njit(cache=True)
def usage(facts: Facts, lattice: Lattice, bounds: Bounds, used: Ints) -> None:
    """By operator, the units that tensors keep while it runs, each on its own cheapest way."""
    used[:] = 0
    for tensor in range(len(bounds.tensors)):
        node, state = 0, _DIRTY
        for _ in range(len(bounds.layers) - 2):
            least, after, into, keeper = NEVER, -1, 0, -1
            for edge in range(lattice.edge_at[node], lattice.edge_at[node + 1]):
                if bounds.through[edge] >= NEVER:
                    continue
                cost, reached, kept = _choice(facts, lattice, bounds, edge, tensor, state)
                if cost < least:
                    least, after, into = cost, lattice.edge_to[edge], reached
                    keeper = lattice.edge_operator[edge] if kept else -1
            if after < 0:
                break
            if keeper >= 0:
                used[keeper] += facts.size[bounds.tensors[tensor]]
            node, state = after, into


@njit(cache=True)
def _choice(
    facts: Facts, lattice: Lattice, bounds: Bounds, edge: int, tensor: int, state: int
) -> tuple[int, int, bool]:
    """The least a tensor pays from here over an edge, the state it reaches, and whether it is kept."""
    ahead = bounds.ahead[lattice.edge_to[edge], tensor]
    toll = bounds.toll[edge, tensor]
    way = bounds.way[edge, tensor]
    if way == _WAITING and state != _AWAY:
        keep, first, again = _prices(facts, lattice, bounds, edge, tensor)
        kept = keep + ahead[state]
        dropped = (first if state == _DIRTY else again) + ahead[_AWAY]
        return min(kept, dropped) + toll, state if kept <= dropped else _AWAY, kept <= dropped
    reached = state
    if way == _READ_ON and state != _DIRTY:
        reached = _CLEAN
    elif way == _READ_LAST:
        reached = _DIRTY
    return ahead[reached] + toll, reached, False
