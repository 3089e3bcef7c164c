"""The time of one time step: messages through units and mesh, compiled.

``simple`` adds up what each core sends and receives; ``detailed`` sends the messages in the order of time and
holds them up where links are full. Both as hwsim's SANA-FE reference defines them (section "Time"). That
leaves open which of the messages of one spike goes first, so a step of few messages is the mean over four
orders: cores ascending from the lowest or from one in the middle on, and both backwards.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from hwsim.engines.neuromorphic.arrays import Cores, Flags, Floats, Ints, Messages, Outbox, Routes

PLACEHOLDER = -1
"""A "message" that only takes the time of neurons visited after the last message of a core."""


ORDERS = 4
"""Orders of one spike's messages over which the time of a step is averaged."""
MOST_REORDERED = 1024
"""Messages of a step above which its time is that of the first order: it hardly depends on the order then."""


@njit(cache=True)
def send(cores: Cores, messages: Messages, flags: Flags, out: Outbox, order: int, middle: int) -> None:
    """Visit every neuron of every core in turn; write the messages of the step and when each is generated.

    ``out.begin[c]`` is where core c's messages begin. A message's generation delay is what its core did since
    the message before. A spike's messages go in one of ``ORDERS``; ``middle`` is the core where two begin.
    """
    count = 0
    message, delay = out.message, out.delay
    for core in range(len(cores.begin) - 1):
        out.begin[core] = count
        gathered = 0.0
        for slot in range(cores.begin[core], cores.begin[core + 1]):
            neuron = cores.neurons[slot]
            flag = flags[neuron]
            gathered += cores.visit_latency[neuron]
            if flag & 1:
                gathered += cores.update_latency[neuron]
            if flag & 2:
                gathered += cores.spike_latency[neuron]
                first, end = cores.message_begin[neuron], cores.message_begin[neuron + 1]
                start = first + below(messages, first, end, middle) if order % 2 else first
                for place in range(end - first):
                    turned = end - first - 1 - place if order >= 2 else place
                    message[count] = first + (start - first + turned) % (end - first)
                    delay[count] = gathered + cores.send_latency[core]
                    gathered = 0.0
                    count += 1
        if gathered > 0.0:
            message[count] = PLACEHOLDER
            delay[count] = gathered
            count += 1
    out.begin[len(cores.begin) - 1] = count


@njit(cache=True)
def below(messages: Messages, first: int, end: int, middle: int) -> int:
    """How many of the messages ``first`` to ``end`` of a spike go to cores below ``middle``."""
    many = 0
    while first + many < end and messages.core[first + many] < middle:
        many += 1
    return many


@njit(cache=True)
def simple(messages: Messages, out: Outbox, sent: Floats, received: Floats) -> tuple[float, int]:
    """Seconds of the busiest core, sending or receiving, and which: twice its number, one more if receiving.

    Adds up what each core does in ``sent`` and ``received``.
    """
    cores = len(out.begin) - 1
    into = np.zeros(cores)
    longest, busiest = 0.0, 0
    for core in range(cores):
        total = 0.0
        for place in range(out.begin[core], out.begin[core + 1]):
            total += out.delay[place]
            number = out.message[place]
            if number != PLACEHOLDER:
                into[messages.core[number]] += messages.delay[number]
        sent[core] += total
        if total > longest:
            longest, busiest = total, 2 * core
    for core in range(cores):
        received[core] += into[core]
        if into[core] > longest:
            longest, busiest = into[core], 2 * core + 1
    return longest, busiest


