"""Search for a good core for each neuron, compiled: fill, move, swap."""

from __future__ import annotations

import numpy as np
from numba import njit

from hwsim.engines.neuromorphic.arrays import Flags, Floats, Ints, Positions

NOWHERE = -1


WORK = 2
"""The first so many resources are seconds of work, sending and receiving, which have no hard limit."""


@njit(cache=True)
def fill(
    cores: Ints, order: Ints, kinds: Ints, allowed: Flags, demand: Floats, limit: Floats, share: float
) -> int:
    """Give free neurons (``cores`` -1), in ``order``, to a core until it has its ``share`` of work, then on.

    ``demand`` is by neuron and resource, ``limit`` by core and resource. Whoever finds no core that way gets
    the first with room; the answer is who has none at all, or -1.
    """
    load = np.zeros_like(limit)
    for i in order:
        if cores[i] != NOWHERE:
            load[cores[i]] += demand[i]
    at = 0
    for i in order:
        if cores[i] != NOWHERE:
            continue
        while at < len(limit) - 1 and load[at, :WORK].sum() >= share:
            at += 1
        core = first_with_room(at, allowed[kinds[i]], load, demand[i], limit)
        if core == len(limit):
            core = first_with_room(0, allowed[kinds[i]], load, demand[i], limit)
        if core == len(limit):
            return int(i)
        cores[i] = core
        load[core] += demand[i]
    return NOWHERE


@njit(cache=True)
def first_with_room(start: int, allowed: Flags, load: Floats, demand: Floats, limit: Floats) -> int:
    """The first core from ``start`` on with room for a neuron; how many cores there are if none has."""
    core = start
    while core < len(limit) and not (allowed[core] and room(load[core], demand, limit[core])):
        core += 1
    return core


@njit(cache=True)
def room(load: Floats, demand: Floats, limit: Floats) -> bool:
    """Whether what a neuron demands fits; work is no hard limit."""
    return bool(np.all(load[WORK:] + demand[WORK:] <= limit[WORK:]))


@njit(cache=True)
def tally(begin: Ints, target: Positions, cores: Ints, count: int) -> Positions:
    """Synapses of each neuron into each core."""
    reach = np.zeros((len(begin) - 1, count), np.int32)
    for i in range(len(begin) - 1):
        for place in range(begin[i], begin[i + 1]):
            reach[i, cores[target[place]]] += 1
    return reach


@njit(cache=True)
def move(
    cores: Ints,
    kinds: Ints,
    free: Flags,
    allowed: Flags,
    demand: Floats,
    limit: Floats,
    heaviest: Floats,
    in_begin: Ints,
    sources: Positions,
    rate: Floats,
    reach: Positions,
) -> int:
    """One pass: each free neuron goes where most of what it hears is sent anyway; how many went.

    A spike is one message to each core it reaches, so that many messages fewer are sent. No core gets more
    than the ``heaviest`` work of either sort.
    """
    load = np.zeros_like(limit)
    for i in range(len(cores)):
        load[cores[i]] += demand[i]
    moved = 0
    for i in range(len(cores)):
        if not free[i] or in_begin[i] == in_begin[i + 1]:
            continue
        gain = heard(i, cores[i], in_begin, sources, rate, reach)
        best = cores[i]
        for core in range(len(limit)):
            better = gain[core] > gain[best] * (1 + 1e-12)
            light = np.all(load[core, :WORK] + demand[i, :WORK] <= heaviest)
            if better and light and allowed[kinds[i], core] and room(load[core], demand[i], limit[core]):
                best = core
        if best != cores[i]:
            for place in range(in_begin[i], in_begin[i + 1]):
                reach[sources[place], cores[i]] -= 1
                reach[sources[place], best] += 1
            load[cores[i]] -= demand[i]
            load[best] += demand[i]
            cores[i] = best
            moved += 1
    return moved


@njit(cache=True)
def heard(i: int, own: int, in_begin: Ints, sources: Positions, rate: Floats, reach: Positions) -> Floats:
    """By core: spikes that neuron i hears and that are sent there anyway, whether for it or not."""
    gain = np.zeros(reach.shape[1])
    place = in_begin[i]
    while place < in_begin[i + 1]:
        source, several = sources[place], 0
        while place < in_begin[i + 1] and sources[place] == source:
            several += 1
            place += 1
        for core in range(reach.shape[1]):
            others = reach[source, core] - (several if core == own else 0)
            if others > 0:
                gain[core] += rate[source]
    return gain


@njit(cache=True)
def swap(at: Ints, alike: Ints, traffic: Floats, distance: Floats, used: int) -> float:
    """One pass over pairs of cores: swap what is on them where that shortens the way of messages.

    ``at[k]`` is the core on which group k of neurons is; only cores that are ``alike`` are swapped. Returns
    what was gained in messages x hops.
    """
    gained = 0.0
    for first in range(used):
        for second in range(first + 1, len(at)):
            if alike[at[first]] != alike[at[second]]:
                continue
            change, near, far = 0.0, distance[at[first]], distance[at[second]]
            for other in range(used):
                if other not in (first, second):
                    there = at[other]
                    leaving = traffic[second, other] if second < used else 0.0
                    change += (traffic[first, other] - leaving) * (far[there] - near[there])
            if change < -1e-9:
                at[first], at[second] = at[second], at[first]
                gained -= change
    return gained
