"""A GPU as a component: its SMs and what they can do. Its L2 and memory are the components above it."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from hwsim.arch.component import Attributes, Component, Count
from hwsim.arch.machine import Arch, memory_of
from hwsim.arch.memory import Dram, Memory
from hwsim.engines.gpu.datasheet import Datasheet
from hwsim.spec.errors import InputError
from hwsim.spec.quantity import Bandwidth, Length, Power, Size

TERA = 1e12

Architecture = Literal["volta", "turing", "ampere", "ada", "hopper", "blackwell"]
Rate = Literal["fp32", "tf32", "fp16", "bf16", "fp8", "int8"]


class Gpu(Attributes):
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


def is_gpu(arch: Arch) -> bool:
    """Whether the machine is a GPU."""
    return any(isinstance(part.attributes, Gpu) for part in arch.walk())


def gpu_of(arch: Arch) -> tuple[Component, Gpu]:
    """The GPU in a machine.

    Raises:
        InputError: it has none.
    """
    for part in arch.walk():
        if isinstance(part.attributes, Gpu):
            return part, part.attributes
    raise InputError(f"machine {arch.name!r} is no GPU", hint="hwsim list arch shows those in the folder gpu")


def datasheet_of(arch: Arch) -> Datasheet:
    """What the kernel models need of a machine: its GPU, the memory it hangs from, and the L2 between.

    Raises:
        InputError: it is no GPU, or has no L2 or no bandwidth of memory.
    """
    part, gpu = gpu_of(arch)
    memories = arch.memories_above(part.name)
    outer = memories[0].attributes if memories else None
    if len(memories) != 2 or not isinstance(outer, Dram):
        raise InputError(f"GPU {part.name!r} must hang from an L2, and that from one dram")
    dram, l2 = memories
    link = gpu.link_bandwidth or gpu.host_bandwidth
    return Datasheet(
        name=gpu.datasheet,
        architecture=gpu.architecture,
        process_nm=gpu.process * 1e9,
        sms=gpu.sms,
        clock=part.clock,
        peaks={name: TERA * rate for name, rate in gpu.peak_tops.items()},
        memory=outer.device,
        bandwidth=_given(dram, "bandwidth", _bandwidth(dram)),
        capacity=_given(dram, "capacity", memory_of(dram).capacity),
        l2=_given(l2, "capacity", memory_of(l2).capacity),
        shared_memory=gpu.shared_memory,
        threads=gpu.threads,
        power=gpu.power_cap,
        link_bandwidth=link.per_second(part.clock),
    )


def _bandwidth(component: Component) -> float | None:
    memory: Memory = memory_of(component)
    return memory.bandwidth.per_second(component.clock) if memory.bandwidth else None


def _given(component: Component, name: str, value: float | None) -> float:
    if value is None:
        raise InputError(f"{component.name!r} of a GPU needs a {name}", component.position_of("class"))
    return value
