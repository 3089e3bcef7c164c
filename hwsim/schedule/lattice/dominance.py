"""States that another one of the same downset can become, or better, for no more (compiled)."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from hwsim.schedule.lattice.downsets import MOST_LIVING, Lattice
from hwsim.schedule.lattice.facts import Facts, Ints
from hwsim.schedule.lattice.states import NODE, PAID, RESIDENT, WRITTEN

_MOST_COMPARED = 64


def undominated(facts: Facts, lattice: Lattice, states: Ints) -> NDArray[np.bool_]:
    """Which states of a table to keep; each is held against the cheapest few of its downset."""
    dominated: NDArray[np.bool_] = np.zeros(states.shape[1], np.bool_)
    order = np.lexsort((states[PAID], states[NODE]))
    _mark(facts, lattice, states, order, dominated)
    return ~dominated


@njit(cache=True)
def _mark(facts: Facts, lattice: Lattice, states: Ints, order: Ints, dominated: NDArray[np.bool_]) -> None:
    """``order``: by downset, the cheapest first."""
    fetch, writeback = np.zeros((2, MOST_LIVING), np.int64)
    first = 0
    for rank in range(len(order)):
        state = order[rank]
        node = states[NODE, state]
        if rank == 0 or states[NODE, order[rank - 1]] != node:
            first, begin = rank, lattice.live_at[node]
            for index in range(begin, lattice.live_at[node + 1]):
                fetch[index - begin] = facts.fetch[lattice.live[index]]
                writeback[index - begin] = facts.writeback[lattice.live[index]]
        tried = 0
        for other in range(first, rank):
            if tried >= _MOST_COMPARED:
                break
            if not dominated[order[other]]:
                tried += 1
                if _dominates(states, order[other], state, fetch, writeback):
                    dominated[state] = True
                    break


@njit(cache=True)
def _dominates(states: Ints, one: int, other: int, fetch: Ints, writeback: Ints) -> bool:
    """``one`` drops what ``other`` has not; what it lacks is paid for and takes no room until it is read."""
    spare = states[PAID, other] - states[PAID, one]
    extra = states[RESIDENT, one] & ~states[RESIDENT, other]
    unwritten = (extra | states[WRITTEN, other]) & ~states[WRITTEN, one]
    rest, place = extra | unwritten, 0
    while rest:
        if rest & 1:
            spare -= fetch[place] * (extra >> place & 1) + writeback[place] * (unwritten >> place & 1)
            if spare < 0:
                return False
        rest >>= 1
        place += 1
    return True
