"""One time step of all neurons of one model, a function a model, compiled.

Each goes through its ``members`` i: the parameters ``p[i]`` (order of :mod:`hwsim.workload.spiking.models`),
the state ``s[i]`` (v, u, extra, the value that a spike carries: 1 where the model does not set it), the input
``current`` and whether any ``arrived``, which it takes away, and the step ``t`` counted from 1. It writes
``UPDATED`` and ``FIRED`` as bits of ``flags[i]``. Functions of one neuron would cost four times as much:
compiled code counts references to arrays at each call.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.uint8]

UPDATED = 1
FIRED = 2


@njit(cache=True)
def lif(p: Floats, s: Floats, members: Ints, current: Floats, arrived: Flags, flags: Flags, t: int) -> None:
    """Leaky integrate and fire: the rules of hwsim's SANA-FE reference, section "One time step".

    A neuron that is refractory loses its input; its potential and current decay all the same.
    """
    for i in members:
        x, came = current[i], arrived[i] != 0
        current[i], arrived[i] = 0.0, 0
        v, u = s[i, 0], s[i, 1]
        updated = v != 0.0 or came or p[i, 2] != 0.0
        if t > 1:
            u *= p[i, 1]
            v *= p[i, 0]
        quantum = p[i, 9]
        if quantum > 0.0:
            v = np.trunc(v * quantum) / quantum
        fired = False
        if s[i, 2] == 0.0:
            v += p[i, 2]
            u += x
            v += u
            threshold = p[i, 3]
            fired = v > threshold or (p[i, 10] != 0.0 and v == threshold)
            if fired:
                v = crossed(v, threshold, p[i, 4], p[i, 5])
                s[i, 2] = p[i, 6]
            elif v < p[i, 7]:
                v = crossed(v, p[i, 7], p[i, 4], p[i, 8])
        if s[i, 2] > 0.0:
            s[i, 2] = max(0.0, s[i, 2] - 1.0)
        s[i, 0], s[i, 1] = v, u
        flags[i] = outcome(updated, fired)


@njit(cache=True)
def truenorth(
    p: Floats, s: Floats, members: Ints, current: Floats, arrived: Flags, flags: Flags, t: int, seed: int
) -> None:
    """TrueNorth's neuron: the same section; a stochastic threshold (Cassidy et al., IJCNN 2013) adds a random
    number of the bits of ``threshold_mask``.
    """
    for i in members:
        x, came = current[i], arrived[i] != 0
        current[i], arrived[i] = 0.0, 0
        v = s[i, 0]
        updated = v != 0.0 or came or p[i, 1] != 0.0
        if v > 0.0:
            v -= p[i, 0]
        elif v < 0.0:
            v += p[i, 0]
        v += p[i, 1] + x
        threshold = p[i, 2]
        if p[i, 7] > 0.0:
            threshold += hashed(seed, i, t) & int(p[i, 7])
        fired = v >= threshold
        if fired:
            v = crossed(v, threshold, p[i, 3], p[i, 4])
        elif v <= p[i, 5]:
            v = crossed(v, p[i, 5], p[i, 3], p[i, 6])
        s[i, 0] = v
        flags[i] = outcome(updated, fired)


@njit(cache=True)
def linear(p: Floats, s: Floats, members: Ints, current: Floats, arrived: Flags, flags: Flags) -> None:
    """Two linear states and a threshold: what I, LI, IF, LIF, CubaLI, CubaLIF of NIR become in time steps."""
    for i in members:
        x, came = current[i], arrived[i] != 0
        current[i], arrived[i] = 0.0, 0
        v, u = s[i, 0], s[i, 1]
        updated = v != 0.0 or u != 0.0 or came or p[i, 5] != 0.0 or p[i, 9] != 0.0
        u = p[i, 0] * u + p[i, 1] * x + p[i, 9]
        v = p[i, 2] * v + p[i, 3] * u + p[i, 4] * x + p[i, 5]
        fired = v > p[i, 6]
        if fired:
            if p[i, 10] != 0.0:
                s[i, 3] = v
            v = crossed(v, p[i, 6], p[i, 7], p[i, 8])
        s[i, 0], s[i, 1] = v, u
        flags[i] = outcome(updated, fired)


@njit(cache=True)
def alif(p: Floats, s: Floats, members: Ints, current: Floats, arrived: Flags, flags: Flags) -> None:
    """The linear neuron with an adaptive threshold (Bellec et al., NeurIPS 2018)."""
    for i in members:
        x, came = current[i], arrived[i] != 0
        current[i], arrived[i] = 0.0, 0
        v, u, raised = s[i, 0], s[i, 1], s[i, 2]
        updated = v != 0.0 or u != 0.0 or came or p[i, 5] != 0.0 or raised != 0.0
        u = p[i, 0] * u + p[i, 1] * x
        v = p[i, 2] * v + p[i, 3] * u + p[i, 4] * x + p[i, 5]
        threshold = p[i, 6] + raised
        fired = v > threshold
        raised *= p[i, 9]
        if fired:
            v = crossed(v, threshold, p[i, 7], p[i, 8])
            raised += p[i, 10]
        s[i, 0], s[i, 1], s[i, 2] = v, u, raised
        flags[i] = outcome(updated, fired)


@njit(cache=True)
def eif(p: Floats, s: Floats, members: Ints, current: Floats, arrived: Flags, flags: Flags, t: int) -> None:
    """Exponential integrate and fire (Fourcaud-Trocme et al., J. Neurosci. 2003, eq. 2), one Euler step."""
    for i in members:
        x = current[i]
        current[i], arrived[i] = 0.0, 0
        v = p[i, 2] if t == 1 else s[i, 0]
        upswing = p[i, 4] * math.exp(min((v - p[i, 5]) / p[i, 4], 60.0))
        v += p[i, 0] / p[i, 1] * (p[i, 2] - v + upswing + p[i, 3] * (x + p[i, 6]))
        fired = v > p[i, 7]
        s[i, 0] = p[i, 8] if fired else v
        flags[i] = outcome(True, fired)


@njit(cache=True)
def izhikevich(
    p: Floats, s: Floats, members: Ints, current: Floats, arrived: Flags, flags: Flags, t: int
) -> None:
    """Izhikevich's neuron (IEEE TNN 2003), one Euler step; it starts at v = c, u = b v."""
    for i in members:
        x = current[i]
        current[i], arrived[i] = 0.0, 0
        v, u = s[i, 0], s[i, 1]
        if t == 1:
            v, u = p[i, 2], p[i, 1] * p[i, 2]
        dt = p[i, 6]
        rate = 0.04 * v * v + 5.0 * v + 140.0 - u + x + p[i, 4]
        u += dt * p[i, 0] * (p[i, 1] * v - u)
        v += dt * rate
        fired = v >= p[i, 5]
        if fired:
            v, u = p[i, 2], u + p[i, 3]
        s[i, 0], s[i, 1] = v, u
        flags[i] = outcome(True, fired)


