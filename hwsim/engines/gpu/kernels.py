"""Many kernels of one family as columns, and what is known of how they were run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hwsim.engines.gpu.devices import Array, Devices, Flags

BYTES = {"fp32": 4.0, "tf32": 4.0, "fp16": 2.0, "bf16": 2.0, "fp8": 1.0, "int8": 1.0}
"""Bytes of one element in memory, by datatype."""
DATATYPES = tuple(BYTES)

Words = npt.NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Kernels:
    """Kernels of one family.

    ``operators`` and ``datatypes`` name what each does and in which datatype; ``sizes`` are its dimensions by
    name, ``words`` its other columns (``kv_dtype``, ``distribution`` ...); ``host`` marks latencies that
    contain the dispatch by the host (eager mode, synchronised); ``cold`` kernels whose weights were not in
    the L2; ``fresh`` kernels that run once, as in a model, where weights and caches come from memory;
    ``eager`` those that the host starts one by one, without waiting for them, instead of in a CUDA graph;
    ``exposed`` latencies between two events around one eager call, which contain its dispatch whole;
    ``software`` names the library the kernel comes from ("" where unknown).
    """

    devices: Devices
    operators: Words
    datatypes: Words
    sizes: Mapping[str, Array]
    words: Mapping[str, Words]
    host: Flags
    cold: Flags
    fresh: Flags
    eager: Flags
    exposed: Flags
    software: Words

    def __len__(self) -> int:
        return len(self.operators)

    def size(self, name: str) -> Array:
        """One dimension of every kernel."""
        return self.sizes[name]

    @property
    def element_bytes(self) -> Array:
        """Bytes of an element in each kernel's datatype."""
        return bytes_of(self.datatypes)

    @property
    def peak(self) -> Array:
        """Operations per second in each kernel's datatype."""
        return self.devices.peak(self.datatypes)

    def of_operators(self, *names: str) -> Flags:
        """Which kernels do one of ``names``."""
        return np.isin(self.operators, names)

    def of_software(self, name: str) -> Flags:
        """Which kernels come from the library ``name``."""
        return np.asarray(self.software == name)


def bytes_of(datatypes: Words) -> Array:
    """Bytes of an element, by datatype."""
    known, place = np.unique(datatypes, return_inverse=True)
    return np.array([BYTES[str(name)] for name in known], dtype=float)[place]
