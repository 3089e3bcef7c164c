"""Feed-forward layers: two matrices, or three with a gate."""

from __future__ import annotations

from typing import Literal

from hwsim.workload.graph import Graph
from hwsim.workload.layers.linear import linear
from hwsim.workload.layers.vector import elementwise
from hwsim.workload.tensor import Tensor

Activation = Literal["relu", "gelu", "gelu_tanh", "gelu_quick", "silu", "tanh"]


def feed_forward(
    graph: Graph, name: str, x: Tensor, width: int, activation: Activation, *, gated: bool, bias: bool
) -> Tensor:
    """``down(activation(up(x)))``, or ``down(activation(gate(x)) * up(x))`` where it is gated."""
    inner = linear(graph, f"{name}.gate" if gated else f"{name}.up", x, width, bias)
    inner = elementwise(graph, f"{name}.{activation}", activation, inner)
    if gated:
        up = linear(graph, f"{name}.up", x, width, bias)
        inner = elementwise(graph, f"{name}.product", "multiply", inner, up)
    return linear(graph, f"{name}.down", inner, x.shape[-1], bias)
