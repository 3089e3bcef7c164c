"""GPU kernels: how many estimates a second, and against what LLMCompass needs for one product.

    python -m benchmarks.gpu [--rows N]

LLMCompass was timed apart (its figure-5 artifact, GEMMs of A100): 36 to 209 s a product. It is not run here.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np

from hwsim.engines.gpu.calls import Call, columns
from hwsim.engines.gpu.families import BY_OPERATOR
from hwsim.validation.gpu.machines import datasheets

LLMCOMPASS_S = (36.0, 209.0)
REPEATS = 5
SHAPES: dict[str, dict[str, float | str]] = {
    "gemm": {"batch": 1, "m": 64, "n": 4096, "k": 4096},
    "attention_prefill": {
        "batch": 1,
        "seq": 2048,
        "heads": 32,
        "kv_heads": 8,
        "head_dim": 128,
        "causal": 1,
        "kv_dtype": "fp16",
    },
    "attention_decode": {
        "batch": 16,
        "kv_len": 2048,
        "heads": 32,
        "kv_heads": 8,
        "head_dim": 128,
        "kv_dtype": "fp16",
    },
    "moe": {
        "tokens": 64,
        "hidden": 4096,
        "inter": 1536,
        "topk": 8,
        "experts": 128,
        "tp": 1,
        "distribution": "power_law_1.2",
    },
    "softmax": {"rows": 4096, "cols": 4096, "n_in": 1, "n_out": 1},
    "lif": {"width": 65536, "steps": 32, "state": 1},
    "chain": {"m": 64, "n": 4096, "k": 1024, "depth": 4},
    "allreduce": {"num_gpus": 8, "elements": 1048576, "impl": "nccl"},
}


def main() -> None:
    """Print rows a second for each family, and the ratio for products."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=20_000)
    rows = parser.parse_args().rows
    sheet = datasheets()["A100-SXM4-80GB"]
    for operator, shape in SHAPES.items():
        words = {name: value for name, value in shape.items() if isinstance(value, str)}
        sizes = {name: float(value) for name, value in shape.items() if not isinstance(value, str)}
        scale = np.random.default_rng(1).integers(1, 8, rows)
        first = next(iter(sizes))
        calls = [Call(operator, "fp16", {**sizes, first: sizes[first] * int(each)}, words) for each in scale]
        kernels, family = columns(calls, [sheet] * rows), BY_OPERATOR[operator]
        seconds = best(lambda family=family, kernels=kernels: family.estimate(kernels)) / rows
        print(f"{operator:20} {1e6 * seconds:7.2f} us a kernel   {1 / seconds:12,.0f} a second")
        if operator == "gemm":
            low, high = (f"{each / seconds:,.0f}" for each in LLMCOMPASS_S)
            print(f"{'':20} {low} to {high} x faster than LLMCompass' 36 to 209 s a product")


def best(run: Callable[[], object]) -> float:
    """Seconds of the fastest of some runs."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


if __name__ == "__main__":
    main()
