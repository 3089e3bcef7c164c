"""Energy of a GPU's operations, from the fitted parameters of the product model."""

from __future__ import annotations

from collections.abc import Mapping

from hwsim.engines.gpu.devices import ASYNCHRONOUS_TENSOR, BLACKWELL
from hwsim.engines.gpu.parameters import shipped_values
from hwsim.engines.gpu.power import FINE_PROCESS, FP8_ENERGY

MAC = 2.0
"""Operations of a multiply-accumulate."""
HALF_WIDTH = {"fp16": 1.0, "bf16": 1.0, "tf32": 2.0, "fp8": FP8_ENERGY, "int8": FP8_ENERGY}
"""Energy of an operation by datatype over that in 16 bits: by the bits of its operands."""


def operation_energies(architecture: str, process_nm: float) -> Mapping[str, float]:
    """Joules of ``mac_DATATYPE`` and ``scalar`` actions, at the clocks the parameters were fitted at."""
    p = shipped_values("gemm")
    older = p["j_mma"] * (process_nm / p["process_mma"]) ** p["process_exponent"]
    tensor = p["j_wgmma"] if architecture in ASYNCHRONOUS_TENSOR else older
    tensor *= p["blackwell_energy"] if architecture == BLACKWELL else 1.0
    coarse = p["j_simd"] * (process_nm / p["process_simd"]) ** p["process_simd_exponent"]
    scalar = p["j_simd_fine"] if process_nm <= FINE_PROCESS else coarse
    macs = {f"mac_{name}": MAC * tensor * factor for name, factor in HALF_WIDTH.items()}
    return {**macs, "mac_fp32": MAC * scalar, "scalar": scalar}
