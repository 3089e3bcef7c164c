"""What the head of a PIM program needs in a cycle, and issuing it."""

from __future__ import annotations

from typing import Any

from hwsim.engines.dram.kernel.compiled import called
from hwsim.engines.dram.kernel.issue import close_row, delay, open_row, reconsider, record
from hwsim.engines.dram.kernel.rows import FIRST_IN_GROUP, OPEN_ROW, Ints
from hwsim.engines.dram.kernel.setup import Setup
from hwsim.engines.pim.kernel.rows import (
    ARRIVED,
    HEAD,
    LAST_READ_OUT,
    LOADED_AT,
    LOADING,
    NEXT_COMPOSITE,
    SKIP,
    SLACK,
    TILE_ROW,
)
from hwsim.engines.pim.kernel.setup import PimSetup
from hwsim.engines.pim.program import (
    ANNOUNCE,
    BANK,
    COMPOSITE,
    COMPS,
    COMPUTE,
    KIND,
    LOAD,
    READOUTS,
    ROW,
)

NOTHING = -1
"""No command is ready."""


@called
def ready(
    setup: Setup, pim: PimSetup, banks: Ints, program: Ints, progress: Ints, to_refresh: int, cycle: int
) -> Any:
    """The command that the head of the program can issue in this cycle and its bank, or ``NOTHING``.

    ``to_refresh`` is the cycles to the next refresh of the channel: what cannot end before it does not begin.
    """
    head = progress[HEAD]
    if head >= progress[ARRIVED] or cycle < progress[LOADED_AT]:
        return NOTHING, 0
    kind = program[KIND, head]
    if kind == LOAD:
        if not progress[LOADING]:
            left = to_refresh - _load_estimate(pim, banks, program[BANK, head], program[ROW, head])
            progress[SLACK] = max(left, 0)
            progress[SKIP] = left <= 0
            progress[LOADING] = left > 0
        if progress[LOADING]:
            return _load(setup, banks, program[BANK, head], program[ROW, head], cycle)
        return NOTHING, 0
    if kind == ANNOUNCE:
        left = to_refresh - tile_estimate(setup, pim, banks, program, head)
        progress[SLACK] = max(left, 0)
        progress[SKIP] = left <= 0
        if left <= 0:
            return NOTHING, 0
        return _clear(setup, pim, banks, program[ROW, head], cycle)
    return _compute(setup, pim, banks, kind, progress[NEXT_COMPOSITE], cycle)


@called
def _load_estimate(pim: PimSetup, banks: Ints, bank: int, row: int) -> Any:
    """Cycles of a load, row commands included."""
    estimate = pim.load_cycles
    if banks[OPEN_ROW, bank] != row:
        estimate += pim.open_cycles + pim.column_cycles
        if banks[OPEN_ROW, bank] >= 0:
            estimate += pim.close_cycles
    return estimate


