"""What a program is to the kernels: named tuples of arrays, which compiled code takes as they are."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Positions = NDArray[np.int32]
Flags = NDArray[np.uint8]


class Neurons(NamedTuple):
    """By neuron: ``model``, ``parameters``, the soma unit it is on, the begin of its spike train in
    ``trains``, and ``actions``: how often each kind of event happens when it fires. Neurons of model m are
    ``members`` from ``member_begin[m]`` on.
    """

    model: Ints
    member_begin: Ints
    members: Ints
    parameters: Floats
    unit: Ints
    train_begin: Ints
    trains: Ints
    actions: NDArray[np.int32]
    seed: int


class Synapses(NamedTuple):
    """The synapses of neuron i are ``begin[i]`` to ``begin[i + 1]``; ``steps`` is one more than the longest
    delay. A ``target`` is a neuron plus as many neurons as there are, times its port of ``ports``.
    """

    begin: Ints
    target: Positions
    weight: Floats
    delay: Positions
    steps: int
    ports: int


class Cores(NamedTuple):
    """``neurons[begin[c]:begin[c + 1]]`` are core c's; latencies in seconds, by neuron, of ``send`` by core;
    the messages of a spike of neuron i are ``message_begin[i]`` to ``message_begin[i + 1]``.
    """

    begin: Ints
    neurons: Ints
    message_begin: Ints
    visit_latency: Floats
    update_latency: Floats
    spike_latency: Floats
    send_latency: Floats


class Messages(NamedTuple):
    """By message: the core it goes to, seconds of work there, and its route."""

    core: Positions
    delay: Floats
    route: Positions


class Routes(NamedTuple):
    """The links of route r are ``place[begin[r]:begin[r + 1]]``, each with the seconds of the ``hop`` into
    it; ``latency``: of all its hops.
    """

    begin: Ints
    place: Ints
    hop: Floats
    latency: Floats


class Outbox(NamedTuple):
    """The messages of one step, those of core c from ``begin[c]``; ``delay`` is seconds to generate each."""

    begin: Ints
    message: Positions
    delay: Floats


class Record(NamedTuple):
    """What a run leaves. By step (first axis): events of each kind, updates of each soma unit, seconds
    without the barrier, and what is busiest: twice the core, one more if it is receiving. By neuron: spikes,
    updates. By core: seconds sending and receiving.
    """

    events: Ints
    updates: Ints
    simple: Floats
    detailed: Floats
    busiest: Ints
    spikes_of: Ints
    updates_of: Ints
    sent: Floats
    received: Floats
