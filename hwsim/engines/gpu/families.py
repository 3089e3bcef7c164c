"""The families of kernels: which operators they model, from which dimensions, and by what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hwsim.engines.gpu import bounds, collective, decode, gemm, moe, prefill, vector
from hwsim.engines.gpu.devices import Array
from hwsim.engines.gpu.kernels import Kernels
from hwsim.engines.gpu.parameters import Parameters, shipped_values


@dataclass(frozen=True, slots=True)
class Family:
    """One kind of kernel.

    ``dimensions`` are its columns in the order of the tables; those in ``words`` are names, the rest counts.
    ``work`` gives the least operations and bytes, from which the roofline follows; ``shape`` are the columns
    that make a shape when whole shapes are left out.
    """

    name: str
    operators: tuple[str, ...]
    dimensions: tuple[str, ...]
    words: tuple[str, ...]
    shape: tuple[str, ...]
    seconds: Callable[[Kernels, Parameters], Array]
    work: Callable[[Kernels], bounds.Work]

    def estimate(self, kernels: Kernels) -> Array:
        """Seconds of each kernel with the parameters in the package."""
        return self.seconds(kernels, shipped_values(self.name))


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
    ),
    Family(
        "vector",
        vector.OPERATORS,
        ("rows", "cols", "n_in", "n_out"),
        (),
        ("cols",),
        vector.seconds,
        bounds.vector_work,
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