@njit(cache=True)
def detailed(messages: Messages, routes: Routes, out: Outbox, link_buffer: float, density: Floats) -> float:
    """Seconds of the step with links that fill up; ``density`` is zero before and after.

    The core with the earliest next message goes first, the lower number on equal times.
    """
    cores = len(out.begin) - 1
    position = out.begin.copy()
    ready, heap, waiting = np.empty(cores), np.empty(cores, np.int64), 0
    for core in range(cores):
        if position[core] < out.begin[core + 1]:
            ready[core] = out.delay[position[core]]
            heap[waiting] = core
            waiting += 1
            rise(heap, ready, waiting - 1)
    free = np.zeros(cores)
    arrival = np.empty(out.begin[cores])
    flying, flights = np.empty(out.begin[cores], np.int64), 0
    mean, end = 0.0, 0.0
    while waiting > 0:
        core = heap[0]
        place = position[core]
        while flights > 0 and arrival[flying[0]] <= ready[core]:
            gone = out.message[flying[0]]
            flights -= 1
            flying[0] = flying[flights]
            sink(flying, arrival, flights)
            mean = leave(messages, routes, gone, mean, flights, density)
        number = out.message[place]
        if number != PLACEHOLDER:
            sent, travel = crowded(messages, routes, number, ready[core], mean, link_buffer, density)
            ready[core] = sent
            target = messages.core[number]
            arrival[place] = max(free[target], sent + travel)
            free[target] = arrival[place] + messages.delay[number]
            end = max(end, free[target])
            enter(messages, routes, number, density)
            mean += (messages.delay[number] - mean) / (flights + 1)
            flying[flights] = place
            flights += 1
            rise(flying, arrival, flights - 1)
        end = max(end, ready[core])
        position[core] = place + 1
        if place + 1 < out.begin[core + 1]:
            ready[core] += out.delay[place + 1]
        else:
            waiting -= 1
            heap[0] = heap[waiting]
        sink(heap, ready, waiting)
    density[:] = 0.0
    return end


@njit(cache=True)
def crowded(
    messages: Messages,
    routes: Routes,
    number: int,
    now: float,
    mean: float,
    link_buffer: float,
    density: Floats,
) -> tuple[float, float]:
    """When a message ready ``now`` is sent, and how long it travels, with what is on its route already."""
    route = messages.route[number]
    places = routes.begin[route + 1] - routes.begin[route]
    full = 0.0
    for step in range(routes.begin[route], routes.begin[route + 1]):
        full += density[routes.place[step]]
    capacity = places * link_buffer
    if full > capacity:
        now += (full - capacity) * mean
    return now, max(routes.latency[route], full * mean / places)


@njit(cache=True)
def enter(messages: Messages, routes: Routes, number: int, density: Floats) -> None:
    """Put a message on the links of its route: an equal share on each, one share left for its receiver."""
    route = messages.route[number]
    places = routes.begin[route + 1] - routes.begin[route]
    for step in range(routes.begin[route], routes.begin[route + 1]):
        density[routes.place[step]] += 1.0 / (places + 1)


@njit(cache=True)
def leave(messages: Messages, routes: Routes, number: int, mean: float, left: int, density: Floats) -> float:
    """Take a message off the links of its route; the mean processing delay of the ``left`` messages."""
    route = messages.route[number]
    places = routes.begin[route + 1] - routes.begin[route]
    for step in range(routes.begin[route], routes.begin[route + 1]):
        density[routes.place[step]] -= 1.0 / (places + 1)
    remaining: float = mean - messages.delay[number]
    return mean + remaining / left if left else 0.0


@njit(cache=True)
def before(first: int, second: int, key: Floats) -> bool:
    """Whether ``first`` comes before ``second``: by key, on equal keys by number."""
    if key[first] == key[second]:
        return first < second
    return bool(key[first] < key[second])


@njit(cache=True)
def rise(heap: Ints, key: Floats, place: int) -> None:
    """Move the entry at ``place`` of a binary heap towards the top until it is in order."""
    while place > 0:
        parent = (place - 1) // 2
        if not before(heap[place], heap[parent], key):
            return
        heap[place], heap[parent] = heap[parent], heap[place]
        place = parent


@njit(cache=True)
def sink(heap: Ints, key: Floats, size: int) -> None:
    """Move the top entry of a binary heap of ``size`` entries down until it is in order."""
    place = 0
    while 2 * place + 1 < size:
        child = 2 * place + 1
        if child + 1 < size and before(heap[child + 1], heap[child], key):
            child += 1
        if not before(heap[child], heap[place], key):
            return
        heap[place], heap[child] = heap[child], heap[place]
        place = child
