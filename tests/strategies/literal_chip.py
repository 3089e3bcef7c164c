"""The chip's rules written out one spike at a time, without arrays: what the compiled kernels must equal.

Follows the section "One time step" and "Time" of hwsim's SANA-FE reference, object by object.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import groupby


@dataclass
class LiteralNeuron:
    core: int
    bias: float = 0.0
    leak_decay: float = 1.0
    input_decay: float = 0.0
    threshold: float = 0.0
    refractory_delay: int = 0
    soft: bool = False
    v: float = 0.0
    u: float = 0.0
    refractory: int = 0
    due: dict[int, list[float]] = field(default_factory=dict)

    def step(self, t: int) -> tuple[bool, bool]:
        arrived = self.due.pop(t, [])
        updated = self.v != 0 or bool(arrived) or self.bias != 0
        if t > 1:
            self.u *= self.input_decay
            self.v *= self.leak_decay
        self.v = math.trunc(64 * self.v) / 64
        fired = False
        if self.refractory == 0:
            self.v += self.bias
            self.u += sum(arrived)
            self.v += self.u
            fired = self.v > self.threshold
            if fired:
                self.v = self.v - self.threshold if self.soft else 0.0
                self.refractory = self.refractory_delay
        self.refractory = max(0, self.refractory - 1)
        return updated or fired, fired


@dataclass
class LiteralRun:
    fired: list[list[int]]
    updated: list[int]
    packets: int = 0
    hops: int = 0
    events: int = 0
    simple: float = 0.0
    detailed: float = 0.0


def run_literally(neurons, edges, costs, steps) -> LiteralRun:
    """``edges`` are (source, target, weight); ``costs`` has the latencies and the mesh."""
    run = LiteralRun([], [])
    cores = max(neuron.core for neuron in neurons) + 1
    heard = [neurons[dst].core for _, dst, _ in edges] or [0]
    middle = (min(heard) + max(heard) + 1) // 2
    for t in range(1, steps + 1):
        updated, messages = 0, [[] for _ in range(cores)]
        fired_now = []
        for core in range(cores):
            gathered = 0.0
            for number, neuron in enumerate(neurons):
                if neuron.core != core:
                    continue
                was_updated, fired = neuron.step(t)
                updated += was_updated
                gathered += costs["access"] + was_updated * costs["update"] + fired * costs["spike"]
                if fired:
                    fired_now.append(number)
                    for target in sorted({neurons[dst].core for src, dst, _ in edges if src == number}):
                        here = [dst for src, dst, _ in edges if src == number and neurons[dst].core == target]
                        work = costs["axon_in"] + len(here) * costs["synapse"]
                        messages[core].append((target, gathered + costs["axon_out"], work, number))
                        gathered = 0.0
                        run.packets += 1
                        run.events += len(here)
                        run.hops += abs(target // costs["height"] - core // costs["height"])
                        run.hops += abs(target % costs["height"] - core % costs["height"])
            if gathered > 0:
                messages[core].append((None, gathered, 0.0, None))
        for number in sorted(fired_now):
            for src, dst, weight in edges:
                if src == number:
                    neurons[dst].due.setdefault(t + 1, []).append(weight)
        run.fired.append(sorted(fired_now))
        run.updated.append(updated)
        run.simple += _simple(messages)
        run.detailed += sum(_detailed(_ordered(messages, order, middle), costs) for order in range(4)) / 4
    return run


def _ordered(messages, order, middle):
    """Each spike's messages in one of four orders: cores ascending, or from ``middle`` on; both backwards."""
    turn = middle if order % 2 else 0
    return [
        [
            each
            for _, spike in groupby(queue, key=lambda each: each[3])
            for each in _turned(list(spike), turn, order >= 2)
        ]
        for queue in messages
    ]


def _turned(spike, middle, backwards):
    if spike[0][0] is None:
        return spike
    turned = [each for each in spike if each[0] >= middle] + [each for each in spike if each[0] < middle]
    if backwards:
        turned = turned[::-1]
    return [(to, before[1], work, who) for before, (to, _, work, who) in zip(spike, turned, strict=True)]


def _simple(messages) -> float:
    sent = [sum(delay for _, delay, *_ in queue) for queue in messages]
    received = [
        sum(work for queue in messages for target, _, work, _ in queue if target == core)
        for core in range(len(messages))
    ]
    return max(*sent, *received, 0.0)


def _detailed(messages, costs) -> float:
    """One core a tile; every hop takes ``hop`` seconds."""
    queues = [list(queue) for queue in messages]
    sent = [queue[0][1] if queue else None for queue in queues]
    flying, free, end, mean = [], [0.0] * len(queues), 0.0, 0.0
    while any(queues):
        now, core = min((sent[core], core) for core, queue in enumerate(queues) if queue)
        for gone in sorted((each for each in flying if each[0] <= now), key=lambda each: (each[0], each[3])):
            flying.remove(gone)
            mean = mean + (mean - gone[2]) / len(flying) if flying else 0.0
        target, _, work, _ = queues[core].pop(0)
        if target is not None:
            route = _route(core, target, costs["height"])
            full = sum(1 / (len(other[1]) + 1) for place in route for other in flying if place in other[1])
            now += max(0.0, full - len(route) * costs["link_buffer"]) * mean
            travel = max((len(route) - 1) * costs["hop"], full * mean / len(route))
            receive = max(free[target], now + travel)
            free[target] = receive + work
            flying.append((receive, route, work, len(flying) + 1000 * (run_count := len(flying))))
            mean += (work - mean) / (run_count + 1)
            end = max(end, free[target])
        end = max(end, now)
        sent[core] = now + queues[core][0][1] if queues[core] else None
    return end


def _route(source, target, height):
    x, y = divmod(source, height)
    x_end, y_end = divmod(target, height)
    route = [(x, y, "core")]
    while (x, y) != (x_end, y_end):
        if x != x_end:
            step = 1 if x < x_end else -1
            x, link = x + step, "east" if step > 0 else "west"
        else:
            step = 1 if y < y_end else -1
            y, link = y + step, "north" if step > 0 else "south"
        route.append((x, y, link))
    return route
