"""Machines for the mapper as YAML files."""

from __future__ import annotations

from math import inf
from pathlib import Path

from pydantic import Field

from hwsim.mapping.loopnest.machine import Array, Compute, Machine, Memory, Port
from hwsim.spec.document import load_document
from hwsim.spec.errors import InputError, did_you_mean
from hwsim.spec.model import Spec, validate
from hwsim.spec.quantity import Bandwidth, BitWidth, Energy, Frequency


class PortSpec(Spec):
    """A port of one instance."""

    energy: Energy = 0.0
    """Joules of one word."""
    word: BitWidth = 1
    """Bits that one read or write moves, to which the energy belongs."""
    bandwidth: Bandwidth | None = None
    """Left out, it never limits."""

    def port(self, clock: float) -> Port:
        """The port in bits."""
        rate = 8 * self.bandwidth.per_second(clock) if self.bandwidth else inf
        return Port(rate, self.energy / self.word)


class MemorySpec(Spec):
    """A memory; everything is that of one instance."""

    capacity: BitWidth | None = None
    """Left out, it never fills."""
    instances: int = Field(default=1, ge=1)
    """How many there are."""
    read: PortSpec
    """The port that reads."""
    write: PortSpec
    """The port that writes."""
    shared_port: bool = False
    """Whether reads and writes wait for one another."""
    holds: tuple[str, ...] | None = None
    """Roles of tensors that it may hold (input, weight, output); all of them by default."""
    bits: dict[str, int] = Field(default_factory=dict)
    """Width of an element in this memory, by tensor, where it differs from the problem's."""
    reads_zeros: bool = False
    """Whether a sum that starts from zero reads the zero."""


class ArraySpec(Spec):
    """A dimension along which everything inside is there several times."""

    width: int = Field(ge=1)
    """How many times."""
    inside: str
    """The memory above the places."""
    shared: bool = True
    """Whether one read serves all places, and their sums are added up on the way."""
    reuses: str | None = None
    """Role of the tensor that all places have in common: along it lies a rank that does not move it."""
    systolic: bool = False
    """Whether operands pass from place to place, a cycle each."""


class ComputeSpec(Spec):
    """The multiply-accumulate units."""

    name: str
    """As the mappings call it."""
    instances: int = Field(default=1, ge=1)
    """How many there are."""
    rate: Frequency
    """Multiplications a second of one."""
    energy: Energy
    """Joules of one multiply-accumulate."""


class MachineSpec(Spec):
    """A machine as a mapper sees it."""

    name: str
    """Identification."""
    source: str
    """Where its figures come from."""
    clock: Frequency = 1e9
    """What a cycle of a bandwidth is."""
    energy_unit: Energy = 1.0
    """Joules that stand for one where the figures are in arbitrary units."""
    memories: dict[str, MemorySpec] = Field(min_length=1)
    """From the outside in."""
    arrays: dict[str, ArraySpec] = Field(default_factory=dict)
    """Dimensions of the arrays between them."""
    compute: ComputeSpec
    """What is inside all of them."""
    idle: tuple[str, ...] = ()
    """Components that take no part in a product."""


def load_machine(path: Path) -> MachineSpec:
    """What the file at ``path`` describes.

    Raises:
        InputError: it describes no machine, with the position.
    """
    document = load_document(path)
    spec = validate(MachineSpec, document)
    for name, array in spec.arrays.items():
        if array.inside not in spec.memories:
            hint = did_you_mean(array.inside, spec.memories)
            position = document.position(("arrays", name, "inside"))
            raise InputError(f"there is no memory {array.inside!r}", position, hint)
    return spec


def machine(spec: MachineSpec) -> Machine:
    """The machine in bits, seconds and joules."""
    return Machine(
        spec.name,
        tuple(_memory(name, each, spec.clock) for name, each in spec.memories.items()),
        tuple(Array(name, each.width, each.inside, each.shared) for name, each in spec.arrays.items()),
        Compute(spec.compute.name, spec.compute.instances, spec.compute.rate, spec.compute.energy),
    )


def _memory(name: str, spec: MemorySpec, clock: float) -> Memory:
    return Memory(
        name=name,
        capacity_bits=inf if spec.capacity is None else spec.capacity,
        read=spec.read.port(clock),
        write=spec.write.port(clock),
        shared_port=spec.shared_port,
        instances=spec.instances,
        holds=None if spec.holds is None else frozenset(spec.holds),
        bits=spec.bits,
        reads_zeros=spec.reads_zeros,
    )
