"""Whether a workload fits the outermost memory at all."""

from __future__ import annotations

from hwsim.arch.machine import Arch, memory_of
from hwsim.spec.printing import format_quantity
from hwsim.spec.units import SIZE
from hwsim.workload.workload import Workload

LASTING = ("input", "weight", "output", "state")
"""Kinds of tensors that need a place in the outermost memory whatever the schedule."""


def footprint_notes(arch: Arch, workload: Workload) -> tuple[str, ...]:
    """A note where inputs, weights, states and outputs together exceed the outermost memory.

    The run goes on: its time and energy are those of a memory that is large enough but else the same.
    """
    capacity = memory_of(arch.root).capacity
    needed = sum(tensor.bytes for tensor in workload.tensors.values() if tensor.kind in LASTING)
    if capacity is None or needed <= capacity * arch.root.instances:
        return ()
    return (
        f"{workload.name} does not fit {arch.name}: weights, states, inputs and outputs take "
        f"{format_quantity(needed, SIZE)}, {arch.root.name} holds {format_quantity(capacity, SIZE)}; "
        "the answer is that of a memory with room for them",
    )