@called
def tile_estimate(setup: Setup, pim: PimSetup, banks: Ints, program: Ints, head: int) -> Any:
    """Cycles of the tile announced at ``head``: openings, column steps, read-outs, and precharges of rows for
    PIM.
    """
    closes, groups = 0, 0
    for first in range(setup.banks):
        if banks[FIRST_IN_GROUP, first] != first:
            continue
        right, wrong, bank = 0, 0, first
        while bank < setup.banks and banks[FIRST_IN_GROUP, bank] == first:
            right += banks[pim.row_of, bank] == program[ROW, head]
            wrong += banks[pim.row_of, bank] >= 0 and banks[pim.row_of, bank] != program[ROW, head]
            bank += 1
        if right < bank - first:
            groups += 1
            closes += wrong
    steps = max(program[COMPS, head], pim.pipeline_steps)
    opening = pim.window_cycles * (groups // 2 - 1) + pim.column_cycles
    columns = pim.step_cycles * steps + pim.column_long * (program[READOUTS, head] - 1)
    return closes * pim.close_cycles + opening + columns


@called
def _load(setup: Setup, banks: Ints, bank: int, row: int, cycle: int) -> Any:
    """The load itself, or what brings its row into the bank's normal row buffer."""
    command = setup.close
    if banks[OPEN_ROW, bank] < 0:
        command = setup.open
    elif banks[OPEN_ROW, bank] == row:
        command = setup.pim_load
    return _if_allowed(setup, banks, command, bank, cycle)


@called
def _clear(setup: Setup, pim: PimSetup, banks: Ints, row: int, cycle: int) -> Any:
    """Before a tile: close what is open in the way of its row, one bank a cycle, then announce it."""
    clear = True
    for bank in range(setup.banks):
        command = NOTHING
        if pim.two_buffers and banks[OPEN_ROW, bank] == row:
            command = setup.close
        elif banks[pim.row_of, bank] >= 0 and banks[pim.row_of, bank] != row:
            command = setup.pim_close
        if command >= 0:
            clear = False
            if banks[setup.earliest + command, bank] <= cycle:
                return command, bank
    return (setup.pim_announce, 0) if clear else (NOTHING, 0)


@called
def _compute(setup: Setup, pim: PimSetup, banks: Ints, kind: int, next_composite: int, cycle: int) -> Any:
    """A column step, read-out or both in all banks, or what opens the tile's row where it is not open yet."""
    command = setup.pim_read_out
    if kind == COMPUTE:
        command = setup.pim_compute
    elif kind == COMPOSITE:
        command = setup.pim_composite
    allowed = kind != COMPOSITE or cycle >= next_composite
    for bank in range(setup.banks):
        if banks[pim.row_of, bank] < 0:
            allowed = False
            if banks[FIRST_IN_GROUP, bank] == bank and _group_opens(setup, banks, bank, cycle):
                return setup.pim_open, bank
        elif banks[setup.earliest + command, bank] > cycle:
            allowed = False
    return (command, 0) if allowed else (NOTHING, 0)


@called
def _group_opens(setup: Setup, banks: Ints, first: int, cycle: int) -> Any:
    """Whether the rules let all banks of a group open together."""
    bank = first
    while bank < setup.banks and banks[FIRST_IN_GROUP, bank] == first:
        if banks[setup.earliest + setup.pim_open, bank] > cycle:
            return False
        bank += 1
    return True


@called
def _if_allowed(setup: Setup, banks: Ints, command: int, bank: int, cycle: int) -> Any:
    if banks[setup.earliest + command, bank] <= cycle:
        return command, bank
    return NOTHING, 0


@called
def issue(
    setup: Setup,
    pim: PimSetup,
    banks: Ints,
    channels: Ints,
    trace: Ints,
    program: Ints,
    progress: Ints,
    command: int,
    bank: int,
    cycle: int,
) -> None:
    """Issue what :func:`ready` returned."""
    head = progress[HEAD]
    row = program[ROW, head]
    channels[setup.counts + command, 0] += 1
    record(channels, trace, cycle, command, bank, row, -1)
    delay(setup, banks, command, bank, cycle)
    if command == setup.open:
        open_row(banks, bank, row, cycle)
        reconsider(setup, banks, bank)
    elif command == setup.close:
        close_row(banks, bank, cycle)
        reconsider(setup, banks, bank)
    elif command == setup.pim_open:
        _open_group(setup, pim, banks, bank, row, cycle)
    elif command == setup.pim_close:
        close_for_pim(setup, pim, banks, bank, cycle)
    else:
        progress[HEAD] = head + 1
        _advance(setup, pim, program, progress, command, head, cycle)


@called
def _advance(
    setup: Setup, pim: PimSetup, program: Ints, progress: Ints, command: int, head: int, cycle: int
) -> None:
    """Note what an instruction that has been issued means for those after it."""
    if command == setup.pim_load:
        progress[LOADING] = 0
        progress[LOADED_AT] = cycle + pim.load_cycles
    elif command == setup.pim_announce:
        progress[TILE_ROW] = program[ROW, head]
    elif command == setup.pim_composite:
        steps = max(program[COMPS, head], pim.pipeline_steps)
        progress[NEXT_COMPOSITE] = cycle + pim.step_cycles * (steps + 1)
    if command in (setup.pim_composite, setup.pim_read_out):
        progress[LAST_READ_OUT] = cycle
    if head + 1 == program.shape[1]:
        progress[TILE_ROW] = -1


@called
def _open_group(setup: Setup, pim: PimSetup, banks: Ints, first: int, row: int, cycle: int) -> None:
    bank = first
    while bank < setup.banks and banks[FIRST_IN_GROUP, bank] == first:
        if pim.two_buffers:
            banks[pim.row_of, bank] = row
        else:
            open_row(banks, bank, row, cycle)
            reconsider(setup, banks, bank)
        bank += 1


@called
def close_for_pim(setup: Setup, pim: PimSetup, banks: Ints, bank: int, cycle: int) -> None:
    """The row open for PIM is closed."""
    if pim.two_buffers:
        banks[pim.row_of, bank] = -1
    else:
        close_row(banks, bank, cycle)
        reconsider(setup, banks, bank)
