"""Prices and tolls by turns, and the outlook of every state that follows from them."""

from __future__ import annotations

import math
import time

import numpy as np
from numpy.typing import NDArray

from hwsim.schedule.indexed import Indexed, in_order
from hwsim.schedule.lattice.downsets import Downsets
from hwsim.schedule.lattice.facts import Facts, Ints, facts_of
from hwsim.schedule.lattice.states import SCALE, Outlook
from hwsim.schedule.lattice.tolls import (
    ALIVE,
    NEVER,
    Bounds,
    bound_at_start,
    bounds_of,
    fixed_part,
    level,
    look_ahead,
    usage,
)

_SWEEPS = 40
_STEPS, _FIRST_STEPS = 25, 400
_STEP, _LEAST_STEP, _PATIENCE = 1.0, 0.02, 6
_MEMORY = 0.5
# Shares of what is left to prove: a round that gains less is the last one, of sweeps and of all.
_SWEEP_GAIN, _ROUND_GAIN = 0.002, 0.01


def grain_of(indexed: Indexed) -> int:
    """What all costs are multiples of."""
    return math.gcd(*indexed.fetch_cost, *indexed.writeback_cost) or 1


def prices_along(indexed: Indexed, order: tuple[int, ...], ceiling: int, deadline: float) -> Ints:
    """Good prices for one order of the operators: a lattice of one way."""
    facts = facts_of(in_order(indexed, order))
    downsets = Downsets(facts, indexed.operators + 2)
    if not downsets.grow_whole():
        return np.zeros(indexed.operators, np.int64)
    bounds = bounds_of(downsets, np.zeros(indexed.operators, np.int64))
    _steps(downsets, bounds, ceiling, _FIRST_STEPS, deadline)
    return bounds.room


def settle(downsets: Downsets, bounds: Bounds, ceiling: int, deadline: float) -> None:
    """Tolls and prices by turns until little is gained or the bound reaches the ceiling."""
    facts, reached = downsets.facts, bound_at_start(downsets.facts, bounds)
    while time.monotonic() < deadline:
        _sweeps(downsets, bounds, ceiling, deadline)
        _steps(downsets, bounds, ceiling, _STEPS, deadline)
        now, left = bound_at_start(facts, bounds), ceiling * SCALE - reached
        if now - reached < _ROUND_GAIN * left or _is_met(facts, bounds, ceiling):
            return
        reached = now


def outlook_of(downsets: Downsets, bounds: Bounds, grain: int) -> Outlook:
    """What the bounds say of every state."""
    lattice, facts = downsets.lattice, downsets.facts
    column = np.zeros(len(facts.size), np.int64)
    column[bounds.tensors] = np.arange(len(bounds.tensors))
    owner = np.repeat(np.arange(downsets.nodes), np.diff(lattice.live_at[: downsets.nodes + 1]))
    tensor = column[lattice.live[: downsets.lives]]
    dirty, clean, away = (bounds.ahead[owner, tensor, state] for state in range(3))
    apart = np.where(bounds.phase == ALIVE, 0, bounds.ahead[:, :, 0]).sum(axis=1)
    rest = np.minimum(apart + _fixed_ahead(downsets, bounds), NEVER)
    return Outlook(dirty, clean, away, rest, bounds.through < NEVER, grain)


def no_outlook(downsets: Downsets, grain: int) -> Outlook:
    """Nothing is known of what is still to be paid."""
    nothing = np.zeros(len(downsets.lattice.live), np.int64)
    everything: NDArray[np.bool_] = np.ones(len(downsets.lattice.edge_to), np.bool_)
    return Outlook(nothing, nothing, nothing, nothing, everything, grain)


def _is_met(facts: Facts, bounds: Bounds, ceiling: int) -> bool:
    return bool((bounds.through >= NEVER).all()) or bound_at_start(facts, bounds) > (ceiling - 1) * SCALE


def _sweeps(downsets: Downsets, bounds: Bounds, ceiling: int, deadline: float) -> None:
    facts, lattice = downsets.facts, downsets.lattice
    reached = bound_at_start(facts, bounds)
    for _ in range(_SWEEPS):
        level(facts, lattice, bounds, True)
        level(facts, lattice, bounds, False)
        _strike_out(downsets, bounds, ceiling)
        now = bound_at_start(facts, bounds)
        if now - reached < _SWEEP_GAIN * (ceiling * SCALE - now) or time.monotonic() > deadline:
            return
        reached = now


def _strike_out(downsets: Downsets, bounds: Bounds, ceiling: int) -> None:
    """Give up edges over which nothing is below the ceiling."""
    hopeless = (bounds.through > (ceiling - 1) * SCALE) & (bounds.through < NEVER)
    if hopeless.any():
        bounds.through[hopeless] = NEVER
        look_ahead(downsets.facts, downsets.lattice, bounds)


def _steps(downsets: Downsets, bounds: Bounds, ceiling: int, count: int, deadline: float) -> None:
    """Steps along subgradients (Held, Wolfe and Crowder 1974), towards the ceiling; the best prices stay."""
    facts, lattice = downsets.facts, downsets.lattice
    best, best_room = bound_at_start(facts, bounds), bounds.room.copy()
    now, room, step, idle = best, best_room.astype(np.float64), _STEP, 0
    direction, used = np.zeros(len(room)), np.zeros(len(room), np.int64)
    for _ in range(count):
        usage(facts, lattice, bounds, used)
        direction = _MEMORY * direction + (1 - _MEMORY) * (used + facts.demand - facts.capacity)
        length = float(direction @ direction)
        if not length or step < _LEAST_STEP or best >= ceiling * SCALE or time.monotonic() > deadline:
            break
        room = np.maximum(0.0, room + step * (ceiling * SCALE - now) / length * direction)
        bounds.room[:] = np.rint(room).astype(np.int64)
        look_ahead(facts, lattice, bounds)
        now, idle = bound_at_start(facts, bounds), idle + 1
        if now > best:
            best, best_room, idle = now, bounds.room.copy(), 0
        elif idle == _PATIENCE:
            step, idle, now, room = step / 2, 0, best, best_room.astype(np.float64)
            direction[:] = 0
            bounds.room[:] = best_room
            look_ahead(facts, lattice, bounds)
    bounds.room[:] = best_room
    look_ahead(facts, lattice, bounds)


def _fixed_ahead(downsets: Downsets, bounds: Bounds) -> Ints:
    """By downset, the fixed part of all operators outside it."""
    lattice, each = downsets.lattice, fixed_part(downsets.facts, bounds)
    ahead = np.zeros(downsets.nodes, np.int64)
    source = np.repeat(np.arange(downsets.nodes), np.diff(lattice.edge_at[: downsets.nodes + 1]))
    target, operator = lattice.edge_to[: downsets.edges], lattice.edge_operator[: downsets.edges]
    ahead[0] = each.sum()
    edge_at = lattice.edge_at[downsets.layers[:-1]]
    for first, stop in zip(edge_at, [*edge_at[1:], downsets.edges], strict=True):
        ahead[target[first:stop]] = ahead[source[first:stop]] - each[operator[first:stop]]
    return ahead
