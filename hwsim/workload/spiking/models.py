"""The neuron models there are: their parameters, defaults, and the number each has in the kernel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

RESET_MODES = {"none": 0.0, "soft": 1.0, "hard": 2.0, "saturate": 3.0}
"""What a neuron's potential becomes when it crosses a threshold: stays, has the threshold subtracted, becomes
``reset``, becomes the threshold.
"""
MODE_PARAMETERS = frozenset({"reset_mode", "reverse_reset_mode"})
"""The parameters whose values are names of :data:`RESET_MODES`."""


@dataclass(frozen=True, slots=True)
class NeuronModel:
    """A model: its ``code`` in the kernel, and its parameters with their defaults in the kernel's order."""

    code: int
    says: str
    defaults: Mapping[str, float]


_HARD, _NONE = RESET_MODES["hard"], RESET_MODES["none"]

NEURON_MODELS: Mapping[str, NeuronModel] = {
    "input": NeuronModel(0, "fires at given time steps", {}),
    "lif": NeuronModel(
        1,
        "leaky integrate and fire in discrete time, the potential in 1/quantum (Loihi)",
        {
            "leak_decay": 1.0,
            "input_decay": 0.0,
            "bias": 0.0,
            "threshold": 0.0,
            "reset": 0.0,
            "reset_mode": _HARD,
            "refractory_delay": 0.0,
            "reverse_threshold": 0.0,
            "reverse_reset_mode": _NONE,
            "quantum": 64.0,
            "inclusive": 0.0,
        },
    ),
    "truenorth": NeuronModel(
        2,
        "linear leak towards zero, thresholds both ways (TrueNorth)",
        {
            "leak": 0.0,
            "bias": 0.0,
            "threshold": 0.0,
            "reset": 0.0,
            "reset_mode": _HARD,
            "reverse_threshold": 0.0,
            "reverse_reset_mode": _NONE,
            "threshold_mask": 0.0,
        },
    ),
    "linear": NeuronModel(
        3,
        "u = u_decay u + u_input x + u_bias; v = v_decay v + v_current u + v_input x + bias; fires above "
        "threshold",
        {
            "u_decay": 0.0,
            "u_input": 0.0,
            "v_decay": 1.0,
            "v_current": 0.0,
            "v_input": 1.0,
            "bias": 0.0,
            "threshold": float("inf"),
            "reset": 0.0,
            "reset_mode": _HARD,
            "u_bias": 0.0,
            "graded": 0.0,
        },
    ),
    "alif": NeuronModel(
        4,
        "linear with a threshold that rises by threshold_jump with each spike and decays by threshold_decay",
        {
            "u_decay": 0.0,
            "u_input": 0.0,
            "v_decay": 1.0,
            "v_current": 0.0,
            "v_input": 1.0,
            "bias": 0.0,
            "threshold": 1.0,
            "reset": 0.0,
            "reset_mode": _HARD,
            "threshold_decay": 0.0,
            "threshold_jump": 0.0,
        },
    ),
    "eif": NeuronModel(
        5,
        "exponential integrate and fire, one Euler step of dt",
        {
            "dt": 1.0,
            "tau": 20.0,
            "rest": -65.0,
            "resistance": 1.0,
            "sharpness": 2.0,
            "rheobase": -50.0,
            "bias": 0.0,
            "threshold": 0.0,
            "reset": -65.0,
        },
    ),
    "izhikevich": NeuronModel(
        6,
        "Izhikevich's two equations, Euler steps of dt ms (IEEE TNN 2003)",
        {"a": 0.02, "b": 0.2, "c": -65.0, "d": 8.0, "bias": 0.0, "threshold": 30.0, "dt": 1.0},
    ),
    "loihi": NeuronModel(
        7,
        "Loihi's own integers: 12-bit decays, 23 bits and sign of state, weights and threshold times 64",
        {
            "current_decay": 0.0,
            "voltage_decay": 0.0,
            "bias": 0.0,
            "threshold": 0.0,
            "refractory_delay": 0.0,
        },
    ),
    "egru": NeuronModel(
        8,
        "event-based gated recurrent unit; ports 0 update gate, 1 reset gate, 2 candidate, 3 candidate "
        "through the reset gate; sends its value",
        {"bias_update": 0.0, "bias_reset": 0.0, "bias": 0.0, "threshold": 0.0},
    ),
}
PARAMETERS = frozenset(name for model in NEURON_MODELS.values() for name in model.defaults)
"""Every parameter of any model."""
PORTS: Mapping[str, int] = {"egru": 4}
"""Inputs of the models that tell currents apart; all others have one."""
MOST_PARAMETERS = max(len(model.defaults) for model in NEURON_MODELS.values())
