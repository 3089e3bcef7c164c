"""NIR graphs run by plain numpy, layer by layer with dense arrays: what hwsim's network must spike like.

Nothing of hwsim is used: convolutions are loops, equations are those of NIR's documentation.
"""

from __future__ import annotations

import h5py
import numpy as np


def write_nir(path, nodes, edges):
    """``nodes``: name -> (type, attributes) or (graph's nodes, graph's edges)."""
    with h5py.File(path, "w") as file:
        file.create_dataset("version", data="1.0.8", dtype=h5py.string_dtype())
        _write(file.create_group("node"), nodes, edges)


def _write(group, nodes, edges):
    text = h5py.string_dtype()
    group.create_dataset("type", data="NIRGraph", dtype=text)
    group.create_dataset("edges", data=np.array(edges, dtype=object), dtype=text)
    inside = group.create_group("nodes")
    for name, (kind, attributes) in nodes.items():
        each = inside.create_group(name)
        if isinstance(kind, dict):
            _write(each, kind, attributes)
            continue
        each.create_dataset("type", data=kind, dtype=text)
        for key, value in attributes.items():
            if isinstance(value, str):
                each.create_dataset(key, data=value, dtype=text)
            else:
                each.create_dataset(key, data=np.asarray(value))


def linear(kind, a, x):
    """What a node without a state makes of ``x``."""
    if kind == "Affine":
        return a["weight"] @ x + a["bias"]
    if kind == "Linear":
        return a["weight"] @ x
    if kind == "Scale":
        return a["scale"] * x
    if kind == "Flatten":
        return x.reshape(-1)
    if kind in ("SumPool2d", "AvgPool2d"):
        (kh, kw), (sh, sw), (ph, pw) = a["kernel_size"], a["stride"], a["padding"]
        x = np.pad(x, ((0, 0), (ph, ph), (pw, pw)))
        out = np.zeros((x.shape[0], (x.shape[1] - kh) // sh + 1, (x.shape[2] - kw) // sw + 1))
        for i in range(out.shape[1]):
            for j in range(out.shape[2]):
                out[:, i, j] = x[:, i * sh : i * sh + kh, j * sw : j * sw + kw].sum(axis=(1, 2))
        return out / (kh * kw) if kind == "AvgPool2d" else out
    if kind == "Conv1d":
        b = {**a, "weight": a["weight"][:, :, None, :], "stride": (1, a["stride"])}
        b |= {"padding": (0, a["padding"]), "dilation": (1, a["dilation"])}
        return linear("Conv2d", b, x[:, None, :])[:, 0, :]
    assert kind == "Conv2d", kind
    w, (sh, sw), (dh, dw), groups = a["weight"], a["stride"], a["dilation"], int(a["groups"])
    outs, per_group, kh, kw = w.shape
    if isinstance(a["padding"], str):
        total = ((kh - 1) * dh, (kw - 1) * dw) if a["padding"] == "same" else (0, 0)
        pads = [(each // 2, each - each // 2) for each in total]
    else:
        pads = [(each, each) for each in a["padding"]]
    x = np.pad(x, ((0, 0), *pads))
    out = np.zeros(
        (outs, (x.shape[1] - dh * (kh - 1) - 1) // sh + 1, (x.shape[2] - dw * (kw - 1) - 1) // sw + 1)
    )
    for o in range(outs):
        first = o // (outs // groups) * per_group
        for i in range(out.shape[1]):
            for j in range(out.shape[2]):
                seen = x[
                    first : first + per_group, i * sh : i * sh + dh * kh : dh, j * sw : j * sw + dw * kw : dw
                ]
                out[o, i, j] = (seen[:, :kh, :kw] * w[o]).sum() + a["bias"][o]
    return out


class PlainNeurons:
    """The neurons of one node; ``step`` takes their input and gives their spikes (or potentials)."""

    def __init__(self, kind, a, dt, exponential):
        self.kind, self.a, self.v, self.i = kind, a, 0.0, 0.0
        self.share = (lambda tau: 1 - np.exp(-dt / tau)) if exponential else (lambda tau: dt / tau)
        self.dt = dt

    def step(self, x):
        a, kind = self.a, self.kind
        if kind == "Threshold":
            return (x > a["threshold"]).astype(float)
        if kind in ("CubaLIF", "CubaLI"):
            self.i = self.i + self.share(a["tau_syn"]) * (a["w_in"] * x - self.i)
            self.v = self.v + self.share(a["tau_mem"]) * (a["v_leak"] - self.v + a["r"] * self.i)
        elif kind in ("LIF", "LI"):
            self.v = self.v + self.share(a["tau"]) * (a["v_leak"] - self.v + a["r"] * x)
        else:
            self.v = self.v + self.dt * a["r"] * x
        if kind in ("LI", "CubaLI", "I"):
            return self.v
        fired = self.v > a["v_threshold"]
        self.v = np.where(fired, a.get("v_reset", 0.0), self.v)
        return fired.astype(float)


NEURONS = ("LIF", "CubaLIF", "IF", "LI", "CubaLI", "I", "Threshold")


def run_plainly(nodes, edges, spikes, dt, steps, exponential=False):
    """Spikes of every neuron node by step; ``spikes``: input name -> steps x shape. Spikes are heard one step
    later, Delay nodes add theirs; a Threshold right behind a silent neuron decides in the same step.
    """
    state = {
        name: PlainNeurons(kind, a, dt, exponential) for name, (kind, a) in nodes.items() if kind in NEURONS
    }
    silent = {name for name, (kind, _) in nodes.items() if kind in ("LI", "CubaLI", "I")}
    before = {name: [a for a, b in edges if b == name] for name in nodes}
    said = {name: [] for name in nodes}

    def heard(name, t):
        """What a node gives in step t."""
        kind, a = nodes[name]
        if kind == "Input" or name in state:
            return said[name][t] if 0 <= t < len(said[name]) else np.zeros(shapes[name])
        if kind == "Delay":
            return heard(before[name][0], t - round(float(np.max(a["delay"])) / dt))
        return linear(kind, a, sum(heard(each, t) for each in before[name]))

    shapes = {name: a["shape"] if kind == "Input" else None for name, (kind, a) in nodes.items()}
    for name, each in state.items():
        sizes = [np.shape(value) for value in each.a.values()]
        shapes[name] = max(sizes, key=lambda each: int(np.prod(each)))
    for t in range(steps):
        now = {name: spikes[name][t] for name, (kind, _) in nodes.items() if kind == "Input"}
        for name, neurons in state.items():
            if not (neurons.kind == "Threshold" and before[name][0] in silent):
                now[name] = neurons.step(sum(heard(each, t - 1) for each in before[name]))
        for name, neurons in state.items():
            if name not in now:
                now[name] = neurons.step(now[before[name][0]])
        for name, value in now.items():
            said[name].append(value)
    return said
