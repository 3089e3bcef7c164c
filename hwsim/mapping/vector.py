"""Planning what is not a contraction: the tensors stream past the vector unit in chunks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from hwsim.arch.component import Component
from hwsim.mapping.plan import Transfer
from hwsim.workload.operator import Access, Operator
from hwsim.workload.tensor import Tensor


@dataclass(frozen=True, slots=True)
class Operand:
    """One tensor of vector work: how many of its bytes are touched, along which memories, and whether it
    lies whole in the first on-chip one.
    """

    tensor: str
    role: str
    bytes: int
    path: tuple[Component, ...]
    resident: bool
    saved: bool = True
    """Results only: whether the root memory gets the tensor."""


def touched_bytes(operator: Operator, part: Access, tensors: Mapping[str, Tensor]) -> int:
    """Bytes of ``part`` the operator reads: all of them, or what a gather touches."""
    whole = tensors[part.tensor].bytes
    fraction = dict(operator.touched).get(part.tensor, 1.0)
    return min(whole, -int(-(whole * fraction) // 1))


def fiber_bytes(operator: Operator, operands: tuple[Operand, ...], elements: int) -> int:
    """Bytes of one reduced fiber over the streamed operands: what must fit for one pass over the root."""
    streamed = sum(operand.bytes for operand in operands if not operand.resident)
    return -(-streamed * operator.fiber // max(elements, operator.fiber, 1))


def read_transfers(operator: Operator, operand: Operand, engine: str, outer_passes: int) -> list[Transfer]:
    """A read operand on its way in: once over each memory boundary, every pass over the engine's edge."""
    names = [memory.name for memory in operand.path]
    first = 1 if operand.resident else 0
    found = []
    for source, destination in zip(names[first:], names[first + 1 :], strict=False):
        times = outer_passes if source == names[0] else 1
        found.append(
            Transfer(operator.name, operand.tensor, operand.role, source, destination, times * operand.bytes)
        )
    passes = operator.passes if len(names) > 1 else max(operator.passes, outer_passes)
    found.append(
        Transfer(operator.name, operand.tensor, operand.role, names[-1], engine, passes * operand.bytes)
    )
    return found


def write_transfers(operator: Operator, operand: Operand, engine: str) -> list[Transfer]:
    """A result on its way out, to its resting place: home, the root memory, or both."""
    stop = 0 if operand.saved else 1
    chain = [engine, *(memory.name for memory in reversed(operand.path[stop:]))]
    return [
        Transfer(operator.name, operand.tensor, operand.role, source, destination, operand.bytes)
        for source, destination in pairwise(chain)
    ]
