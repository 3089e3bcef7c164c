"""NIR's neurons in time steps: their differential equations as the two linear updates of the kernel.

``forward_euler`` moves by dt/tau, ``exponential`` by 1 - exp(-dt/tau), the exact answer for an input that is
constant during the step. The synaptic current moves first, then the membrane by the new current.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Literal

import numpy as np

from hwsim.workload.spiking.graph.network_graph import Node
from hwsim.workload.spiking.graph.node_types import SILENT
from hwsim.workload.spiking.graph.operations import fitted
from hwsim.workload.spiking.models import RESET_MODES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MODEL = "linear"
"""The kernel's model that NIR's neurons become."""
Method = Literal["forward_euler", "exponential"]
Parameters = dict[str, "Floats"]


def parameters_of(
    node: Node, shape: tuple[int, ...], constant: Floats, dt: float, method: Method
) -> Parameters:
    """The kernel's parameters of a neuron node.

    Args:
        node: the node.
        shape: of its population.
        constant: the current that its inputs' biases make, by neuron.
        dt: seconds of a time step.
        method: how the equations are integrated.

    Raises:
        InputError: an attribute has the wrong size, or a time constant is not above 0.
    """
    if node.type == "Threshold":
        return _stateless(node, shape, constant)
    moved = _Moved(node, shape, dt, method)
    found = _current(moved, constant) if "tau_syn" in node.values else _membrane(moved, constant)
    if node.type not in SILENT:
        found |= {
            "threshold": fitted(node, "v_threshold", shape),
            "reset": fitted(node, "v_reset", shape),
        }
    return found


def with_threshold(found: Parameters, node: Node, shape: tuple[int, ...]) -> Parameters:
    """A silent neuron's parameters with the Threshold ``node`` behind it: it fires, and is not reset."""
    none = np.full(prod(shape), RESET_MODES["none"])
    return {**found, "threshold": fitted(node, "threshold", shape), "reset_mode": none}


class _Moved:
    """How far a node's states move in a time step."""

    def __init__(self, node: Node, shape: tuple[int, ...], dt: float, method: Method) -> None:
        self.node, self.shape, self.dt, self.method = node, shape, dt, method

    def share(self, attribute: str) -> Floats:
        """The share of the way that a state with the time constant ``attribute`` goes in a step."""
        tau = fitted(self.node, attribute, self.shape)
        if (tau <= 0).any():
            raise self.node.wrong(f"{attribute} must be above 0")
        if self.method == "exponential":
            return np.asarray(-np.expm1(-self.dt / tau))
        if (tau < self.dt).any():
            raise self.node.wrong(
                f"{attribute} of {tau.min():g} s is below the time step of {self.dt:g} s: forward Euler "
                "would overshoot",
                "set workload.dt smaller, or workload.method=exponential",
            )
        return np.asarray(self.dt / tau)

    def of(self, attribute: str) -> Floats:
        """An attribute, by neuron."""
        return fitted(self.node, attribute, self.shape)


def _membrane(moved: _Moved, constant: Floats) -> Parameters:
    """LIF and LI: v += share (v_leak - v + r x); IF and I: v += dt r x."""
    if "tau" not in moved.node.values:
        gain = moved.dt * moved.of("r")
        return {"v_decay": np.ones_like(gain), "v_input": gain, "bias": gain * constant}
    share = moved.share("tau")
    gain = share * moved.of("r")
    return {"v_decay": 1.0 - share, "v_input": gain, "bias": share * moved.of("v_leak") + gain * constant}


def _current(moved: _Moved, constant: Floats) -> Parameters:
    """CubaLIF and CubaLI: u += share (w_in x - u); v += share (v_leak - v + r u)."""
    synaptic, membrane = moved.share("tau_syn"), moved.share("tau_mem")
    gain = synaptic * moved.of("w_in")
    return {
        "u_decay": 1.0 - synaptic,
        "u_input": gain,
        "u_bias": gain * constant,
        "v_decay": 1.0 - membrane,
        "v_current": membrane * moved.of("r"),
        "v_input": np.zeros_like(gain),
        "bias": membrane * moved.of("v_leak"),
    }


def _stateless(node: Node, shape: tuple[int, ...], constant: Floats) -> Parameters:
    """A Threshold that no neuron precedes: it fires where its input of this step is above."""
    zeros = np.zeros(prod(shape))
    found = {"v_decay": zeros, "v_input": zeros + 1.0, "bias": constant}
    return with_threshold(found, node, shape)
