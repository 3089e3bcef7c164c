"""The families of kernels: which operators they model, from which dimensions, and by what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hwsim.engines.gpu import (
    bounds,
    chain,
    collective,
    decode,
    gemm,
    launches,
    moe,
    prefill,
    recurrence,
    vector,
)
from hwsim.engines.gpu.devices import Array
from hwsim.engines.gpu.kernels import Kernels
from hwsim.engines.gpu.parameters import Parameters, shipped_values


@dataclass(frozen=True, slots=True)
class Family:
    """One kind of kernel.

    ``dimensions`` are its columns in the order of the tables; those in ``words`` are names, the rest counts.
    ``work`` gives the least operations and bytes, from which the roofline follows; ``shape`` are the columns
    that make a shape when whole shapes are left out; ``launches`` the calls a framework makes; ``borrows``
    names the family whose parameters it has, where nothing was fitted to it.
    """

    name: str
    operators: tuple[str, ...]
    dimensions: tuple[str, ...]
    words: tuple[str, ...]
    shape: tuple[str, ...]
    seconds: Callable[[Kernels, Parameters], Array]
    work: Callable[[Kernels], bounds.Work]
    launches: Callable[[Kernels], Array] = launches.single
    borrows: str = ""

    def estimate(self, kernels: Kernels) -> Array:
        """Seconds of each kernel with the parameters in the package."""
        return self.launched(kernels, shipped_values(self.borrows or self.name))

    def launched(self, kernels: Kernels, p: Parameters) -> Array:
        """Seconds of each kernel; of eager ones no less than the host takes for their calls."""
        dispatch = self.launches(kernels) * shipped_values("launch")["eager_s"]
        time = self.seconds(kernels, p)
        return np.where(kernels.eager, np.maximum(time, dispatch), time)


FAMILIES = (
    Family("gemm", ("gemm",), ("batch", "m", "n", "k"), (), ("n", "k"), gemm.seconds, bounds.gemm_work),
    Family(
        "attention_prefill",
        ("attention_prefill",),
        ("kv_dtype", "batch", "seq", "heads", "kv_heads", "head_dim", "causal"),
        ("kv_dtype",),
        ("batch", "heads", "kv_heads"),
        prefill.seconds,
        bounds.prefill_work,
    ),
    Family(
        "attention_decode",
        ("attention_decode",),
        ("kv_dtype", "batch", "kv_len", "heads", "kv_heads", "head_dim"),
        ("kv_dtype",),
        ("batch", "heads", "kv_heads"),
        decode.seconds,
        bounds.decode_work,
    ),
    Family(
        "moe",
        ("moe",),
        ("tokens", "hidden", "inter", "topk", "experts", "tp", "distribution"),
        ("distribution",),
        ("hidden", "inter", "experts", "tp"),
        moe.seconds,
        bounds.moe_work,
        launches.of_mixture,
    ),
    Family(
        "vector",
        vector.OPERATORS,
        ("rows", "cols", "n_in", "n_out"),
        (),
        ("cols",),
        vector.seconds,
        bounds.vector_work,
        launches.of_vector,
    ),
    Family(
        "recurrence",
        recurrence.OPERATORS,
        ("steps", "width", "state"),
        (),
        ("width", "state"),
        recurrence.seconds,
        bounds.recurrence_work,
        recurrence.launches,
        borrows="vector",
    ),
    Family(
        "chain",
        ("chain",),
        ("m", "n", "k", "depth"),
        (),
        ("n", "k"),
        chain.seconds,
        bounds.chain_work,
        launches.of_chain,
        borrows="gemm",
    ),
    Family(
        "collective",
        collective.OPERATORS,
        ("impl", "num_gpus", "elements"),
        ("impl",),
        ("elements",),
        collective.seconds,
        bounds.collective_work,
    ),
)
BY_OPERATOR = {operator: family for family in FAMILIES for operator in family.operators}
BY_NAME = {family.name: family for family in FAMILIES}
