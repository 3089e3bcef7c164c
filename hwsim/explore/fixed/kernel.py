"""The walk of ``hwsim.engines.tile_walk`` compiled, for one sequence of tiles at many rates."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

TILE, BEGIN, END = 0, 1, 2
"""What stands at a place of a program: a tile, the begin or the end of a repetition."""
_DEEPEST = 12
_WIDEST = 16


@njit(cache=True)
def finish(
    kinds: Any, firsts: Any, stores: Any, nexts: Any, starts: Any, cycles: Any, load_slots: int, separate: int
) -> Any:
    """The cycle in which the last tile is stored, for each row of ``cycles``.

    A tile at place p computes ``firsts[p]`` cycles, stores amount ``stores[p]`` (0: nothing) and then starts
    the load of amount ``nexts[p]`` (-1: none). A repetition begins with ``firsts[p]`` times and ends at place
    ``stores[p]``. ``starts`` are the amounts under way at the start; ``cycles`` has a row a rate and a column
    an amount.
    """
    found = np.zeros(cycles.shape[0], dtype=np.int64)
    state = np.zeros(_WIDEST, dtype=np.int64)
    saved = np.zeros((_DEEPEST, _WIDEST), dtype=np.int64)
    left = np.zeros(_DEEPEST, dtype=np.int64)
    begun = np.zeros(_DEEPEST, dtype=np.int64)
    port = 2 if separate else 1
    load = port + 1
    store = load + load_slots
    size = store + load_slots
    for rate in range(cycles.shape[0]):
        state[:] = 0
        for slot in range(load_slots):
            state[1] += cycles[rate, starts[slot]]
            state[load + slot] = state[1]
        depth = 0
        place = 0
        while place < len(kinds):
            if kinds[place] == TILE:
                then, out = nexts[place], stores[place]
                advance(state, load, store, size, port, firsts[place], cycles, rate, out, then)
            elif kinds[place] == BEGIN:
                left[depth] = firsts[place]
                begun[depth] = place
                saved[depth, :size] = state[:size]
                depth += 1
            elif again(state, saved, left, depth - 1, size):
                place = begun[depth - 1]
            else:
                depth -= 1
            place += 1
        found[rate] = max(state[0], state[store:size].max())
    return found


@njit(cache=True)
def again(state: Any, saved: Any, left: Any, top: int, size: int) -> bool:
    """Whether a repetition goes on; where its state came back, only later, all that is left is skipped."""
    left[top] -= 1
    if left[top] <= 0:
        return False
    if repeats(state, saved, top, size):
        state[:size] += (state[0] - saved[top, 0]) * left[top]
        return False
    saved[top, :size] = state[:size]
    return True


@njit(cache=True)
def repeats(state: Any, saved: Any, top: int, size: int) -> bool:
    """Whether the state is the saved one, later."""
    shift = state[0] - saved[top, 0]
    for each in range(size):  # noqa: SIM110
        if state[each] - saved[top, each] != shift:
            return False
    return True


@njit(cache=True)
def advance(
    state: Any,
    load: int,
    store: int,
    size: int,
    port: int,
    compute: int,
    cycles: Any,
    rate: int,
    out: int,
    then: int,
) -> None:
    """Compute one tile, start the load that may take its slot, store its result."""
    now = max(state[0], state[load], state[store]) + compute
    for each in range(size):
        state[each] = max(state[each], now)
    state[0] = now
    if then >= 0:
        state[1] += cycles[rate, then]
        for each in range(load, store - 1):
            state[each] = state[each + 1]
        state[store - 1] = state[1]
    if cycles[rate, out] > 0:
        state[port] += cycles[rate, out]
        for each in range(store, size - 1):
            state[each] = state[each + 1]
        state[size - 1] = state[port]


@njit(cache=True)
def finish_chunks(loads: Any, compute: int, stores: Any, chunks: int, slots: int, separate: int) -> Any:
    """As ``finish`` for ``chunks`` equal pieces, as far as whole cycles can be equal.

    Of what does not divide, the first ones load and compute, the last store. ``loads`` and ``stores`` have an
    entry a rate.
    """
    found = np.zeros(len(loads), dtype=np.int64)
    state = np.zeros(_WIDEST, dtype=np.int64)
    amounts = np.zeros((1, 3), dtype=np.int64)
    port = 2 if separate else 1
    load = port + 1
    store = load + slots
    size = store + slots
    for rate in range(len(loads)):
        each_load, more_loads = loads[rate] // chunks, loads[rate] % chunks
        each_store, more_stores = stores[rate] // chunks, stores[rate] % chunks
        each_compute, more_computes = compute // chunks, compute % chunks
        loading = chunks if each_load > 0 else more_loads
        for place in range(size):
            state[place] = 0
        resident = 0 if loading > 0 else 1
        for slot in range(slots):
            which = slot - resident
            if 0 <= which < loading:
                state[1] += each_load + (1 if which < more_loads else 0)
            state[load + slot] = state[1]
        for chunk in range(chunks):
            upcoming = min(chunk + 1, loading) + slots - 1
            amounts[0, 1] = each_load + (1 if upcoming < more_loads else 0) if upcoming < loading else 0
            amounts[0, 2] = each_store + (1 if chunk >= chunks - more_stores else 0)
            reloads = chunk == chunks - 1 or chunk + 1 < loading
            steps = each_compute + (1 if chunk < more_computes else 0)
            advance(state, load, store, size, port, steps, amounts, 0, 2, 1 if reloads else -1)
        last = state[0]
        for each in range(store, size):
            last = max(last, state[each])
        found[rate] = last
    return found
