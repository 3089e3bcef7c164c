"""A channel whose PIM units work through streams of instructions: no normal requests, one command a cycle.

Each stream is taken in order. Several are under way at once (heads of attention), but the units serve one
product at a time: a stream keeps them from the first segment of a product to its last. While columns of one
segment are multiplied, rows of the next are opened in banks that are free.
"""

from __future__ import annotations

from typing import Any

from hwsim.engines.dram.kernel.compiled import called
from hwsim.engines.dram.kernel.issue import delay, record
from hwsim.engines.dram.kernel.rows import NEVER, OPEN_ROW, Ints
from hwsim.engines.dram.kernel.setup import Setup

# Rows of a stream's table: the kind of instruction; the first bank of a segment, the distance to and number
# of the banks it takes turns with, its row; how many commands it is, whether it ends a product.
KIND, BANK, STRIDE, BANKS, ROW, COUNT, LAST = range(7)
INSTRUCTION_ROWS = 7
WRITE_BUFFER, COMPUTE, MOVE_OUT, SOFTMAX, MOVE_IN = range(5)
# Places of a stream's progress: its end, the instruction it is at, commands of that already issued, the cycle
# before which the next may not begin.
END, AT, ISSUED, READY = range(4)
PROGRESS_ROWS = 4
NOBODY = -1


@called
def run(
    setup: Setup,
    banks: Ints,
    channels: Ints,
    streams: Ints,
    progress: Ints,
    trace: Ints,
    refresh_cycles: int,
    softmax_cycles: int,
) -> Any:
    """Work through ``streams`` [stream, row, instruction]; the cycle of the last command.

    ``progress`` [stream, place] says where each begins and is changed.
    """
    owner, now, last, due = NOBODY, 0, 0, refresh_cycles
    while True:
        best, stream, command, bank = NEVER, NOBODY, -1, 0
        for each in range(streams.shape[0]):
            ready, wanted, where = _next(setup, banks, streams[each], progress[each], each, owner, now)
            if ready < best or (ready == best and each == owner):
                best, stream, command, bank = ready, each, wanted, where
        if stream == NOBODY:
            return last
        if best >= due:
            now = _refresh(setup, banks, channels, trace, max(due, now))
            due += refresh_cycles
            continue
        now = best + 1
        last = best
        _issue(setup, banks, channels, streams[stream], progress[stream], trace, command, bank, best)
        owner = _advance(
            setup, streams[stream], progress[stream], command, stream, owner, best, softmax_cycles
        )


@called
def _next(setup: Setup, banks: Ints, stream: Ints, progress: Ints, number: int, owner: int, now: int) -> Any:
    """The first cycle in which a stream can issue something, what, and for which bank."""
    at = progress[AT]
    if at == progress[END]:
        return NEVER, -1, 0
    kind, ready = stream[KIND, at], max(now, progress[READY])
    if kind == COMPUTE:
        if owner not in (NOBODY, number):
            return NEVER, -1, 0
        return _segment(setup, banks, stream, progress, ready)
    command = setup.pim_load
    if kind == MOVE_OUT:
        command = setup.pim_move_out
    elif kind == MOVE_IN:
        command = setup.pim_move_in
    elif kind == SOFTMAX:
        command = setup.pim_softmax
    return max(ready, banks[setup.earliest + command, 0]), command, 0


@called
def _segment(setup: Setup, banks: Ints, stream: Ints, progress: Ints, ready: int) -> Any:
    """The next column of a segment, or what opens its row, or that of the segment after it."""
    at = progress[AT]
    turn = progress[ISSUED] % stream[BANKS, at]
    bank = stream[BANK, at] + turn * stream[STRIDE, at]
    command = setup.pim_compute
    if banks[OPEN_ROW, bank] != stream[ROW, at]:
        command = setup.open if banks[OPEN_ROW, bank] < 0 else setup.close
    best = max(ready, banks[setup.earliest + command, bank])
    for ahead in (at, at + 1):
        if ahead == progress[END] or stream[KIND, ahead] != COMPUTE:
            break
        for number in range(stream[BANKS, ahead]):
            other = stream[BANK, ahead] + number * stream[STRIDE, ahead]
            if banks[OPEN_ROW, other] == stream[ROW, ahead] or (ahead > at and _in_use(stream, at, other)):
                continue
            wanted = setup.open if banks[OPEN_ROW, other] < 0 else setup.close
            begin = max(ready, banks[setup.earliest + wanted, other])
            if begin < best:
                best, command, bank = begin, wanted, other
    return best, command, bank


@called
def _in_use(stream: Ints, at: int, bank: int) -> Any:
    """Whether the segment under way takes columns from a bank."""
    apart = bank - stream[BANK, at]
    return 0 <= apart < stream[STRIDE, at] * stream[BANKS, at] and apart % stream[STRIDE, at] == 0


@called
def _issue(
    setup: Setup,
    banks: Ints,
    channels: Ints,
    stream: Ints,
    progress: Ints,
    trace: Ints,
    command: int,
    bank: int,
    cycle: int,
) -> None:
    at = progress[AT]
    row = stream[ROW, at]
    if command == setup.open:
        if at + 1 < progress[END] and not _in_use(stream, at, bank):
            row = stream[ROW, at + 1]
        banks[OPEN_ROW, bank] = row
    elif command == setup.close:
        banks[OPEN_ROW, bank] = -1
    _write_down(setup, banks, channels, trace, command, bank, row, cycle)


@called
def _write_down(
    setup: Setup, banks: Ints, channels: Ints, trace: Ints, command: int, bank: int, row: int, cycle: int
) -> None:
    """Count and record a command, and what it delays."""
    channels[setup.counts + command, 0] += 1
    record(channels, trace, cycle, command, bank, row, -1)
    delay(setup, banks, command, bank, cycle)


@called
def _advance(
    setup: Setup,
    stream: Ints,
    progress: Ints,
    command: int,
    number: int,
    owner: int,
    cycle: int,
    softmax_cycles: int,
) -> Any:
    """Note that a command has been issued; who has the units now."""
    if command in (setup.open, setup.close):
        return number
    at = progress[AT]
    progress[ISSUED] += 1
    if command == setup.pim_softmax:
        progress[READY] = cycle + softmax_cycles
    if progress[ISSUED] == stream[COUNT, at]:
        progress[AT] = at + 1
        progress[ISSUED] = 0
        if stream[KIND, at] == COMPUTE and stream[LAST, at]:
            return NOBODY
    return number if command == setup.pim_compute else owner


@called
def _refresh(setup: Setup, banks: Ints, channels: Ints, trace: Ints, begin: int) -> Any:
    """Close all banks and refresh all ranks of the channel, one after the other; the cycle after."""
    now, ready = begin, begin
    for bank in range(setup.banks):
        if banks[OPEN_ROW, bank] >= 0:
            cycle = max(now, banks[setup.earliest + setup.close, bank])
            banks[OPEN_ROW, bank] = -1
            _write_down(setup, banks, channels, trace, setup.close, bank, -1, cycle)
            now = cycle + 1
        ready = max(ready, banks[setup.earliest + setup.refresh, bank])
    now = max(now, ready)
    for first in range(0, setup.banks, setup.refresh_span):
        _write_down(setup, banks, channels, trace, setup.refresh, first, -1, now)
        now += 1
    return now
