"""How many calls a framework makes for an operator: what counts where the host starts each by itself."""

from __future__ import annotations

import numpy as np

from hwsim.engines.gpu.devices import Array
from hwsim.engines.gpu.kernels import Kernels

VECTOR = {"silu_mul": 2.0, "rmsnorm": 6.0}
"""Calls of functions without an eager kernel: silu, multiply; square, mean, add, root, two products."""
EXPERT = 6.0
"""Calls for each expert: take its tokens, product, activation, gate, product, add up."""


def single(kernels: Kernels) -> Array:
    """One call."""
    return np.ones(len(kernels))


def of_vector(kernels: Kernels) -> Array:
    """One call, or as many as the function is put together from."""
    return np.array([VECTOR.get(str(name), 1.0) for name in kernels.operators])


def of_mixture(kernels: Kernels) -> Array:
    """Those of every expert that can have tokens."""
    slots = kernels.size("tokens") * kernels.size("topk")
    return np.asarray(EXPERT * np.minimum(kernels.size("experts"), slots))


def of_chain(kernels: Kernels) -> Array:
    """One a product."""
    return kernels.size("depth")
