"""One cycle of a channel: refresh, commands, one move."""

from __future__ import annotations

from typing import Any

from hwsim.engines.dram.kernel.compiled import compiled
from hwsim.engines.dram.kernel.issue import close_row, delay, open_row, reconsider, record, survey
from hwsim.engines.dram.kernel.queues import drop, move, serve
from hwsim.engines.dram.kernel.rows import (
    COMMAND_WAKE,
    DUE,
    HITS,
    IS_WRITE,
    MOVING,
    NEVER,
    OPEN_ROW,
    PAIRS,
    READ_HITS,
    REFRESH_NEXT,
    REFRESHES,
    ROW,
    Ints,
)
from hwsim.engines.dram.kernel.setup import Setup
from hwsim.engines.dram.schedulers.dispatch import pick


@compiled
def tick(
    setup: Setup, banks: Ints, channels: Ints, requests: Ints, trace: Ints, channel: int, cycle: int
) -> Any:
    """One cycle of a channel; the next in which it has anything to do."""
    if channels[DUE, channel] == cycle:
        call_refresh(setup, channels, channel)
    command, wake = -1, NEVER
    if channels[REFRESHES, channel] > 0:
        command, wake = _refresh(setup, banks, channels, trace, channel, cycle)
    if command < 0 and channels[COMMAND_WAKE, channel] <= cycle:
        bank, command, place, channels[COMMAND_WAKE, channel] = pick(setup, banks, channels, channel, cycle)
        if command >= 0:
            issue(setup, banks, channels, requests, trace, channel, bank, command, place, cycle)
    if command >= 0:
        channels[COMMAND_WAKE, channel] = cycle + 1
        if setup.dual_issue:
            bank, second, place, _ = pick(setup, banks, channels, channel, cycle)
            if second >= 0 and setup.is_column[second] != setup.is_column[command]:
                channels[PAIRS, channel] += 1
                issue(setup, banks, channels, requests, trace, channel, bank, second, place, cycle)
    if channels[MOVING, channel]:
        channels[MOVING, channel] = move(setup, banks, channels, requests, channel)
        wake = cycle + 1
    return min(wake, channels[DUE, channel], max(channels[COMMAND_WAKE, channel], cycle + 1))


@compiled
def call_refresh(setup: Setup, channels: Ints, channel: int) -> None:
    """Mark the next node of a channel for refresh, and set the clock for the one after; a node waits once."""
    channels[DUE, channel] += setup.refresh_cycles
    nodes = setup.banks // setup.refresh_span
    waiting, node = channels[REFRESHES, channel], channels[REFRESH_NEXT, channel]
    channels[REFRESH_NEXT, channel] = (node + 1) % nodes
    if waiting < nodes:
        channels[setup.refreshes + waiting, channel] = channel * setup.banks + node * setup.refresh_span
        channels[REFRESHES, channel] = waiting + 1


@compiled
def _refresh(setup: Setup, banks: Ints, channels: Ints, trace: Ints, channel: int, cycle: int) -> Any:
    """Close the first open bank of the waiting node that can be, or refresh it when all are closed and ready.

    Returns the command, -1 where none is allowed yet, and a cycle before which none will be.
    """
    first = channels[setup.refreshes, channel]
    wake, closed, ready = NEVER, True, 0
    for bank in range(first, first + setup.refresh_span):
        if banks[OPEN_ROW, bank] < 0:
            ready = max(ready, banks[setup.earliest + setup.refresh, bank])
            continue
        closed = False
        wake = min(wake, banks[setup.earliest + setup.close, bank])
        if wake <= cycle:
            channels[setup.counts + setup.close, channel] += 1
            record(channels, trace, cycle, setup.close, bank, -1, -1)
            _close(setup, banks, bank, setup.close, cycle)
            return setup.close, cycle + 1
    if not closed or ready > cycle:
        return -1, min(wake, max(ready, cycle + 1)) if closed else wake
    channels[setup.counts + setup.refresh, channel] += 1
    record(channels, trace, cycle, setup.refresh, first, -1, -1)
    delay(setup, banks, setup.refresh, first, cycle)
    drop(channels, setup.refreshes, channels[REFRESHES, channel], 0, channel)
    channels[REFRESHES, channel] -= 1
    return setup.refresh, cycle + 1


@compiled
def issue(
    setup: Setup,
    banks: Ints,
    channels: Ints,
    requests: Ints,
    trace: Ints,
    channel: int,
    bank: int,
    command: int,
    place: int,
    cycle: int,
) -> None:
    """Issue a command for the request at ``place`` of a bank's queue."""
    request = banks[setup.queue + place, bank]
    channels[setup.counts + command, channel] += 1
    record(channels, trace, cycle, command, bank, requests[ROW, request], request)
    if setup.is_column[command]:
        if banks[HITS, bank] > 0:
            channels[READ_HITS + requests[IS_WRITE, request], channel] += 1
        banks[HITS, bank] += 1
        serve(setup, banks, channels, requests, bank, place, cycle)
        channels[MOVING, channel] = 1
    if setup.closes[command]:
        _close(setup, banks, bank, command, cycle)
        return
    delay(setup, banks, command, bank, cycle)
    if command == setup.open:
        open_row(banks, bank, requests[ROW, request], cycle)
    survey(setup, banks, requests, bank)


@compiled
def _close(setup: Setup, banks: Ints, bank: int, command: int, cycle: int) -> None:
    """What a command that closes a row delays and changes."""
    delay(setup, banks, command, bank, cycle)
    close_row(banks, bank, cycle)
    reconsider(setup, banks, bank)
