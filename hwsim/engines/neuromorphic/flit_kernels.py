"""The time of one time step where messages pass links flit by flit, through buffers of finite room; compiled.

Virtual cut-through along x, then y. A message's head enters a link once the link has passed the last flit of
the message before, and once there is room: the message as many places earlier as the buffer has room for must
have left. A core takes a message when its last flit is there and the one before is handled: a slow receiver
holds messages up back to their senders. On every link messages keep the order in which they were sent; that,
not the turns of an arbiter, is the model's simplification.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from hwsim.engines.neuromorphic.arrays import Floats, Ints, Messages, Outbox, Routes
from hwsim.engines.neuromorphic.traffic_kernels import PLACEHOLDER, rise, sink


@njit(cache=True)
def flitwise(
    messages: Messages, routes: Routes, out: Outbox, room: int, passing: float, places: int
) -> float:
    """Seconds of the step: ``room`` messages wait at a link, ``passing`` seconds is one message on it."""
    cores = len(out.begin) - 1
    position = out.begin.copy()
    ready, heap, waiting = np.empty(cores), np.empty(cores, np.int64), 0
    for core in range(cores):
        if position[core] < out.begin[core + 1]:
            ready[core] = out.delay[position[core]]
            heap[waiting] = core
            waiting += 1
            rise(heap, ready, waiting - 1)
    left, slot = np.zeros((places, room)), np.zeros(places, np.int64)
    free, idle = np.zeros(places), np.zeros(cores)
    end = 0.0
    while waiting > 0:
        core = heap[0]
        number = out.message[position[core]]
        if number != PLACEHOLDER:
            ready[core] = passed(messages, routes, number, ready[core], passing, left, slot, free, idle)
            end = max(end, idle[messages.core[number]])
        end = max(end, ready[core])
        position[core] += 1
        if position[core] < out.begin[core + 1]:
            ready[core] += out.delay[position[core]]
        else:
            waiting -= 1
            heap[0] = heap[waiting]
        sink(heap, ready, waiting)
    return end


@njit(cache=True)
def passed(
    messages: Messages,
    routes: Routes,
    number: int,
    now: float,
    passing: float,
    left: Floats,
    slot: Ints,
    free: Floats,
    idle: Floats,
) -> float:
    """Send a message that is ready ``now``; when its head leaves the core.

    ``left[p]`` are the times at which the last messages left place p, in a ring that begins with the earliest
    at ``slot[p]``; ``free[p]`` is when its link is, ``idle[c]`` when core c is.
    """
    route = messages.route[number]
    sent, head, before = now, now, -1
    for step in range(routes.begin[route], routes.begin[route + 1]):
        place = routes.place[step]
        entered = max(head + routes.hop[step], free[place], left[place, slot[place]])
        free[place] = entered + passing
        if before < 0:
            sent = entered
        else:
            vacate(left, slot, before, entered + passing)
        head, before = entered, place
    target = messages.core[number]
    taken = max(head + passing, idle[target])
    vacate(left, slot, before, taken)
    idle[target] = taken + messages.delay[number]
    return sent


@njit(cache=True)
def vacate(left: Floats, slot: Ints, place: int, time: float) -> None:
    """Note that a message left a place."""
    left[place, slot[place]] = time
    slot[place] = (slot[place] + 1) % left.shape[1]
