"""A CPU as a component: its cores and their vector units. Its last cache and memory are above it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from hwsim.arch.component import Count
from hwsim.arch.technology import Price, Technology
from hwsim.engines.gpu.processor import KernelProcessor
from hwsim.spec.quantity import Bandwidth, Energy, PositiveTime

if TYPE_CHECKING:
    from hwsim.engines.gpu.devices import Array
    from hwsim.engines.gpu.families import Family
    from hwsim.engines.gpu.kernels import Kernels

Datatype = Literal["fp32", "bf16", "fp16", "int8"]


class Cpu(KernelProcessor):
    """Cores with vector units; a kernel takes its dispatch and then what the roofline says."""

    class_name: ClassVar[str] = "cpu"

    cores: Count
    """Cores that work on one kernel."""
    operations_per_cycle: dict[Datatype, float] = Field(min_length=1)
    """Operations of one core in a cycle by datatype (2 a multiply-add)."""
    compute_efficiency: float = Field(gt=0, le=1)
    """Share of that which libraries reach."""
    stream_efficiency: float = Field(gt=0, le=1)
    """Share of the bandwidth of the memory that streams reach."""
    dispatch: PositiveTime
    """Seconds a framework takes to start a kernel."""
    mac_energy: dict[Datatype, Energy] = Field(min_length=1)
    """Energy of a multiply-accumulate by datatype."""
    scalar_energy: Energy
    """Energy of any other operation on one element."""
    cache_bandwidth: Bandwidth
    """Bytes a second from the last cache to all cores, for kernels whose data fit it."""

    @property
    def boards(self) -> tuple[str, ...]:
        """What tables of measurements call it."""
        return ("cpu",)

    def figures(self, clock: float) -> Mapping[str, object]:
        """The fields of its datasheet that are its own; those of GPUs are 0."""
        rates = {name: each * self.cores * clock for name, each in self.operations_per_cycle.items()}
        return {
            "architecture": "cpu",
            "process_nm": 0.0,
            "sms": self.cores,
            "peaks": rates,
            "shared_memory": 0.0,
            "threads": 1,
            "power": 0.0,
            "link_bandwidth": self.cache_bandwidth.per_second(clock),
        }

    def action_energies(self, technology: Technology) -> Mapping[str, Price]:
        """Joules of ``mac_DATATYPE`` and ``scalar`` actions, as described."""
        del technology
        macs = {
            f"mac_{name}": Price(value, "mac_energy of the machine")
            for name, value in self.mac_energy.items()
        }
        return {**macs, "scalar": Price(self.scalar_energy, "scalar_energy of the machine")}

    def seconds(self, family: Family, kernels: Kernels) -> Array:
        """Dispatch of every call, then the longer of arithmetic and bytes: from the cache if they fit it."""
        import numpy as np

        work, devices = family.work(kernels), kernels.devices
        arithmetic = work.operations / (work.compute_rate * self.compute_efficiency)
        rate = np.where(
            work.bytes <= devices.l2, devices.link_bandwidth, devices.bandwidth * self.stream_efficiency
        )
        dispatch = self.dispatch * family.launches(kernels)
        return np.asarray(dispatch + np.maximum(arithmetic, work.bytes / rate))
