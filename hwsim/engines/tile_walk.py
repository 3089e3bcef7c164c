"""The walk behind the stall model: tile by tile, with long repetitions skipped exactly.

The state after a tile is a list of times: when its computation ended, when each port is free, when the loads
of the next tiles end and when the stores of the last tiles end. No later event looks at a time before the end
of the last computation, so earlier ones are raised to it; that makes equal situations equal states.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice, repeat
from typing import TypeAlias

from hwsim.engines import max_plus
from hwsim.engines.max_plus import Matrix, State, Time
from hwsim.engines.tiles import Buffers, Segment, Tiles, each_load, first_load

# Repetitions walked one by one in the hope that they become periodic, before powers are taken.
_WALKED = 24


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
class Step:
    """A tile to compute and store, and the load that starts when it is computed.

    ``next_load`` is None where the next tile still uses what this one did, 0 where nothing is left to load.
    """

    compute: int
    store: int
    next_load: int | None


@dataclass(frozen=True, slots=True)
class Repeat:
    """Steps that come so many ``times``, followed by their like."""

    body: tuple[Steps, ...]
    times: int


Steps: TypeAlias = Step | Repeat
"""A tile, or a repetition of some."""


@dataclass(frozen=True, slots=True)
class _Ahead:
    """What follows a tile: whether the next one needs a new load, and the next ``load_slots`` loads."""

    reloads: bool
    loads: tuple[int, ...]

    def after(self, sequence: Sequence[Tiles]) -> _Ahead:
        """What follows if ``sequence`` comes in between."""
        if not sequence:
            return self
        return _Ahead(
            first_load(sequence) > 0, _first(len(self.loads), chain(each_load(sequence), self.loads))
        )


def finish(buffers: Buffers, sequence: Sequence[Tiles]) -> int:
    """The cycle in which the last tile is computed and stored, counted from the start of the first load."""
    layout = Layout.of(buffers)
    loads, steps = walk_of(layout.load_slots, sequence)
    state = _advance(layout, _start(layout, loads), steps)
    return int(max(state[0], *state[layout.first_store :]))


def walk_of(load_slots: int, sequence: Sequence[Tiles]) -> tuple[tuple[int, ...], tuple[Steps, ...]]:
    """What the walk of a sequence follows: the loads that are under way at its start, and its steps.

    Both only hand on the amounts of the sequence, so these may be of anything that a load or store is of.
    """
    resident = () if first_load(sequence) else (0,)
    loads = _first(load_slots, chain(resident, each_load(sequence)))
    return loads, _steps(sequence, _Ahead(reloads=True, loads=(0,) * load_slots))


def _start(layout: Layout, loads: Iterable[int]) -> State:
    """The state before the first tile: its load and those of the tiles that have a slot are under way."""
    state: State = [0] * layout.size
    for slot, load in enumerate(loads):
        state[1] += load
        state[layout.first_load + slot] = state[1]
    return state


def _first(count: int, loads: Iterable[int]) -> tuple[int, ...]:
    """The first ``count`` loads; after the last tile there is nothing to load."""
    return tuple(islice(chain(loads, repeat(0)), count))


def _steps(sequence: Sequence[Tiles], ahead: _Ahead) -> tuple[Steps, ...]:
    """The tiles of a sequence as steps; ``ahead`` is what follows the sequence."""
    steps: list[Steps] = []
    for node in reversed(sequence):
        steps.extend(reversed(_node_steps(node, ahead)))
        ahead = ahead.after((node,))
    return tuple(reversed(steps))


def _node_steps(node: Tiles, ahead: _Ahead) -> tuple[Steps, ...]:
    """One node: the repetitions that are followed by their like as a loop, the last ones singly."""
    slots = len(ahead.loads)
    loading = _loads_of_one(node, slots)
    tail = min(node.repeat, -(-slots // loading) if loading else 1)
    steps: list[Steps] = []
    if node.repeat > tail:
        steps.append(Repeat(_body_steps(node, ahead.after((node,))), node.repeat - tail))
    for left in range(tail - 1, -1, -1):
        again = (replace(node, repeat=left),) if left else ()
        steps.extend(_body_steps(node, ahead.after(again)))
    return tuple(steps)


def _loads_of_one(node: Tiles, most: int) -> int:
    """How many tiles of one repetition load anything; ``most`` stands for all larger numbers."""
    if isinstance(node, Segment):
        return min(most, int(node.load_cycles > 0))
    return len(tuple(islice(each_load(node.body), most)))


def _body_steps(node: Tiles, ahead: _Ahead) -> tuple[Steps, ...]:
    """One repetition of a node."""
    if isinstance(node, Segment):
        return (Step(node.compute_cycles, node.store_cycles, ahead.loads[-1] if ahead.reloads else None),)
    return _steps(node.body, ahead)


def _advance(layout: Layout, state: State, steps: tuple[Steps, ...]) -> State:
    for step in steps:
        state = _tile(layout, state, step) if isinstance(step, Step) else _repeat(layout, state, step)
    return state


def _tile(layout: Layout, state: State, step: Step) -> State:
    """Compute one tile, start the load that may take its slot, store its result: one (max, +) linear map."""
    load, store = layout.first_load, layout.first_store
    now = max(state[0], state[load], state[store]) + step.compute
    after = [max(time, now) for time in state]
    after[0] = now
    if step.next_load is not None:
        after[1] += step.next_load
        after[load:store] = [*after[load + 1 : store], after[1]]
    if step.store:
        after[layout.store_port] += step.store
        after[store:] = [*after[store + 1 :], after[layout.store_port]]
    return after


def _repeat(layout: Layout, state: State, loop: Repeat) -> State:
    """Walk until a state comes back (shifted in time), then skip; take powers if none does soon."""
    seen: dict[tuple[Time, ...], tuple[int, Time]] = {}
    for done in range(min(loop.times, _WALKED)):
        offsets = tuple(time - state[0] for time in state)
        if offsets in seen:
            return _skip(layout, state, loop, done, seen[offsets])
        seen[offsets] = done, state[0]
        state = _advance(layout, state, loop.body)
    left = loop.times - min(loop.times, _WALKED)
    return max_plus.apply(max_plus.power(_sequence_matrix(layout, loop.body), left), state) if left else state


def _skip(layout: Layout, state: State, loop: Repeat, done: int, before: tuple[int, Time]) -> State:
    """The state ``before`` (repetitions done, time) has come back: whole periods only add time."""
    periods, rest = divmod(loop.times - done, done - before[0])
    shift = periods * (state[0] - before[1])
    state = [time + shift for time in state]
    for _ in range(rest):
        state = _advance(layout, state, loop.body)
    return state


def _sequence_matrix(layout: Layout, steps: tuple[Steps, ...]) -> Matrix:
    """Steps in order as one matrix."""
    matrix = max_plus.identity(layout.size)
    for step in steps:
        matrix = max_plus.product(_step_matrix(layout, step), matrix)
    return matrix


def _step_matrix(layout: Layout, step: Steps) -> Matrix:
    if isinstance(step, Repeat):
        return max_plus.power(_sequence_matrix(layout, step.body), step.times)
    columns = [_tile(layout, unit, step) for unit in max_plus.identity(layout.size)]
    return [list(row) for row in zip(*columns, strict=True)]