@njit(cache=True)
def loihi(p: Floats, s: Floats, members: Ints, current: Floats, arrived: Flags, flags: Flags) -> None:
    """Loihi's current-based neuron in its own integers (Davies et al., IEEE Micro 2018; as in Lava).

    Decays are of 12 bits, that of the current one more than given; products are cut towards zero; weights,
    bias and threshold count 64-fold; the current wraps at 24 bits, the voltage stays within them.
    """
    for i in members:
        x, came = current[i], arrived[i] != 0
        current[i], arrived[i] = 0.0, 0
        v, u = s[i, 0], s[i, 1]
        updated = v != 0.0 or u != 0.0 or came or p[i, 2] != 0.0
        u = np.trunc(u * (4096.0 - (p[i, 0] + 1.0)) / 4096.0) + 64.0 * x
        u = (u + 8388608.0) % 16777216.0 - 8388608.0
        v = np.trunc(v * (4096.0 - p[i, 1]) / 4096.0)
        fired = False
        if s[i, 2] == 0.0:
            v = min(max(v + u + p[i, 2], -8388607.0), 8388607.0)
            fired = v > 64.0 * p[i, 3]
            if fired:
                v, s[i, 2] = 0.0, p[i, 4]
        if s[i, 2] > 0.0:
            s[i, 2] = max(0.0, s[i, 2] - 1.0)
        s[i, 0], s[i, 1] = v, u
        flags[i] = outcome(updated, fired)


@njit(cache=True)
def egru(p: Floats, s: Floats, members: Ints, current: Floats, arrived: Flags, flags: Flags) -> None:
    """Event-based gated recurrent unit (Subramoney et al., ICLR 2023, section 3): c = u z + (1 - u) c.

    It sends c where that is above the threshold, which is then taken off.
    """
    count = len(s)
    for i in members:
        update, reset = current[i], current[i + count]
        own, gated = current[i + 2 * count], current[i + 3 * count]
        for port in range(4):
            current[i + port * count] = 0.0
        arrived[i] = 0
        u = 1.0 / (1.0 + math.exp(-(update + p[i, 0])))
        r = 1.0 / (1.0 + math.exp(-(reset + p[i, 1])))
        z = math.tanh(own + r * gated + p[i, 2])
        c = u * z + (1.0 - u) * s[i, 0]
        fired = c > p[i, 3]
        if fired:
            s[i, 3] = c
            c -= p[i, 3]
        s[i, 0] = c
        flags[i] = outcome(True, fired)


@njit(cache=True)
def crossed(v: float, threshold: float, reset: float, mode: float) -> float:
    """The potential after it crossed a threshold, by reset mode (``RESET_MODES``)."""
    if mode == 1.0:
        return v - threshold
    if mode == 2.0:
        return reset
    return threshold if mode == 3.0 else v


@njit(cache=True)
def outcome(updated: bool, fired: bool) -> int:
    """The two answers as bits; a neuron that fired was updated."""
    if fired:
        return UPDATED | FIRED
    return UPDATED if updated else 0


@njit(cache=True)
def hashed(seed: int, neuron: int, step: int) -> int:
    """A random number of 30 bits that depends on nothing but its arguments (splitmix64's finaliser)."""
    z = (seed * 0x9E3779B9 + neuron * 0x85EBCA6B + step * 0xC2B2AE35) & 0x7FFFFFFF
    z = ((z ^ (z >> 15)) * 0x2C1B3C6D) & 0x7FFFFFFF
    z = ((z ^ (z >> 12)) * 0x297A2D39) & 0x7FFFFFFF
    return (z ^ (z >> 15)) & 0x3FFFFFFF
