"""A PIM program: what a channel's PIM units are told to do, one instruction a column."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from hwsim.engines.dram.kernel.rows import Ints
from hwsim.spec.errors import InputError, did_you_mean

# Rows of a program's table: the kind of instruction; bank, for a load; row; column steps of an instruction,
# or of the whole tile where it is announced; read-outs of the tile.
KIND, BANK, ROW, COMPS, READOUTS = range(5)
LOAD, ANNOUNCE, COMPUTE, READ_OUT, COMPOSITE = range(5)
KINDS = ("load", "announce", "compute", "read_out", "composite")
Kind = Literal["load", "announce", "compute", "read_out", "composite"]


@dataclass(frozen=True, slots=True)
class Instruction:
    """``load``: copy the page at ``bank`` and ``row`` to the channel's vector buffer; ``announce``: a tile of
    ``comps`` column steps and ``readouts`` read-outs on ``row`` of all banks follows; ``compute``: one column
    step in all banks; ``read_out``: the sums of all banks; ``composite``: ``comps`` column steps and a read-
    out.
    """

    kind: Kind
    row: int
    bank: int = 0
    comps: int = 0
    readouts: int = 0


def table_of(program: Sequence[Instruction]) -> Ints:
    """The program as the compiled core reads it.

    Raises:
        InputError: an instruction of a kind there is not.
    """
    table = np.zeros((5, len(program)), np.int64)
    for place, each in enumerate(program):
        if each.kind not in KINDS:
            message = f"instruction {place}: there is no PIM instruction {each.kind!r}"
            raise InputError(message, hint=did_you_mean(each.kind, KINDS))
        table[:, place] = (KINDS.index(each.kind), each.bank, each.row, each.comps, each.readouts)
    return table


def tile(
    row: int, steps: Iterable[int], composite: bool, announced_readouts: int | None = None
) -> list[Instruction]:
    """A tile: one read-out after each of ``steps`` column steps on ``row`` of all banks.

    ``composite``: column steps and their read-out in one instruction; ``announced_readouts``: how many are
    announced, by default as many as there are.
    """
    parts = list(steps)
    readouts = len(parts) if announced_readouts is None else announced_readouts
    program = [Instruction("announce", row, comps=sum(parts), readouts=readouts)]
    for comps in parts:
        if composite:
            program.append(Instruction("composite", row, comps=comps))
            continue
        program += [Instruction("compute", row, comps=1)] * comps
        program.append(Instruction("read_out", row))
    return program
