"""Attention inside HBM as AttAcc (ASPLOS 2024) spreads it: how many column steps its PIM units take.

A head is processed by one channel; channels take heads in rounds. Score and context are GEMVs: every step a
unit multiplies the ``access_bytes`` that a bank, a bank group or a pseudochannel reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Unit = Literal["bank", "bank_group", "base_die"]


@dataclass(frozen=True, slots=True)
class Stack:
    """One stack; the defaults are those of AttAcc's simulator (2024), its HBM3-PIM."""

    channels: int = 16
    pseudochannels: int = 2
    dram_ranks: int = 2
    bank_groups: int = 4
    banks_per_group: int = 4
    access_bytes: int = 32

    def across(self, unit: Unit) -> tuple[int, int]:
        """Tokens that the units of a channel take at once, and parts that a head's vector is cut into."""
        groups = self.pseudochannels * self.dram_ranks * self.bank_groups
        return {
            "bank": (groups, self.banks_per_group),
            "bank_group": (groups, 1),
            "base_die": (self.pseudochannels, 1),
        }[unit]


@dataclass(frozen=True, slots=True)
class Attention:
    """Attention of ``heads`` (of all requests of a stack) over ``tokens``, ``dhead`` elements of ``dbyte``
    bytes.
    """

    tokens: int
    heads: int
    dhead: int
    dbyte: int


def column_steps(
    attention: Attention, unit: Unit, stack: Stack | None = None, *, whole_last_round: bool = False
) -> int:
    """Column steps of all channels: score and context of every head, and one more a channel to start up.

    ``whole_last_round`` counts as AttAcc's trace generator does: after an even number of rounds, the context
    of the last is issued to all channels, with a head or without.
    """
    stack = stack or Stack()
    tokens, parts = stack.across(unit)
    elements = parts * (stack.access_bytes // attention.dbyte)
    gemv = _ceil(attention.tokens, tokens) * _ceil(attention.dhead, elements)
    rounds, last = _ceil(attention.heads, stack.channels), attention.heads % stack.channels
    idle = stack.channels - last if last and rounds % 2 == 0 and whole_last_round else 0
    starting = stack.channels if rounds > 1 else 0
    return 2 * gemv * attention.heads + gemv * idle + starting


def _ceil(amount: int, step: int) -> int:
    return -(-amount // step)
