"""What runs kernels one after another: a component below a last-level cache and a memory."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from hwsim.arch.component import Attributes, Component
from hwsim.arch.machine import Arch, memory_of
from hwsim.arch.memory import Dram, Memory
from hwsim.engines.gpu.datasheet import Datasheet
from hwsim.spec.errors import InputError

if TYPE_CHECKING:
    from hwsim.engines.gpu.devices import Array
    from hwsim.engines.gpu.families import Family
    from hwsim.engines.gpu.kernels import Kernels


class KernelProcessor(Attributes):
    """Base of the component classes that run whole kernels: GPUs, CPUs.

    Its place is below a last-level cache (``sram``), and that below one memory (``dram``).
    """

    class_name: ClassVar[str] = ""

    @property
    @abstractmethod
    def boards(self) -> tuple[str, ...]:
        """What tables of measurements call it, the usual name first."""

    @abstractmethod
    def figures(self, clock: float) -> Mapping[str, object]:
        """The fields of its :class:`Datasheet` that are its own, at ``clock`` hertz."""

    def peak_macs_per_s(self, clock: float, datatype: str) -> float:
        """Multiply-accumulates a second in ``datatype``, 0 where it lacks it."""
        peaks = self.figures(clock)["peaks"]
        rate = peaks.get(datatype, 0.0) if isinstance(peaks, Mapping) else 0.0
        return float(rate) / 2.0

    @abstractmethod
    def seconds(self, family: Family, kernels: Kernels) -> Array:
        """Seconds of each of ``kernels``, which are of ``family`` and all run on such processors."""


def runs_kernels(arch: Arch) -> bool:
    """Whether the machine is a processor of kernels."""
    return any(isinstance(part.attributes, KernelProcessor) for part in arch.walk())


def processor_of(arch: Arch) -> tuple[Component, KernelProcessor]:
    """The processor in a machine.

    Raises:
        InputError: it has none.
    """
    for part in arch.walk():
        if isinstance(part.attributes, KernelProcessor):
            return part, part.attributes
    message = f"machine {arch.name!r} is no GPU or CPU: there are no kernels to compare"
    raise InputError(message, hint="'hwsim list arch' shows those in the folders gpu and cpu")


def datasheet_of(arch: Arch) -> Datasheet:
    """What the kernel models need of a machine: its processor, its memory, and the last-level cache between.

    Raises:
        InputError: it has no processor, no such cache or no bandwidth of memory.
    """
    part, processor = processor_of(arch)
    memories = arch.memories_above(part.name)
    outer = memories[0].attributes if memories else None
    if len(memories) != 2 or not isinstance(outer, Dram):
        raise InputError(f"{part.name!r} must hang from a cache (sram), and that from one dram")
    dram, cache = memories
    return Datasheet(
        name=processor.boards[0],
        memory=outer.device,
        bandwidth=_given(dram, "bandwidth", _bandwidth(dram)),
        capacity=_given(dram, "capacity", memory_of(dram).capacity),
        l2=_given(cache, "capacity", memory_of(cache).capacity),
        clock=part.clock,
        **processor.figures(part.clock),  # type: ignore[arg-type]
    )


def _bandwidth(component: Component) -> float | None:
    memory: Memory = memory_of(component)
    return memory.bandwidth.per_second(component.clock) if memory.bandwidth else None


def _given(component: Component, name: str, value: float | None) -> float:
    if value is None:
        raise InputError(f"{component.name!r} needs a {name}", component.position_of("class"))
    return value
