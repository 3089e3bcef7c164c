"""Layer by layer through the lattice, keeping the most promising states: the whole search where none is lost.

What is left out for want of room gives the bound: no plan costs less than the least any of it promised.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from hwsim.schedule.lattice.dominance import undominated
from hwsim.schedule.lattice.downsets import Downsets
from hwsim.schedule.lattice.facts import Ints
from hwsim.schedule.lattice.states import (
    COUNT,
    CUT,
    EVICTED,
    LIMIT,
    NODE,
    OPERATOR,
    PAID,
    PARENT,
    REACH,
    RESIDENT,
    UNITS,
    Frontier,
    Outlook,
    enter,
    expand,
)

_NEVER = 1 << 60
_ROWS = 9
# States found before all but the best of them are dropped, for each one of these; and room for what one
# state alone may lead to.
_SPARE, _BESIDES = 6, 1 << 16
# What a plan is read from, of every state; and the states of all layers at most, of 40 bytes each.
_KEPT = [NODE, RESIDENT, PARENT, OPERATOR, EVICTED]
_MOST_STATES = 50_000_000


@dataclass(frozen=True, slots=True)
class Found:
    """``moves``: operators in order and the tensors carried into each, None where nothing cheaper was found.

    ``bound``: no plan costs less. ``complete``: nothing was left out, so what was found is the best there is,
    or else there is nothing below the ceiling.
    """

    cost: int
    moves: list[tuple[int, int]] | None
    bound: int
    complete: bool


@dataclass(frozen=True, slots=True)
class Beam:
    """One problem's downsets, all of them or as far as they are reached, and the outlook in each."""

    downsets: Downsets
    outlook: Outlook
    whole: bool

    def search(self, ceiling: int, width: int, deadline: float) -> Found:
        """The cheapest plan below ``ceiling`` among those that are kept, ``width`` states a layer."""
        layer = np.zeros((_ROWS, 1), np.int64)
        trail, cut, states = [layer[_KEPT]], _NEVER, 0
        for _ in range(len(self.downsets.facts.demand)):
            reached = min(cut, int(layer[REACH].min()), ceiling)
            if (
                time.monotonic() > deadline
                or states > _MOST_STATES
                or not (self.whole or self.downsets.grow(np.unique(layer[NODE])))
            ):
                return Found(ceiling, None, reached, False)
            layer, lost = self._next(layer, ceiling, width)
            cut = min(cut, lost)
            trail.append(layer[_KEPT])
            states += layer.shape[1]
            if not layer.shape[1]:
                return Found(ceiling, None, min(cut, ceiling), cut >= ceiling)
        cost = int(layer[PAID, 0])
        return Found(cost, self._moves(trail), min(cut, cost), cut >= cost)

    def _next(self, layer: Ints, ceiling: int, width: int) -> tuple[Ints, int]:
        """The best states of the next layer, the most promising first, and the least reach left out."""
        room = _SPARE * width
        frontier = Frontier(
            layer,
            np.empty((_ROWS, room + _BESIDES), np.int64),
            np.zeros(1 << int(2 * (room + _BESIDES)).bit_length(), np.int64),
            np.array([0, _NEVER, _NEVER], np.int64),
            ceiling,
            room,
        )
        done, stop = 0, layer.shape[1]
        facts, lattice = self.downsets.facts, self.downsets.lattice
        while done < stop:
            done = expand(facts, lattice, self.outlook, frontier, done, stop)
            if done < stop:
                self._compact(frontier, width)
        return self._best(frontier, width), int(frontier.tally[CUT])

    def _compact(self, frontier: Frontier, width: int) -> None:
        """Make room in a full table by keeping the best of it."""
        kept = self._best(frontier, width)
        count = kept.shape[1]
        if count == width:
            frontier.tally[LIMIT] = int(kept[REACH, -1])
        frontier.tally[COUNT] = count
        frontier.there[:, :count] = kept
        frontier.table[:] = 0
        enter(frontier.there, frontier.table, count)

    def _best(self, frontier: Frontier, width: int) -> Ints:
        """The ``width`` undominated states of least reach, then room; the least left goes to the tally."""
        states = frontier.there[:, : frontier.tally[COUNT]]
        kept = states[:, undominated(self.downsets.facts, self.downsets.lattice, states)]
        order = np.lexsort((kept[UNITS], kept[REACH]))
        if len(order) > width:
            frontier.tally[CUT] = min(int(frontier.tally[CUT]), int(kept[REACH, order[width]]))
        return np.ascontiguousarray(kept[:, order[:width]])

    def _moves(self, trail: list[Ints]) -> list[tuple[int, int]]:
        """Operators and the masks of tensors carried into each, from the last layer back."""
        moves: list[tuple[int, int]] = []
        state = 0
        for step in range(len(trail) - 1, 0, -1):
            layer, before = trail[step], trail[step - 1]
            _, _, parent, operator, evicted = layer[:, state].tolist()
            node, resident = before[:2, parent].tolist()
            moves.append((operator, self._tensors(node, resident & ~evicted)))
            state = parent
        return moves[::-1]

    def _tensors(self, node: int, places: int) -> int:
        """The mask of tensors behind a mask of places among the living."""
        lattice = self.downsets.lattice
        living = lattice.live[lattice.live_at[node] : lattice.live_at[node + 1]].tolist()
        return sum(1 << tensor for place, tensor in enumerate(living) if places >> place & 1)
