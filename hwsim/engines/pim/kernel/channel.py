"""A channel on which a PIM program and normal requests contend, cycle by cycle."""

from __future__ import annotations

from typing import Any

from hwsim.engines.dram.kernel.channel import call_refresh
from hwsim.engines.dram.kernel.channel import issue as issue_normal
from hwsim.engines.dram.kernel.compiled import called
from hwsim.engines.dram.kernel.issue import close_row, delay, reconsider, record
from hwsim.engines.dram.kernel.loop import last_done, offer
from hwsim.engines.dram.kernel.queues import drop, move
from hwsim.engines.dram.kernel.rows import (
    DUE,
    OPEN_ROW,
    READS,
    REFRESHES,
    ROW,
    UNANSWERED,
    WAITING,
    Ints,
)
from hwsim.engines.dram.kernel.setup import Setup
from hwsim.engines.dram.schedulers.dispatch import pick
from hwsim.engines.pim.kernel.issue import NOTHING, close_for_pim, issue, ready
from hwsim.engines.pim.kernel.rows import (
    ACCEPTED,
    ARRIVED,
    HEAD,
    LAST_READ_OUT,
    SKIP,
    SLACK,
    TILE_ROW,
)
from hwsim.engines.pim.kernel.setup import PimSetup


@called
def run(
    setup: Setup,
    pim: PimSetup,
    banks: Ints,
    channels: Ints,
    requests: Ints,
    program: Ints,
    progress: Ints,
    trace: Ints,
) -> Any:
    """Run a PIM program and a stream of requests on one channel; the cycle in which the last of both
    completes.

    Each cycle both offer one, the requester and the program, before the memory does its part.
    """
    head, cycle, last = 0, 0, -1
    while last < 0 or cycle <= last:
        head = offer(setup, banks, channels, requests, head, cycle, 1)
        room = progress[ACCEPTED] - progress[ARRIVED] < pim.transactions
        if progress[ACCEPTED] < program.shape[1] and room:
            progress[ACCEPTED] += 1
        tick(setup, pim, banks, channels, requests, program, progress, trace, cycle)
        told = progress[HEAD] == program.shape[1] and head == requests.shape[1]
        if last < 0 and told and channels[UNANSWERED, 0] == 0:
            read_out = progress[LAST_READ_OUT] + pim.read_cycles if program.shape[1] else 0
            last = max(read_out, last_done(requests))
        cycle += 1
    return last


@called
def tick(
    setup: Setup,
    pim: PimSetup,
    banks: Ints,
    channels: Ints,
    requests: Ints,
    program: Ints,
    progress: Ints,
    trace: Ints,
    cycle: int,
) -> None:
    """One cycle: refresh, else PIM, else a normal command; then one instruction or request moves on."""
    if channels[DUE, 0] == cycle:
        call_refresh(setup, channels, 0)
    issued = False
    if channels[REFRESHES, 0] > 0:
        issued = _refresh(setup, pim, banks, channels, progress, trace, cycle)
    if not issued:
        _schedule(setup, pim, banks, channels, requests, program, progress, trace, cycle)
    _move(setup, pim, banks, channels, requests, progress)


@called
def _schedule(
    setup: Setup,
    pim: PimSetup,
    banks: Ints,
    channels: Ints,
    requests: Ints,
    program: Ints,
    progress: Ints,
    trace: Ints,
    cycle: int,
) -> None:
    """PIM is asked first; while it has nothing ready, normal commands go if there is slack and a second
    buffer.
    """
    waiting = progress[HEAD] < progress[ARRIVED]
    asked = waiting and not progress[SKIP] and channels[REFRESHES, 0] == 0
    if asked and (pim.two_buffers or channels[WAITING, 0] == 0):
        to_refresh = channels[DUE, 0] - cycle
        command, bank = ready(setup, pim, banks, program, progress, to_refresh, cycle)
        if command != NOTHING:
            issue(setup, pim, banks, channels, trace, program, progress, command, bank, cycle)
            return
        if not pim.two_buffers or progress[SLACK] < pim.least_slack:
            return
    bank, command, place, _ = pick(setup, banks, channels, 0, cycle)
    if command < 0 or requests[ROW, banks[setup.queue + place, bank]] == progress[TILE_ROW]:
        return
    if _spares(setup, pim, progress, command, waiting):
        issue_normal(setup, banks, channels, requests, trace, 0, bank, command, place, cycle)


@called
def _spares(setup: Setup, pim: PimSetup, progress: Ints, command: int, waiting: bool) -> Any:
    """Whether a normal command fits into the slack before the next refresh, which it then uses up."""
    if not waiting or progress[SLACK] <= 0:
        return True
    needed, used = 0, 0
    if command == setup.close:
        needed, used = pim.open_cycles + pim.column_cycles, pim.open_cycles
    elif command == setup.open:
        needed, used = pim.column_cycles, pim.column_cycles
    if progress[SLACK] <= needed:
        return False
    progress[SLACK] -= used
    return True


@called
def _refresh(
    setup: Setup, pim: PimSetup, banks: Ints, channels: Ints, progress: Ints, trace: Ints, cycle: int
) -> Any:
    """Close a bank of the waiting node, or refresh it when all are closed and ready; True if it did."""
    first = channels[setup.refreshes, 0]
    closed = True
    for bank in range(first, first + setup.refresh_span):
        command = -1
        if banks[OPEN_ROW, bank] >= 0:
            command = setup.close
        elif banks[pim.row_of, bank] >= 0:
            command = setup.pim_close
        closed = closed and command < 0 and banks[setup.earliest + setup.refresh, bank] <= cycle
        if command >= 0 and banks[setup.earliest + command, bank] <= cycle:
            _count(setup, channels, trace, command, bank, cycle)
            delay(setup, banks, command, bank, cycle)
            if command == setup.close:
                close_row(banks, bank, cycle)
                reconsider(setup, banks, bank)
            else:
                close_for_pim(setup, pim, banks, bank, cycle)
            return True
    if not closed:
        return False
    _count(setup, channels, trace, setup.refresh, first, cycle)
    delay(setup, banks, setup.refresh, first, cycle)
    drop(channels, setup.refreshes, channels[REFRESHES, 0], 0, 0)
    channels[REFRESHES, 0] -= 1
    progress[SKIP] = progress[SLACK] = 0
    progress[TILE_ROW] = -1
    return True


@called
def _count(setup: Setup, channels: Ints, trace: Ints, command: int, bank: int, cycle: int) -> None:
    channels[setup.counts + command, 0] += 1
    record(channels, trace, cycle, command, bank, -1, -1)


@called
def _move(setup: Setup, pim: PimSetup, banks: Ints, channels: Ints, requests: Ints, progress: Ints) -> None:
    """One PIM instruction or one request moves to its command queue; with one row buffer, no request beside
    PIM.
    """
    queued = progress[ARRIVED] - progress[HEAD]
    if progress[ACCEPTED] > progress[ARRIVED] and (queued < pim.queued or channels[READS, 0] == 0):
        progress[ARRIVED] += 1
    elif pim.two_buffers or queued == 0:
        move(setup, banks, channels, requests, 0)
