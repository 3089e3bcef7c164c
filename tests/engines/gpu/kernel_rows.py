"""Kernels for tests: columns from keyword arguments."""

from __future__ import annotations

import numpy as np

from hwsim.engines.gpu.devices import Devices
from hwsim.engines.gpu.families import BY_OPERATOR
from hwsim.engines.gpu.kernels import Kernels
from hwsim.validation.gpu.machines import datasheets

WORDS = {"kv_dtype": "fp16", "distribution": "balanced", "impl": "nccl"}


def kernels(
    operator: str,
    gpu: str,
    dtype: str = "fp16",
    cold: bool = True,
    eager: bool = False,
    exposed: bool = False,
    **sizes,
) -> Kernels:
    """Rows of one operator on one GPU; each size a number or a list of them."""
    family = BY_OPERATOR[operator]
    words = {name: sizes.pop(name, WORDS[name]) for name in family.words}
    columns = np.broadcast_arrays(*(np.atleast_1d(np.asarray(value, float)) for value in sizes.values()))
    rows = len(columns[0])
    return Kernels(
        devices=Devices.of([datasheets()[gpu]], np.zeros(rows, dtype=np.intp)),
        operators=np.full(rows, operator),
        datatypes=np.full(rows, dtype),
        sizes=dict(zip(sizes, columns, strict=True)),
        words={name: np.full(rows, word) for name, word in words.items()},
        host=np.zeros(rows, dtype=bool),
        cold=np.full(rows, cold),
        fresh=np.zeros(rows, dtype=bool),
        eager=np.full(rows, eager),
        exposed=np.full(rows, exposed),
        software=np.full(rows, ""),
    )
