"""Every cascade of the library computes what its name says: against numpy and scipy on random data."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal, special
from scipy.spatial import distance

from hwsim.einsum.interpreter.run import run_cascade
from hwsim.einsum.read import load_cascade
from hwsim.spec.library import find, names

RNG = np.random.default_rng(20240610)
B, E, F, P, M1, M0 = 3, 8, 5, 7, 4, 6
M = M1 * M0
CASCADES = {}


def cascade(*library_names):
    """Register a function that returns the inputs, the expected outputs and the sizes inputs do not give."""

    def register(make):
        for name in library_names:
            CASCADES[name] = make
        return make

    return register


def normal(*shape):
    return RNG.normal(size=shape)


def attended(q, k, v, mask=True):
    """Attention with q: [E, P], k: [E, M], v: [F, M]."""
    scores = np.where(mask, k.T @ q, -np.inf)
    return v @ special.softmax(scores, axis=0)


@cascade("attention_naive", "attention_3pass", "attention_deferred_division")
def attention():
    q, k, v = normal(E, P), normal(E, M), normal(F, M)
    return {"Q": q, "K": k, "V": v}, {"AV": attended(q, k, v)}, {}


@cascade("attention_2pass", "attention_1pass")
def tiled_attention():
    q, k, v = normal(E, P), normal(E, M), normal(F, M)
    tiles = {"Q": q, "BK": k.reshape(E, M1, M0), "BV": v.reshape(F, M1, M0)}
    return tiles, {"AV": attended(q, k, v)}, {}


@cascade("attention_causal")
def causal_attention():
    q, k, v = normal(E, P), normal(E, P), normal(F, P)
    mask = np.arange(P)[:, None] <= np.arange(P)
    return {"Q": q, "K": k, "V": v}, {"AV": attended(q, k, v, mask)}, {}


@cascade("attention_causal_1pass")
def tiled_causal_attention():
    q, k, v = normal(E, M), normal(E, M), normal(F, M)
    mask = np.arange(M)[:, None] <= np.arange(M)
    tiles = {"Q": q, "BK": k.reshape(E, M1, M0), "BV": v.reshape(F, M1, M0)}
    return tiles, {"AV": attended(q, k, v, mask)}, {}


@cascade("attention_sliding_window")
def sliding_window_attention():
    window, length = 4, 9
    q, k, v = normal(E, length), normal(E, length + window - 1), normal(F, length + window - 1)
    expected = [attended(q[:, [p]], k[:, p : p + window], v[:, p : p + window]) for p in range(length)]
    return {"Q": q, "K": k, "V": v}, {"AV": np.hstack(expected)}, {"W": window}


@cascade("attention_gqa")
def grouped_query_attention():
    heads, group = 2, 3
    q, k, v = normal(heads, group, E, P), normal(heads, E, M), normal(heads, F, M)
    expected = [[attended(q[h, g], k[h], v[h]) for g in range(group)] for h in range(heads)]
    return {"Q": q, "K": k, "V": v}, {"AV": np.array(expected)}, {}


@cascade("attention_mla")
def latent_attention():
    heads, latent, rotary = 3, 6, 2
    qn, qr = normal(heads, E, P), normal(heads, rotary, P)
    c, kr = normal(latent, M), normal(rotary, M)
    up_k, up_v = normal(heads, latent, E), normal(heads, latent, F)
    expected = []
    for h in range(heads):
        q, k = np.vstack([qn[h], qr[h]]), np.vstack([up_k[h].T @ c, kr])
        expected.append(attended(q, k, up_v[h].T @ c))
    inputs = {"QN": qn, "QR": qr, "C": c, "KR": kr, "WUK": up_k, "WUV": up_v}
    return inputs, {"AV": np.array(expected)}, {}


def standardised(x, axis):
    return (x - x.mean(axis, keepdims=True)) / np.sqrt(x.var(axis, keepdims=True) + 1e-5)


@cascade("layernorm_naive", "layernorm_single_pass")
def layernorm():
    x, g, b = normal(P, M), normal(M), normal(M)
    return {"X": x, "G": g, "B": b}, {"Y": standardised(x, 1) * g + b}, {}


@cascade("layernorm_into_matmul")
def layernorm_matmul():
    x, w = normal(P, M), normal(M, F)
    return {"X": x, "W": w}, {"Y": standardised(x, 1) @ w}, {}


def root_mean_square(x):
    return np.sqrt(np.mean(x * x, axis=1, keepdims=True) + 1e-6)


@cascade("rmsnorm_naive")
def rmsnorm():
    x, g = normal(P, M), normal(M)
    return {"X": x, "G": g}, {"Y": x / root_mean_square(x) * g}, {}


@cascade("rmsnorm_single_pass")
def rmsnorm_matmul():
    x, w = normal(P, M), normal(M, F)
    return {"X": x, "W": w}, {"Y": x / root_mean_square(x) @ w}, {}


@cascade("batchnorm")
def batchnorm():
    x, g, b = normal(M, F), normal(F), normal(F)
    return {"X": x, "G": g, "B": b}, {"Y": standardised(x, 0) * g + b}, {}


@cascade("welford")
def welford():
    x = 100 + normal(M, F)
    return {"X": x}, {"MU": x.mean(0), "VR": x.var(0)}, {}


@cascade("softmax_cross_entropy")
def softmax_cross_entropy():
    logits, labels = 10 * normal(P, M), RNG.integers(0, M, P)
    expected = -special.log_softmax(logits, axis=1)[np.arange(P), labels]
    return {"L": logits, "LB": labels}, {"C": expected}, {}


@cascade("logsumexp_stable", "logsumexp_online")
def logsumexp():
    x = 1000 * normal(M)
    return {"X": x}, {"Y": special.logsumexp(x)}, {}


@cascade("gated_mlp")
def gated_mlp():
    x, w1, w2, w3 = normal(P, E), normal(E, M), normal(E, M), normal(M, F)
    gate = x @ w1
    return {"X": x, "W1": w1, "W2": w2, "W3": w3}, {"Y": (gate * special.expit(gate) * (x @ w2)) @ w3}, {}


@cascade("linear_attention")
def linear_attention():
    q, k, v = RNG.random((E, M)), RNG.random((E, M)), normal(F, M)
    scores = np.triu(k.T @ q)
    return {"Q": q, "K": k, "V": v}, {"Y": v @ scores / scores.sum(0)}, {}


@cascade("gated_linear_attention")
def gated_linear_attention():
    q, k, v, a = normal(E, M), normal(E, M), normal(F, M), RNG.random((E, M))
    expected = np.zeros((F, M))
    for t in range(M):
        decay = [np.prod(a[:, s + 1 : t + 1], axis=1) for s in range(t + 1)]
        expected[:, t] = sum(v[:, s] * (q[:, t] @ (decay[s] * k[:, s])) for s in range(t + 1))
    return {"Q": q, "K": k, "V": v, "A": a}, {"Y": expected}, {}


@cascade("delta_rule")
def delta_rule():
    q, k, v, b = normal(E, M), normal(E, M), normal(F, M), RNG.random(M)
    k /= np.linalg.norm(k, axis=0)
    state, expected = np.zeros((F, E)), np.zeros((F, M))
    for t in range(M):
        state = state @ (np.eye(E) - b[t] * np.outer(k[:, t], k[:, t])) + b[t] * np.outer(v[:, t], k[:, t])
        expected[:, t] = state @ q[:, t]
    return {"Q": q, "K": k, "V": v, "B": b}, {"Y": expected}, {}


@cascade("selective_scan")
def selective_scan():
    states = 4
    x, dt, a = normal(E, M), normal(E, M), -RNG.random((E, states))
    b, c, skip = normal(states, M), normal(states, M), normal(E)
    step = np.log1p(np.exp(dt))
    expected = np.zeros((E, M))
    for t in range(M):
        for s in range(t + 1):
            decay = np.exp(a * step[:, s + 1 : t + 1].sum(1)[:, None])
            expected[:, t] += (decay * (step[:, s] * x[:, s])[:, None] * b[:, s]) @ c[:, t]
    inputs = {"X": x, "DT": dt, "A": a, "B": b, "C": c, "P": skip}
    return inputs, {"Y": expected + skip[:, None] * x}, {}


@cascade("moe_gate")
def moe_gate():
    h, w = normal(P, E), normal(E, F)
    logits = h @ w
    expected = np.zeros_like(logits)
    for row, into in zip(logits, expected, strict=True):
        best = np.argsort(row)[-2:]
        into[best] = special.softmax(row[best])
    return {"H": h, "W": w}, {"Y": expected}, {}


@cascade("cosine_normalise_first", "cosine_fused")
def cosine():
    x, z = normal(P, M), normal(P, M)
    return (
        {"X": x, "Z": z},
        {"Y": np.array([1 - distance.cosine(*pair) for pair in zip(x, z, strict=True)])},
        {},
    )


@cascade("int8_quantisation")
def int8_quantisation():
    x = normal(P, M)
    scale = np.abs(x).max(1) / 127
    expected = np.clip(np.rint(x / scale[:, None]), -127, 127)
    return {"X": x}, {"Q": expected, "S": scale}, {}


@cascade("conv_relu")
def conv_relu():
    x, f, b = normal(B, 9, 8), normal(F, B, 3, 2), normal(F)
    sums = [signal.correlate(x, kernel, mode="valid")[0] for kernel in f]
    return {"X": x, "F": f, "B": b}, {"Z": np.maximum(np.array(sums) + b[:, None, None], 0)}, {}


STEPS, LEAK, THRESHOLD = 6, 0.5, 1.5


def spikes(*shape):
    return RNG.integers(0, 2, size=shape).astype(float)


def fired(currents):
    """Spikes of leaky neurons over the last axis: a soft reset subtracts the threshold."""
    potential, found = np.zeros(currents.shape[:-1]), np.zeros_like(currents)
    for step in range(currents.shape[-1]):
        potential = LEAK * potential + currents[..., step]
        found[..., step] = potential >= THRESHOLD
        potential = potential - THRESHOLD * found[..., step]
    return found


@cascade("spike_driven_attention_v1")
def spike_driven_attention_v1():
    q, k, v = spikes(E, P, STEPS), spikes(E, M, STEPS), spikes(E, M, STEPS)
    gate = fired((k * v).sum(axis=1))
    neurons = {"LEAK": LEAK, "THRESHOLD": THRESHOLD}
    return {"Q": q, "K": k, "V": v, **neurons}, {"Y": q * gate[:, None]}, {}


@cascade("spike_driven_attention_v2")
def spike_driven_attention_v2():
    q, k, v = spikes(E, P, STEPS), spikes(E, M, STEPS), spikes(F, M, STEPS)
    scores = [q[..., step].T @ k[..., step] for step in range(STEPS)]
    currents = np.stack([v[..., step] @ each.T for step, each in enumerate(scores)], axis=-1)
    neurons = {"LEAK": LEAK, "THRESHOLD": THRESHOLD}
    return {"Q": q, "K": k, "V": v, **neurons}, {"Y": fired(currents)}, {}


@cascade("spiking_self_attention")
def spiking_self_attention():
    q, k, v = spikes(STEPS, E, P), spikes(STEPS, E, M), spikes(STEPS, F, M)
    return {"Q": q, "K": k, "V": v}, {"A": v @ (q.transpose(0, 2, 1) @ k).transpose(0, 2, 1)}, {}


@pytest.mark.parametrize("name", [entry.name for entry in names("cascade")])
def test_computes_what_its_name_says(name):
    inputs, expected, sizes = CASCADES[name]()
    computed = run_cascade(load_cascade(find("cascade", name)), inputs, sizes)
    for tensor, values in expected.items():
        np.testing.assert_allclose(computed[tensor], values, rtol=1e-9, atol=1e-9)


def test_no_cascade_is_missing():
    assert set(CASCADES) == {entry.name for entry in names("cascade")}
