"""The run, time step by time step: neurons, then messages, then a barrier; compiled."""

from __future__ import annotations

import numpy as np
from numba import njit

from hwsim.engines.neuromorphic.arrays import (
    Cores,
    Flags,
    Floats,
    Ints,
    Messages,
    Neurons,
    Outbox,
    Positions,
    Record,
    Routes,
    Synapses,
)
from hwsim.engines.neuromorphic.flit_kernels import flitwise
from hwsim.engines.neuromorphic.neuron_kernels import (
    FIRED,
    UPDATED,
    alif,
    egru,
    eif,
    izhikevich,
    lif,
    linear,
    loihi,
    truenorth,
)
from hwsim.engines.neuromorphic.traffic_kernels import (
    MOST_REORDERED,
    ORDERS,
    detailed,
    send,
    simple,
)


@njit(cache=True)
def run_steps(
    neurons: Neurons,
    synapses: Synapses,
    cores: Cores,
    messages: Messages,
    routes: Routes,
    link_buffer: float,
    passing: float,
    places: int,
    record: Record,
) -> tuple[Ints, Positions]:
    """Run all steps; fills ``record``, returns the raster: where each step begins, and who fired.

    ``passing`` is how many seconds a message is on a link, below 0 where links are not modelled by flits.
    """
    count = len(neurons.model)
    steps = len(record.simple)
    state = np.zeros((count, 4))
    state[:, 3] = 1.0
    current = np.zeros((synapses.steps, count * synapses.ports))
    arrived = np.zeros((synapses.steps, count), np.uint8)
    flags = np.zeros(count, np.uint8)
    next_train = neurons.train_begin[:-1].copy()
    out = Outbox(
        np.zeros(len(cores.begin), np.int64),
        np.empty(len(messages.core) + len(cores.begin), np.int32),
        np.empty(len(messages.core) + len(cores.begin)),
    )
    density = np.zeros(places)
    middle = (min(messages.core) + max(messages.core) + 1) // 2 if len(messages.core) else 0
    raster, begin = np.empty(count + 1024, np.int32), np.zeros(steps + 1, np.int64)
    for t in range(1, steps + 1):
        slot = t % synapses.steps
        update_all(neurons, state, current[slot], arrived[slot], flags, next_train, t)
        if begin[t - 1] + count > len(raster):
            longer = np.empty(2 * len(raster), np.int32)
            longer[: begin[t - 1]] = raster[: begin[t - 1]]
            raster = longer
        begin[t] = collect(neurons, flags, raster, begin[t - 1], t, record)
        deliver(synapses, raster[begin[t - 1] : begin[t]], state, current, arrived, t)
        send(cores, messages, flags, out, 0, 0)
        record.simple[t - 1], record.busiest[t - 1] = simple(messages, out, record.sent, record.received)
        if passing >= 0.0:
            record.detailed[t - 1] = flitwise(messages, routes, out, int(link_buffer), passing, places)
        else:
            record.detailed[t - 1] = held_up(
                cores, messages, routes, flags, out, link_buffer, density, middle
            )
    return begin, raster[: begin[steps]]


@njit(cache=True)
def held_up(
    cores: Cores,
    messages: Messages,
    routes: Routes,
    flags: Flags,
    out: Outbox,
    link_buffer: float,
    density: Floats,
    middle: int,
) -> float:
    """Seconds of a step whose messages are in ``out``: the mean over all orders where there are few."""
    total = detailed(messages, routes, out, link_buffer, density)
    if out.begin[-1] > MOST_REORDERED:
        return total
    for order in range(1, ORDERS):
        send(cores, messages, flags, out, order, middle)
        total += detailed(messages, routes, out, link_buffer, density)
    return total / ORDERS


@njit(cache=True)
def update_all(
    neurons: Neurons,
    state: Floats,
    current: Floats,
    arrived: Flags,
    flags: Flags,
    next_train: Ints,
    t: int,
) -> None:
    """The neuron phase, model by model: every neuron reads what is due, which is taken away, and decides."""
    p, begin = neurons.parameters, neurons.member_begin
    due(neurons, neurons.members[begin[0] : begin[1]], current, arrived, flags, next_train, t)
    lif(p, state, neurons.members[begin[1] : begin[2]], current, arrived, flags, t)
    truenorth(p, state, neurons.members[begin[2] : begin[3]], current, arrived, flags, t, neurons.seed)
    linear(p, state, neurons.members[begin[3] : begin[4]], current, arrived, flags)
    alif(p, state, neurons.members[begin[4] : begin[5]], current, arrived, flags)
    eif(p, state, neurons.members[begin[5] : begin[6]], current, arrived, flags, t)
    izhikevich(p, state, neurons.members[begin[6] : begin[7]], current, arrived, flags, t)
    loihi(p, state, neurons.members[begin[7] : begin[8]], current, arrived, flags)
    egru(p, state, neurons.members[begin[8] : begin[9]], current, arrived, flags)


@njit(cache=True)
def due(
    neurons: Neurons,
    members: Ints,
    current: Floats,
    arrived: Flags,
    flags: Flags,
    next_train: Ints,
    t: int,
) -> None:
    """Input neurons fire where their trains have a spike at step ``t``; what they hear is dropped."""
    for i in members:
        current[i], arrived[i], flags[i] = 0.0, 0, 0
        place = next_train[i]
        if place < neurons.train_begin[i + 1] and neurons.trains[place] == t:
            next_train[i] = place + 1
            flags[i] = UPDATED | FIRED


@njit(cache=True)
def collect(neurons: Neurons, flags: Flags, raster: Positions, begin: int, t: int, record: Record) -> int:
    """List who fired from ``begin`` of the raster, count updates and events; where the list ends."""
    end = begin
    for i in range(len(flags)):
        if flags[i]:
            record.updates[t - 1, neurons.unit[i]] += 1
            record.updates_of[i] += 1
            if flags[i] & FIRED:
                raster[end] = i
                end += 1
                record.spikes_of[i] += 1
                for kind in range(record.events.shape[1]):
                    record.events[t - 1, kind] += neurons.actions[i, kind]
    return end


@njit(cache=True)
def deliver(
    synapses: Synapses, fired: Positions, state: Floats, current: Floats, arrived: Flags, t: int
) -> None:
    """The message phase: every synapse of whoever fired adds its weight to what its target reads later, times
    the value that the spike carries.
    """
    count = arrived.shape[1]
    for i in fired:
        value = state[i, 3]
        for place in range(synapses.begin[i], synapses.begin[i + 1]):
            slot = (t + 1 + synapses.delay[place]) % synapses.steps
            target = synapses.target[place]
            current[slot, target] += value * synapses.weight[place]
            arrived[slot, target % count] = 1
