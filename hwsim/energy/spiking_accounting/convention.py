"""The papers' convention: joules = multiply-accumulates x e_mac + accumulates x e_ac, and nothing else.

After Horowitz (ISSCC 2014) at 45 nm in 32-bit floating point: an accumulate is an addition, a
multiply-accumulate a multiplication and an addition. A layer whose input is binary spikes has accumulates,
dense operations over all time steps x spike rate; any other layer has multiply-accumulates.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hwsim.arch.technology import Technology

TECHNOLOGY = "cmos_45nm"
"""The table whose 32-bit floating-point operations the convention charges."""


@dataclass(frozen=True, slots=True)
class Convention:
    """Joules of a multiply-accumulate and of an accumulate."""

    mac: float
    accumulate: float

    @classmethod
    def of(cls, technology: Technology) -> Convention:
        """The convention in the fp32 operations of a technology."""
        add = technology.arithmetic("add", "fp32").value
        return cls(technology.arithmetic("multiply", "fp32").value + add, add)

    def energy(self, macs: float, accumulates: float) -> float:
        """Joules of so many operations."""
        return self.mac * macs + self.accumulate * accumulates


@dataclass(frozen=True, slots=True)
class SpikingAttention:
    """Spiking self-attention that multiplies K^T with V first: linear in the number of tokens.

    ``tokens`` are those of all time steps together; rates are 0..1.
    """

    dim: int
    heads: int
    tokens: float
    query_rate: float
    key_rate: float
    value_rate: float

    @property
    def accumulates(self) -> float:
        """Accumulates of K^T V, where one operand's spikes gate the other's, and of Q times the result."""
        rate = min(self.key_rate, self.value_rate) + self.query_rate
        return self.heads * self.tokens * (self.dim / self.heads) ** 2 * rate


def accumulates_of(dense: float, rate: float) -> float:
    """Accumulates of a layer with ``dense`` operations over all time steps and a spike rate of 0..1."""
    return dense * rate


def total(parts: Iterable[float]) -> float:
    """The exact sum, rounded once."""
    import math

    return math.fsum(parts)
