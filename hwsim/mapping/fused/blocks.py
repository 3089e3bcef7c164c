"""Phases on their own, each from DRAM to DRAM: what an unfused kernel moves.

A product keeps one of its three tensors, in blocks along one of its ranks where it is larger than the buffer;
what has this rank moves once, the rest once a block (sums come back for the next). Of these ways the one that
moves least is taken. All other phases read what they take and write what later phases take, once.
"""

from __future__ import annotations

import math

from hwsim.einsum.cascade import Cascade
from hwsim.mapping.fused.configurations import Configuration
from hwsim.mapping.fused.machine import CONTRACTION, TwoArrayMachine
from hwsim.mapping.fused.operations import bodies, elements, operations
from hwsim.mapping.fused.shape import Sizes
from hwsim.mapping.fused.traffic import Movement, Traffic


def block_movement(
    machine: TwoArrayMachine, configuration: Configuration, cascade: Cascade, sizes: Sizes
) -> Movement:
    """What moves, phase by phase."""
    phases = [tuple(name for stage in phase for name in stage) for phase in configuration.phases]
    traffic = tuple(_phase_traffic(machine, cascade, sizes, phase) for phase in phases)
    return Movement(traffic, "each phase from DRAM to DRAM")


def _phase_traffic(
    machine: TwoArrayMachine, cascade: Cascade, sizes: Sizes, phase: tuple[str, ...]
) -> Traffic:
    statements = bodies(cascade)
    if len(phase) == 1 and CONTRACTION in operations(statements[phase[0]]):
        return _product_traffic(machine, cascade, sizes, phase[0])
    taken = dict.fromkeys(access.tensor for name in phase for access in statements[name].reads)
    read = sum(elements(cascade, tensor, sizes) for tensor in taken if tensor not in phase)
    written = sum(elements(cascade, name, sizes) for name in phase if _leaves(cascade, name, phase))
    return Traffic(float(read) * machine.word_bytes, float(written) * machine.word_bytes)


def _product_traffic(machine: TwoArrayMachine, cascade: Cascade, sizes: Sizes, name: str) -> Traffic:
    """The least traffic of a product among the ways to keep one tensor of it."""
    operands = [access.tensor for access in bodies(cascade)[name].reads]
    room = machine.buffer_words - 2 * machine.rows * sizes["E"]
    ways = (
        _kept_in_blocks(
            cascade, sizes, operands, name, rank, math.ceil(elements(cascade, kept, sizes) / room)
        )
        for kept in (*operands, name)
        for rank in cascade.tensor_ranks[kept]
    )
    return min(ways, key=lambda way: way.total_bytes).times(machine.word_bytes)


def _kept_in_blocks(
    cascade: Cascade, sizes: Sizes, operands: list[str], result: str, rank: str, blocks: int
) -> Traffic:
    """Words that move where something is kept in ``blocks`` along ``rank``."""
    visits = {name: 1 if rank in cascade.tensor_ranks[name] else blocks for name in (*operands, result)}
    size = {name: float(elements(cascade, name, sizes)) for name in visits}
    read = sum(size[name] * visits[name] for name in operands) + size[result] * (visits[result] - 1)
    return Traffic(read, size[result] * visits[result])


def _leaves(cascade: Cascade, tensor: str, phase: tuple[str, ...]) -> bool:
    """Whether something outside the phase needs the tensor."""
    readers = [
        name for name, einsum in bodies(cascade).items() if any(a.tensor == tensor for a in einsum.reads)
    ]
    return not readers or any(name not in phase for name in readers)
