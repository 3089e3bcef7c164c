"""The nodes of NIR 1.0 (Pedersen et al., Neuromorphic Intermediate Representation, Nature Comm. 2024)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NodeType:
    """The attributes a node must have, and those it may have with what stands for them."""

    needs: tuple[str, ...] = ()
    may: Mapping[str, float | None] | None = None

    @property
    def known(self) -> tuple[str, ...]:
        """Every attribute."""
        return (*self.needs, *(self.may or {}))


_POOL = NodeType(("kernel_size", "stride", "padding"))
_CONVOLUTION = NodeType(("weight", "stride", "padding", "dilation", "groups", "bias"), {"input_shape": None})
_MEMBRANE = ("tau", "r", "v_leak")
_CURRENT = ("tau_syn", "tau_mem", "r", "v_leak")

LINEAR: Mapping[str, NodeType] = {
    "Affine": NodeType(("weight", "bias")),
    "Linear": NodeType(("weight",)),
    "Scale": NodeType(("scale",)),
    "Conv1d": _CONVOLUTION,
    "Conv2d": _CONVOLUTION,
    "SumPool2d": _POOL,
    "AvgPool2d": _POOL,
    "Flatten": NodeType((), {"start_dim": 1.0, "end_dim": -1.0, "input_type": None}),
    "Delay": NodeType(("delay",)),
    "Identity": NodeType((), {"shape": None, "input_type": None}),
}
"""What lies between neurons: linear maps, which become synapses."""

NEURONS: Mapping[str, NodeType] = {
    "LIF": NodeType((*_MEMBRANE, "v_threshold"), {"v_reset": 0.0}),
    "CubaLIF": NodeType((*_CURRENT, "v_threshold"), {"v_reset": 0.0, "w_in": 1.0}),
    "IF": NodeType(("r", "v_threshold"), {"v_reset": 0.0}),
    "LI": NodeType(_MEMBRANE),
    "CubaLI": NodeType(_CURRENT, {"w_in": 1.0}),
    "I": NodeType(("r",)),
    "Threshold": NodeType(("threshold",)),
}
"""What keeps a state or decides to fire."""

SILENT = frozenset({"LI", "CubaLI", "I"})
"""Neurons that only have a potential; a Threshold behind one makes it fire, without a reset."""
ENDS: Mapping[str, NodeType] = {"Input": NodeType(("shape",)), "Output": NodeType((), {"shape": None})}
"""Where spikes come from, and where a network ends."""
NODE_TYPES: Mapping[str, NodeType] = {**LINEAR, **NEURONS, **ENDS}
"""Every node that is understood, by its name."""
