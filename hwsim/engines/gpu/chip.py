"""A GPU as a component: its SMs and what they can do. Its L2 and memory are the components above it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from hwsim.arch.component import Count
from hwsim.arch.technology import Price, Technology
from hwsim.engines.gpu.processor import KernelProcessor
from hwsim.spec.quantity import Bandwidth, Length, Power, Size

if TYPE_CHECKING:
    from hwsim.engines.gpu.devices import Array
    from hwsim.engines.gpu.families import Family
    from hwsim.engines.gpu.kernels import Kernels

TERA = 1e12
NANOMETRES = 1e9

Architecture = Literal["volta", "turing", "ampere", "ada", "hopper", "blackwell"]
Rate = Literal["fp32", "tf32", "fp16", "bf16", "fp8", "int8"]


class Gpu(KernelProcessor):
    """The SMs of a GPU; ``clock`` is the one its peaks are quoted at."""

    class_name: ClassVar[str] = "gpu"

    datasheet: str
    """What tables of measurements call this GPU."""
    also_called: list[str] = Field(default_factory=list)
    """Other names in tables of measurements."""
    architecture: Architecture
    """Its generation, which decides how tensor cores get their operands."""
    process: Length
    """The name of its process, as a length."""
    sms: Count
    """Streaming multiprocessors."""
    peak_tops: dict[Rate, float] = Field(min_length=1)
    """Dense 10^12 operations a second by datatype (2 a multiply-add); fp32 without tensor cores."""
    shared_memory: Size
    """Bytes of shared memory of an SM."""
    threads: Count
    """Threads an SM keeps at once."""
    power_cap: Power
    """Watts the board may draw."""
    link_bandwidth: Bandwidth | None = None
    """Bytes a second to other GPUs of a node, in one direction, all links together; absent: none."""
    host_bandwidth: Bandwidth
    """Bytes a second to the host in one direction, the way to other GPUs where there are no links."""
    launch: Literal["graph", "eager"] = "graph"
    """How kernels are started: all at once as a CUDA graph, or by the host one after another."""

    @property
    def boards(self) -> tuple[str, ...]:
        """What tables of measurements call it, the usual name first."""
        return (self.datasheet, *self.also_called)

    def figures(self, clock: float) -> Mapping[str, object]:
        """The fields of its datasheet that are its own."""
        link = self.link_bandwidth or self.host_bandwidth
        return {
            "architecture": self.architecture,
            "process_nm": self.process * NANOMETRES,
            "sms": self.sms,
            "peaks": {name: TERA * rate for name, rate in self.peak_tops.items()},
            "shared_memory": self.shared_memory,
            "threads": self.threads,
            "power": self.power_cap,
            "link_bandwidth": link.per_second(clock),
        }

    def action_energies(self, technology: Technology) -> Mapping[str, Price]:
        """Joules of a multiply-accumulate by datatype, and of a scalar operation.

        They are what the power cap leaves when it slows kernels down: fitted, caches and registers included.
        """
        del technology
        from hwsim.engines.gpu.energy import operation_energies

        source = "fitted to kernels the power cap slows: engines/gpu/parameters.yaml, gemm j_*"
        found = operation_energies(self.architecture, self.process * NANOMETRES)
        return {name: Price(value, source, extrapolated=True) for name, value in found.items()}

    def seconds(self, family: Family, kernels: Kernels) -> Array:
        """Seconds by the kernel models with the parameters in the package."""
        eager = kernels.eager | (self.launch == "eager")
        return family.estimate(replace(kernels, eager=eager))
