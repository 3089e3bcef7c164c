"""The linear layers around attention, one product after another on the grid.

``fidelity: analytical``: all multipliers work all the time, operands and results move once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hwsim.mapping.fused.actions import Count, dram_counts, summed
from hwsim.mapping.fused.machine import CONTRACTION, TwoArrayMachine
from hwsim.mapping.fused.shape import LinearShape
from hwsim.mapping.fused.traffic import Traffic


@dataclass(frozen=True, slots=True)
class LinearEstimate:
    """Seconds, bytes and actions of all six products of a layer."""

    latency_s: float
    traffic: Traffic
    counts: tuple[Count, ...]


def estimate_linear(machine: TwoArrayMachine, shape: LinearShape) -> LinearEstimate:
    """What the products of ``shape`` cost on ``machine``, each from DRAM to DRAM."""
    moved = [_product_traffic(machine, shape.tokens, K, N) for K, N in shape.products]
    traffic = Traffic(sum(each.read_bytes for each in moved), sum(each.write_bytes for each in moved))
    cycles = sum(
        max(shape.tokens * K * N / machine.grid.units, machine.dram_cycles(each.total_bytes))
        for (K, N), each in zip(shape.products, moved, strict=True)
    )
    inside = tuple(count for K, N in shape.products for count in _product_counts(machine, shape.tokens, K, N))
    counts = summed((*inside, *dram_counts(machine, traffic)))
    return LinearEstimate(cycles / machine.clock, traffic, counts)


def _product_traffic(machine: TwoArrayMachine, M: int, K: int, N: int) -> Traffic:
    return Traffic((M * K + K * N) * machine.word_bytes, M * N * machine.word_bytes)


def _product_counts(machine: TwoArrayMachine, M: int, K: int, N: int) -> Iterator[Count]:
    """Operands come past the grid, tile by tile of the result; a result is written to a register once."""
    macs, row = M * K * N, machine.buffer_row_words
    yield Count(machine.grid.component, CONTRACTION, macs)
    yield Count(machine.grid.component, "register_write_sum", M * N)
    yield Count(machine.buffer, "read", macs / row * (1 / machine.rows + 1 / machine.columns))
    yield Count(machine.buffer, "write", M * N / row)
