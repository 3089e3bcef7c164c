"""Attention inside HBM as AttAcc (ASPLOS 2024) spreads it, counted and as streams of instructions.

A head is processed by one channel; channels take heads in rounds, two under way at once. Score and context
are products of a matrix and a vector: every step a unit multiplies the ``access_bytes`` that a bank, a bank
group or a pseudochannel reads.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Unit = Literal["bank", "bank_group", "base_die"]
UNDER_WAY = 2
"""Heads of a channel under way at once: the scores of one beside the softmax of the other."""


@dataclass(frozen=True, slots=True)
class Stack:
    """One stack; the defaults are those of AttAcc's simulator (2024), its HBM3-PIM.

    ``sums`` are the results that a unit keeps before they are moved to the softmax unit.
    """

    channels: int = 16
    pseudochannels: int = 2
    dram_ranks: int = 2
    bank_groups: int = 4
    banks_per_group: int = 4
    access_bytes: int = 32
    row_columns: int = 32
    sums: int = 16

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


@dataclass(frozen=True, slots=True)
class Work:
    """What one head asks of its channel: column steps of each product, moves into the vector buffer before
    the scores and before the context, moves out of results of each, and for how many blocks of tokens.
    """

    steps: int
    writes: int
    moves_in: int
    moves_out: tuple[int, int]
    blocks: int


def work_of(attention: Attention, unit: Unit, stack: Stack) -> Work:
    """The work of one head."""
    tokens, parts = stack.across(unit)
    per_step = stack.access_bytes // attention.dbyte
    token_steps = _ceil(attention.tokens, tokens)
    element_steps = _ceil(attention.dhead, parts * per_step)
    blocks, per_pseudo = _ceil(token_steps, stack.sums), tokens // stack.pseudochannels
    return Work(
        steps=token_steps * element_steps,
        writes=parts * element_steps,
        moves_in=per_pseudo * _ceil(attention.tokens, tokens * per_step),
        moves_out=(blocks * per_pseudo, element_steps * parts * min(per_pseudo, stack.dram_ranks)),
        blocks=blocks,
    )


def column_steps(
    attention: Attention, unit: Unit, stack: Stack | None = None, *, whole_last_round: bool = False
) -> int:
    """Column steps of all channels: score and context of every head, and one more a channel to start up.

    ``whole_last_round`` counts as AttAcc's trace generator does: after an even number of rounds, the context
    of the last is issued to all channels, with a head or without.
    """
    stack = stack or Stack()
    gemv = work_of(attention, unit, stack).steps
    rounds, last = _ceil(attention.heads, stack.channels), attention.heads % stack.channels
    idle = stack.channels - last if last and rounds % 2 == 0 and whole_last_round else 0
    starting = stack.channels if rounds > 1 else 0
    return 2 * gemv * attention.heads + gemv * idle + starting


@dataclass(frozen=True, slots=True)
class Segment:
    """Column steps on one row of ``banks`` banks, ``stride`` apart from ``bank`` on, which take turns."""

    row: int
    bank: int
    stride: int
    banks: int
    steps: int
    last: bool


def segments(steps: int, first_row: int, unit: Unit, stack: Stack) -> Iterator[Segment]:
    """A product of ``steps`` column steps, row by row; banks as the devices ``hbm3_attacc_*`` number them.

    A unit of a bank has one row; units of groups go through the banks of their group; one on the base die
    reads the groups of a rank in turns, so that columns are CCD_S apart.
    """
    places, stride, turns = {
        "bank": ([0], 1, 1),
        "bank_group": (list(range(stack.banks_per_group)), 1, 1),
        "base_die": (
            [
                rank * stack.bank_groups * stack.banks_per_group + bank
                for rank in range(stack.dram_ranks)
                for bank in range(stack.banks_per_group)
            ],
            stack.banks_per_group,
            stack.bank_groups,
        ),
    }[unit]
    most = stack.row_columns * turns
    for number in range(_ceil(steps, most)):
        left = steps - number * most
        row = first_row + number // len(places)
        place = places[number % len(places)]
        yield Segment(row, place, stride, turns, min(most, left), left <= most)


def _ceil(amount: int, step: int) -> int:
    return -(-amount // step)
