"""FR-FCFS with bank queues taken round robin: within a bank the oldest command that is ready.

A row may be closed for the oldest entry of its bank's queue when nothing in the queue hits it, or when it has
served the hit cap. Visits begin after the bank of the last command.
"""

from __future__ import annotations

from typing import Any

from hwsim.engines.dram.kernel.compiled import compiled
from hwsim.engines.dram.kernel.issue import ready_at
from hwsim.engines.dram.kernel.rows import (
    HIT_READ,
    HIT_WRITE,
    MAY_CLOSE,
    NEVER,
    OPEN_ROW,
    POINTER,
    WAKE,
    Ints,
)
from hwsim.engines.dram.kernel.setup import Setup
from hwsim.engines.dram.schedulers.frozen import frozen


@compiled
def pick(setup: Setup, banks: Ints, channels: Ints, channel: int, cycle: int) -> Any:
    """The next command of a channel, see the package."""
    begin, end = channel * setup.banks, (channel + 1) * setup.banks
    ice, ice_end = frozen(setup, channels, channel)
    wake = NEVER
    bank = begin + channels[POINTER, channel]
    for _ in range(end - begin):
        bank = bank + 1 if bank + 1 < end else begin
        if ice <= bank < ice_end:
            continue
        ready = banks[WAKE, bank]
        if ready <= cycle:
            ready = ready_at(setup, banks, bank)
            banks[WAKE, bank] = ready
        if ready <= cycle:
            channels[POINTER, channel] = bank - begin
            command, place = first_ready(setup, banks, bank, cycle)
            return bank, command, place, cycle
        wake = min(wake, ready)
    return -1, -1, -1, wake


@compiled
def first_ready(setup: Setup, banks: Ints, bank: int, cycle: int) -> Any:
    """The command and queue place of the oldest entry of a bank whose command is allowed; there is one."""
    if banks[OPEN_ROW, bank] < 0:
        return setup.open, 0
    if banks[MAY_CLOSE, bank] and banks[setup.earliest + setup.close, bank] <= cycle:
        return setup.close, 0
    read, write = banks[HIT_READ, bank], banks[HIT_WRITE, bank]
    can_read = read >= 0 and banks[setup.earliest + setup.read, bank] <= cycle
    can_write = write >= 0 and banks[setup.earliest + setup.write, bank] <= cycle
    if can_read and (not can_write or read < write):
        return setup.read, read
    return setup.write, write
