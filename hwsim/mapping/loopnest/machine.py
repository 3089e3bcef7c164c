"""Machines as the mapper sees them: memories from the outside in, arrays between them, compute units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf


@dataclass(frozen=True, slots=True)
class Port:
    """What passes in a second through one instance, in bits, and what a bit costs, in joules."""

    bits_per_second: float = inf
    energy_per_bit: float = 0.0


@dataclass(frozen=True, slots=True)
class Memory:
    """A memory; capacities and ports are those of one instance.

    ``shared_port``: reads and writes wait for one another, else each has a port of its own. ``holds``: the
    roles of tensors that may lie here, None for all. ``bits``: the width of an element of a tensor in this
    memory, where it differs from the problem's. ``reads_zeros``: a sum that starts from zero reads the zero
    here, as every later addition reads what is there.
    """

    name: str
    capacity_bits: float
    read: Port
    write: Port
    shared_port: bool = False
    instances: int = 1
    holds: frozenset[str] | None = None
    bits: Mapping[str, int] = field(default_factory=dict)
    reads_zeros: bool = False


@dataclass(frozen=True, slots=True)
class Array:
    """A dimension along which everything below the memory ``inside`` is there ``width`` times.

    ``shared``: one read serves all, sums are added up on the way.
    """

    name: str
    width: int
    inside: str
    shared: bool = True


@dataclass(frozen=True, slots=True)
class Compute:
    """The multiply-accumulate units: how many, how many a second each does, joules of one."""

    name: str
    instances: int
    macs_per_second: float
    energy: float


@dataclass(frozen=True, slots=True)
class Machine:
    """Memories, outermost first, the arrays between them, and the compute units below."""

    name: str
    memories: tuple[Memory, ...]
    arrays: tuple[Array, ...]
    compute: Compute

    def memory(self, name: str) -> Memory:
        """The memory called ``name``.

        Raises:
            KeyError: there is none.
        """
        return {each.name: each for each in self.memories}[name]
