"""The datasheets of the GPUs that many kernels run on, as columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hwsim.engines.gpu.datasheet import Datasheet

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

GRAPHICS_MEMORY = ("gddr6",)
STACKED_MEMORY_3 = ("hbm3",)
"""Memories of the third generation (HBM3, HBM3E): more, narrower channels than HBM2(E)."""
ASYNCHRONOUS_TENSOR = ("hopper", "blackwell")
"""Architectures whose tensor cores read shared memory by themselves, beside the loads (wgmma, tcgen05)."""

BLACKWELL = "blackwell"
"""The generation whose tensor cores take operands from memory of their own."""


@dataclass(frozen=True, slots=True)
class Devices:
    """Datasheets as columns: entry ``i`` is of the GPU of kernel ``i``."""

    sms: Array
    clock: Array
    bandwidth: Array
    l2: Array
    shared_memory: Array
    threads: Array
    power: Array
    process: Array
    link_bandwidth: Array
    graphics_memory: Flags
    hbm3: Flags
    asynchronous: Flags
    blackwell: Flags
    sheets: tuple[Datasheet, ...]
    index: npt.NDArray[np.intp]

    @staticmethod
    def of(sheets: Sequence[Datasheet], index: npt.NDArray[np.intp]) -> Devices:
        """The columns for kernels that run on ``sheets[index[i]]``."""

        def numbers(field: str) -> Array:
            return np.array([getattr(sheet, field) for sheet in sheets], dtype=float)[index]

        def flags(field: str, known: tuple[str, ...]) -> Flags:
            return np.array([getattr(sheet, field) in known for sheet in sheets])[index]

        return Devices(
            sms=numbers("sms"),
            clock=numbers("clock"),
            bandwidth=numbers("bandwidth"),
            l2=numbers("l2"),
            shared_memory=numbers("shared_memory"),
            threads=numbers("threads"),
            power=numbers("power"),
            process=numbers("process_nm"),
            link_bandwidth=numbers("link_bandwidth"),
            graphics_memory=flags("memory", GRAPHICS_MEMORY),
            hbm3=flags("memory", STACKED_MEMORY_3),
            asynchronous=flags("architecture", ASYNCHRONOUS_TENSOR),
            blackwell=flags("architecture", (BLACKWELL,)),
            sheets=tuple(sheets),
            index=index,
        )

    def peak(self, datatypes: npt.NDArray[np.str_]) -> Array:
        """Operations per second of each kernel's GPU in its datatype; 0 where the GPU lacks it."""
        found = np.zeros(len(self.index))
        for datatype in np.unique(datatypes):
            rates = np.array([sheet.peaks.get(str(datatype), 0.0) for sheet in self.sheets])
            found = np.where(datatypes == datatype, rates[self.index], found)
        return found
