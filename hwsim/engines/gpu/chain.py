"""Chains of products, each result the next one's input: what schedules with a scratchpad are made for.

The widths go to and fro: C[m, n] = A[m, k] B[k, n], then C[m, n] D[n, k], and so on. Nothing was fitted to
chains: they are the products one after another, with the parameters of those.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hwsim.engines.gpu import gemm
from hwsim.engines.gpu.devices import Array
from hwsim.engines.gpu.kernels import Kernels
from hwsim.engines.gpu.parameters import Parameters


def seconds(kernels: Kernels, p: Parameters) -> Array:
    """Seconds of each chain (sizes ``m``, ``n``, ``k``, ``depth``: products)."""
    there, back = _counts(kernels)
    n, k = kernels.size("n"), kernels.size("k")
    first, second = (gemm.seconds(_product(kernels, *widths), p) for widths in ((n, k), (k, n)))
    return np.asarray(there * first + back * second)


def traffic(kernels: Kernels) -> Array:
    """Bytes that must move: the first input, all weights, the last result."""
    m, n, k, depth = (kernels.size(name) for name in ("m", "n", "k", "depth"))
    last = np.where(depth % 2 == 1, n, k)
    return np.asarray((m * (k + last) + depth * n * k) * kernels.element_bytes)


def operations(kernels: Kernels) -> Array:
    """Floating-point operations."""
    m, n, k, depth = (kernels.size(name) for name in ("m", "n", "k", "depth"))
    return np.asarray(2.0 * depth * m * n * k)


def _counts(kernels: Kernels) -> tuple[Array, Array]:
    """Products from k to n, and from n to k."""
    back = np.floor(kernels.size("depth") / 2.0)
    return kernels.size("depth") - back, back


def _product(kernels: Kernels, n: Array, k: Array) -> Kernels:
    m = kernels.size("m")
    return replace(kernels, sizes={"batch": np.ones(len(m)), "m": m, "n": n, "k": k})
