"""The state space of a schedule without addresses, and the moves in it that can be part of an optimum.

A state is what has run, what is resident and what has a copy in DRAM; a move runs one operator. Dropping is
decided as late as possible: only when an operator does not fit, and then only inclusion-minimal sets of
tensors. An eviction of a tensor that is needed again pays its fetch (and first write-back) at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from hwsim.schedule.indexed import Indexed, bits, mask_of


class State(NamedTuple):
    """Operator mask ``done``; tensor masks ``resident`` and ``written`` of what is needed again."""

    done: int
    resident: int
    written: int


class Move(NamedTuple):
    """Run ``operator`` after dropping the tensors ``evicted``, at ``cost`` bytes, reaching ``state``."""

    operator: int
    evicted: int
    cost: int
    state: State


class _Progress(NamedTuple):
    """What follows from the operators that ran: tensors ``needed`` again and, of these, ``live`` ones that
    exist on chip or were used; operators ``ready`` to run.
    """

    needed: int
    live: int
    ready: tuple[int, ...]


START = State(0, 0, 0)


class MoveGenerator:
    """Moves of one problem."""

    def __init__(self, indexed: Indexed) -> None:
        self.indexed = indexed
        self._touched = tuple(a | b for a, b in zip(indexed.inputs, indexed.outputs, strict=True))
        self._followers = _followers(indexed)
        self._known = {0: self._first()}

    def moves(self, state: State) -> list[Move]:
        """All useful moves; a single one where that one is never worse than the others."""
        found: list[Move] = []
        for operator in self.ready(state.done):
            free, moves = self._runs(state, operator)
            if free and self._never_worse(state, operator):
                return moves
            found += moves
        return found

    def ready(self, done: int) -> tuple[int, ...]:
        """Operators that may run next."""
        return self._known[done].ready

    def live(self, done: int) -> int:
        """Tensors that exist on chip or were used, and are needed again."""
        return self._known[done].live

    def _first(self) -> _Progress:
        needed = mask_of(tensor for tensor, readers in enumerate(self.indexed.consumers) if readers)
        predecessors = enumerate(self.indexed.predecessors)
        return _Progress(needed, 0, tuple(operator for operator, before in predecessors if not before))

    def _after(self, done: int, operator: int) -> _Progress:
        """What is true once ``operator`` has run as well."""
        ran = done | 1 << operator
        known = self._known.get(ran)
        if known is None:
            before, indexed = self._known[done], self.indexed
            needed = before.needed
            for tensor in bits(indexed.inputs[operator] & needed):
                if not indexed.consumers[tensor] & ~ran:
                    needed &= ~(1 << tensor)
            follow = (o for o in self._followers[operator] if not indexed.predecessors[o] & ~ran)
            ready = tuple(sorted((*(o for o in before.ready if o != operator), *follow)))
            known = self._known[ran] = _Progress(
                needed, (before.live | self._touched[operator]) & needed, ready
            )
        return known

    def _runs(self, state: State, operator: int) -> tuple[bool, list[Move]]:
        """Whether the operator fits without dropping anything, and the moves that run it."""
        indexed = self.indexed
        touched = self._touched[operator]
        keepable = state.resident & ~touched
        excess = indexed.demand[operator] + indexed.units(keepable) - indexed.capacity
        done = state.done | 1 << operator
        needed = self._after(state.done, operator).needed
        moves = []
        for evicted in minimal_covers(indexed.size, keepable, excess):
            after = State(
                done,
                (touched | keepable & ~evicted) & needed,
                (state.written | self._dirty(evicted)) & needed,
            )
            moves.append(Move(operator, evicted, indexed.eviction_cost(evicted, state.written), after))
        return excess <= 0, moves

    def _dirty(self, tensors: int) -> int:
        costs = self.indexed.writeback_cost
        return sum(1 << tensor for tensor in bits(tensors) if costs[tensor])

    def _never_worse(self, state: State, operator: int) -> bool:
        """Whether running a fitting operator now can be part of every optimum (an exchange argument).

        Its surviving outputs take no more room than any one resident tensor that dies with it, and dropping
        them as often as all of those were dropped costs no more. So any completion can run it first and keep
        the outputs wherever it kept one of the dying tensors.
        """
        indexed = self.indexed
        inputs = indexed.inputs[operator]
        needed = self._after(state.done, operator).needed
        if inputs & needed & ~state.resident:
            return False
        born = indexed.outputs[operator] & needed
        if not born:
            return True
        dying = inputs & ~needed & state.resident
        if not dying or indexed.units(born) > min(indexed.size[tensor] for tensor in bits(dying)):
            return False
        every = born | dying
        first = indexed.eviction_cost(born, 0) <= indexed.eviction_cost(dying, state.written)
        return first and indexed.eviction_cost(born, every) <= indexed.eviction_cost(dying, every)


def _followers(indexed: Indexed) -> tuple[tuple[int, ...], ...]:
    """By operator, those that have it among their predecessors."""
    after: list[list[int]] = [[] for _ in range(indexed.operators)]
    for operator, before in enumerate(indexed.predecessors):
        for previous in bits(before):
            after[previous].append(operator)
    return tuple(map(tuple, after))


def minimal_covers(size: tuple[int, ...], tensors: int, excess: int) -> Iterator[int]:
    """Every inclusion-minimal subset of ``tensors`` whose sizes add up to at least ``excess``."""
    if excess <= 0:
        yield 0
        return
    largest_first = sorted(bits(tensors), key=lambda tensor: -size[tensor])
    rest = [0]
    for tensor in reversed(largest_first):
        rest.append(rest[-1] + size[tensor])
    rest.reverse()
    yield from _covers(size, largest_first, rest, 0, excess, 0)


def _covers(
    size: tuple[int, ...], items: list[int], rest: list[int], start: int, excess: int, chosen: int
) -> Iterator[int]:
    """Covers that add ``items[start:]`` to ``chosen``; the last one is the smallest, so all are needed."""
    for index in range(start, len(items)):
        if rest[index] < excess:
            return
        item = items[index]
        if size[item] >= excess:
            yield chosen | 1 << item
        else:
            yield from _covers(size, items, rest, index + 1, excess - size[item], chosen | 1 << item)
