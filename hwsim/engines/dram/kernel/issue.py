"""Issuing a command: what it delays, what it does to its bank, and what its queue wants next."""

from __future__ import annotations

from typing import Any

import numpy as np

from hwsim.engines.dram.kernel.compiled import compiled
from hwsim.engines.dram.kernel.rows import (
    ACTIVE,
    ACTIVE_SINCE,
    FIRST_IN_CHANNEL,
    FIRST_IN_RANK,
    HIT_READ,
    HIT_WRITE,
    HITS,
    IS_WRITE,
    LENGTH,
    MAY_CLOSE,
    NEVER,
    OPEN_BANKS,
    OPEN_ROW,
    RECORDED,
    ROW,
    WAKE,
    Ints,
)
from hwsim.engines.dram.kernel.setup import Setup


@compiled
def delay(setup: Setup, banks: Ints, command: int, bank: int, cycle: int) -> None:
    """Apply every rule whose first command is ``command``, issued to ``bank`` at ``cycle``."""
    for k in range(setup.first_rule[command], setup.last_rule[command]):
        first = banks[setup.first_in[k], bank]
        last = first + setup.span[k]
        row = setup.earliest + setup.second[k]
        begin = cycle
        if setup.window[k] > 1:
            begin = _remember(setup, banks, setup.ring[k], first, setup.window[k], cycle)
        ready = begin + setup.cycles[k]
        if setup.others[k]:
            channel = banks[FIRST_IN_CHANNEL, bank]
            raise_range(banks, row, channel, first, ready)
            raise_range(banks, row, last, channel + setup.banks, ready)
        else:
            raise_range(banks, row, first, last, ready)


@compiled
def raise_range(banks: Ints, row: int, first: int, last: int, cycle: int) -> None:
    """A command of banks ``first`` to before ``last`` comes at ``cycle`` or later."""
    for bank in range(np.uint64(first), np.uint64(last)):  # unsigned, so that it is compiled to vectors
        banks[row, bank] = max(banks[row, bank], cycle)


@compiled
def _remember(setup: Setup, banks: Ints, ring: int, first: int, window: int, cycle: int) -> Any:
    """Note a command under a window; the cycle of the one that the next has to wait for."""
    base, counter = setup.rings + ring * setup.ring_depth, setup.ring_places + ring
    place = banks[counter, first]
    banks[base + place, first] = cycle
    place = place + 1 if place + 1 < window else 0
    banks[counter, first] = place
    return banks[base + place, first]


@compiled
def record(channels: Ints, trace: Ints, cycle: int, command: int, bank: int, row: int, request: int) -> None:
    """Write a command down if there is room."""
    place = channels[RECORDED, 0]
    if place < len(trace):
        trace[place, 0] = cycle
        trace[place, 1] = command
        trace[place, 2] = bank
        trace[place, 3] = row
        trace[place, 4] = request
        channels[RECORDED, 0] = place + 1


@compiled
def open_row(banks: Ints, bank: int, row: int, cycle: int) -> None:
    """The bank's row is open from ``cycle`` on."""
    banks[OPEN_ROW, bank] = row
    banks[HITS, bank] = 0
    rank = banks[FIRST_IN_RANK, bank]
    if banks[OPEN_BANKS, rank] == 0:
        banks[ACTIVE_SINCE, rank] = cycle
    banks[OPEN_BANKS, rank] += 1


@compiled
def close_row(banks: Ints, bank: int, cycle: int) -> None:
    """The bank has no open row from ``cycle`` on."""
    banks[OPEN_ROW, bank] = banks[HIT_READ, bank] = banks[HIT_WRITE, bank] = -1
    banks[HITS, bank] = 0
    rank = banks[FIRST_IN_RANK, bank]
    banks[OPEN_BANKS, rank] -= 1
    if banks[OPEN_BANKS, rank] == 0:
        banks[ACTIVE, rank] += cycle - banks[ACTIVE_SINCE, rank]


@compiled
def ready_at(setup: Setup, banks: Ints, bank: int) -> Any:
    """The first cycle in which some command that the bank's queue wants is allowed."""
    if banks[LENGTH, bank] == 0:
        return NEVER
    if banks[OPEN_ROW, bank] < 0:
        return banks[setup.earliest + setup.open, bank]
    ready = NEVER
    if banks[HIT_READ, bank] >= 0:
        ready = min(ready, banks[setup.earliest + setup.read, bank])
    if banks[HIT_WRITE, bank] >= 0:
        ready = min(ready, banks[setup.earliest + setup.write, bank])
    if banks[MAY_CLOSE, bank]:
        ready = min(ready, banks[setup.earliest + setup.close, bank])
    return ready


@compiled
def survey(setup: Setup, banks: Ints, requests: Ints, bank: int) -> None:
    """Find anew what the queue of a bank wants, after a row has opened or a request has left the queue."""
    row, read, write = banks[OPEN_ROW, bank], -1, -1
    for place in range(banks[LENGTH, bank] - 1, -1, -1):
        request = banks[setup.queue + place, bank]
        if requests[ROW, request] == row:
            if requests[IS_WRITE, request]:
                write = place
            else:
                read = place
    banks[HIT_READ, bank] = read
    banks[HIT_WRITE, bank] = write
    reconsider(setup, banks, bank)


@compiled
def join(setup: Setup, banks: Ints, requests: Ints, bank: int, request: int) -> None:
    """Add a request to the end of a bank's queue."""
    place = banks[LENGTH, bank]
    banks[setup.queue + place, bank] = request
    banks[LENGTH, bank] = place + 1
    if requests[ROW, request] == banks[OPEN_ROW, bank]:
        wanted = HIT_WRITE if requests[IS_WRITE, request] else HIT_READ
        if banks[wanted, bank] < 0:
            banks[wanted, bank] = place
    reconsider(setup, banks, bank)


@compiled
def reconsider(setup: Setup, banks: Ints, bank: int) -> None:
    """Whether the row of a bank may go, and when the bank has something to issue."""
    read, write = banks[HIT_READ, bank], banks[HIT_WRITE, bank]
    served_enough = (read < 0 and write < 0) or banks[HITS, bank] >= setup.hit_cap
    wanted_otherwise = banks[LENGTH, bank] > 0 and read != 0 and write != 0
    banks[MAY_CLOSE, bank] = banks[OPEN_ROW, bank] >= 0 and wanted_otherwise and served_enough
    banks[WAKE, bank] = ready_at(setup, banks, bank)
