"""The walk behind the stall model: tile by tile, with long repetitions skipped exactly.

The state after a tile is a list of times: when its computation ended, when each port is free, when the loads
of the next tiles end and when the stores of the last tiles end. No later event looks at a time before the end
of the last computation, so earlier ones are raised to it; that makes equal situations equal states.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice, repeat
from operator import add
from typing import TypeAlias

from hwsim.engines.tiles import Buffers, Segment, Tiles, each_load

# Repetitions walked one by one in the hope that they become periodic, before powers are taken.
_WALKED = 24
_NEVER = float("-inf")

Time: TypeAlias = int | float
"""A whole number of cycles; minus infinity only inside matrices, for "does not depend on it"."""
State: TypeAlias = list[Time]
Matrix: TypeAlias = list[State]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each time stands in the state: the end of computation, ports, load slots, store slots."""

    load_slots: int
    size: int
    store_port: int
    first_load: int
    first_store: int

    @classmethod
    def of(cls, buffers: Buffers) -> Layout:
        """The layout for these buffers: place 0 is the computation, place 1 the (load) port."""
        store_port = 1 if buffers.ports == "shared" else 2
        first_load = store_port + 1
        first_store = first_load + buffers.load_slots
        return cls(buffers.load_slots, first_store + buffers.store_slots, store_port, first_load, first_store)


@dataclass(frozen=True, slots=True)
class _Step:
    """A tile to compute and store, and the load that its freed slot lets start."""

    compute: int
    store: int
    next_load: int


@dataclass(frozen=True, slots=True)
class _Repeat:
    body: tuple[_Steps, ...]
    times: int


_Steps: TypeAlias = _Step | _Repeat


def finish(buffers: Buffers, sequence: Sequence[Tiles]) -> int:
    """The cycle in which the last tile is computed and stored, counted from the start of the first load."""
    layout = Layout.of(buffers)
    state = _advance(layout, _start(layout, sequence), _steps(sequence, (), layout.load_slots))
    return int(max(state[0], *state[layout.first_store :]))


def _start(layout: Layout, sequence: Sequence[Tiles]) -> State:
    """The state before the first tile: its load and those of the tiles that have a slot are under way."""
    state: State = [0] * layout.size
    for slot, load in enumerate(_first(layout.load_slots, each_load(sequence))):
        state[1] += load
        state[layout.first_load + slot] = state[1] if load else 0
    return state


def _first(count: int, loads: Iterable[int]) -> tuple[int, ...]:
    """The first ``count`` loads; after the last tile there is nothing to load."""
    return tuple(islice(chain(loads, repeat(0)), count))


def _steps(sequence: Sequence[Tiles], following: tuple[int, ...], slots: int) -> tuple[_Steps, ...]:
    """The tiles as steps, each with the load of the tile ``slots`` places later.

    ``following`` are the first ``slots`` loads after the sequence.
    """
    steps: list[_Steps] = []
    for node in reversed(sequence):
        following = _first(slots, following)
        steps.extend(reversed(_node_steps(node, following, slots)))
        following = _first(slots, chain(each_load((node,)), following))
    return tuple(reversed(steps))


def _node_steps(node: Tiles, following: tuple[int, ...], slots: int) -> tuple[_Steps, ...]:
    """One node: the repetitions that are followed by their like as a loop, the last ones singly."""
    tail = min(node.repeat, -(-slots // _tiles_up_to(slots, node)))
    steps: list[_Steps] = []
    if node.repeat > tail:
        own = _first(slots, each_load((node,)))
        steps.append(_Repeat(_body_steps(node, own, slots), node.repeat - tail))
    for left in range(tail - 1, -1, -1):
        again = (replace(node, repeat=left),) if left else ()
        steps.extend(_body_steps(node, _first(slots, chain(each_load(again), following)), slots))
    return tuple(steps)


def _tiles_up_to(most: int, node: Tiles) -> int:
    """How many tiles one repetition has, counting no further than ``most``."""
    return 1 if isinstance(node, Segment) else len(tuple(islice(each_load(node.body), most)))


def _body_steps(node: Tiles, following: tuple[int, ...], slots: int) -> tuple[_Steps, ...]:
    """One repetition of a node."""
    if isinstance(node, Segment):
        return (_Step(node.compute_cycles, node.store_cycles, following[-1]),)
    return _steps(node.body, following, slots)


def _advance(layout: Layout, state: State, steps: tuple[_Steps, ...]) -> State:
    for step in steps:
        state = _tile(layout, state, step) if isinstance(step, _Step) else _repeat(layout, state, step)
    return state


def _tile(layout: Layout, state: State, step: _Step) -> State:
    """Compute one tile, start the load that may take its slot, store its result: one (max, +) linear map."""
    load, store = layout.first_load, layout.first_store
    now = max(state[0], state[load], state[store]) + step.compute
    after = [max(time, now) for time in state]
    after[0] = now
    if step.next_load:
        after[1] += step.next_load
    loaded = after[1] if step.next_load else now
    if step.store:
        after[layout.store_port] += step.store
    stored = after[layout.store_port] if step.store else now
    after[load:] = [*after[load + 1 : store], loaded, *after[store + 1 :], stored]
    return after


def _repeat(layout: Layout, state: State, loop: _Repeat) -> State:
    """Walk until a state comes back (shifted in time), then skip; take powers if none does soon."""
    seen: dict[tuple[Time, ...], tuple[int, Time]] = {}
    for done in range(min(loop.times, _WALKED)):
        offsets = tuple(time - state[0] for time in state)
        if offsets in seen:
            return _skip(layout, state, loop, done, seen[offsets])
        seen[offsets] = done, state[0]
        state = _advance(layout, state, loop.body)
    left = loop.times - min(loop.times, _WALKED)
    return _apply(_power(_sequence_matrix(layout, loop.body), left), state) if left else state


def _skip(layout: Layout, state: State, loop: _Repeat, done: int, before: tuple[int, Time]) -> State:
    """The state ``before`` (repetitions done, time) has come back: whole periods only add time."""
    periods, rest = divmod(loop.times - done, done - before[0])
    shift = periods * (state[0] - before[1])
    state = [time + shift for time in state]
    for _ in range(rest):
        state = _advance(layout, state, loop.body)
    return state


def _sequence_matrix(layout: Layout, steps: tuple[_Steps, ...]) -> Matrix:
    """Steps in order as one matrix: entry [i][j] is the least time from time j before to time i after."""
    matrix = _identity(layout.size)
    for step in steps:
        matrix = _product(_step_matrix(layout, step), matrix)
    return matrix


def _step_matrix(layout: Layout, step: _Steps) -> Matrix:
    if isinstance(step, _Repeat):
        return _power(_sequence_matrix(layout, step.body), step.times)
    columns = [_tile(layout, unit, step) for unit in _identity(layout.size)]
    return [list(row) for row in zip(*columns, strict=True)]


def _identity(size: int) -> Matrix:
    return [[0 if row == column else _NEVER for column in range(size)] for row in range(size)]


def _product(left: Matrix, right: Matrix) -> Matrix:
    columns = list(zip(*right, strict=True))
    return [[max(map(add, row, column)) for column in columns] for row in left]


def _power(matrix: Matrix, exponent: int) -> Matrix:
    result = _identity(len(matrix))
    while exponent:
        if exponent & 1:
            result = _product(result, matrix)
        exponent >>= 1
        if exponent:
            matrix = _product(matrix, matrix)
    return result


def _apply(matrix: Matrix, state: State) -> State:
    return [max(map(add, row, state)) for row in matrix]
