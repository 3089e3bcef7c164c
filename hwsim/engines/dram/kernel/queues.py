"""Requests on their way: accepted into a channel's queues, moved to a bank's, served."""

from __future__ import annotations

from typing import Any

from hwsim.engines.dram.kernel.compiled import compiled
from hwsim.engines.dram.kernel.issue import join
from hwsim.engines.dram.kernel.rows import (
    ACCEPTED,
    BANK,
    CHANNEL,
    CHANNEL_WAKE,
    COMMAND_WAKE,
    DONE,
    DRAINING,
    FILTER,
    IS_WRITE,
    LENGTH,
    MOVING,
    POSTED,
    READS,
    SAME,
    UNANSWERED,
    UNIT,
    WAITING,
    WAKE,
    WRITES,
    Ints,
)
from hwsim.engines.dram.kernel.setup import Setup

# Knuth's multiplicative hash: 2^32 over the golden ratio.
_SPREAD = 2654435769


@compiled
def place_of(unit: int) -> Any:
    """Where a filter counts an address."""
    return ((unit * _SPREAD) >> 16) & (FILTER - 1)


@compiled
def drop(table: Ints, begin: int, length: int, place: int, column: int) -> None:
    """Close the gap that an entry leaves at ``place`` of the queue in ``column`` from row ``begin`` on."""
    for row in range(begin + place, begin + length - 1):
        table[row, column] = table[row + 1, column]


@compiled
def find(requests: Ints, table: Ints, begin: int, length: int, column: int, unit: int, is_write: int) -> Any:
    """The request for an address in a queue, or -1."""
    for row in range(begin, begin + length):
        request = table[row, column]
        if requests[UNIT, request] == unit and requests[IS_WRITE, request] == is_write:
            return request
    return -1


@compiled
def waiting_read(setup: Setup, banks: Ints, channels: Ints, requests: Ints, like: int) -> Any:
    """The read that waits for the address of the request ``like``, or -1."""
    unit, channel, bank = requests[UNIT, like], requests[CHANNEL, like], requests[BANK, like]
    if channels[setup.reading + place_of(unit), channel] == 0:
        return -1
    found = find(requests, channels, setup.reads, channels[READS, channel], channel, unit, 0)
    if found >= 0:
        return found
    return find(requests, banks, setup.queue, banks[LENGTH, bank], bank, unit, 0)


@compiled
def waiting_write(setup: Setup, banks: Ints, channels: Ints, requests: Ints, like: int) -> Any:
    """The write that waits for the address of the request ``like``, or -1."""
    unit, channel, bank = requests[UNIT, like], requests[CHANNEL, like], requests[BANK, like]
    if channels[setup.writing + place_of(unit), channel] == 0:
        return -1
    found = find(requests, channels, setup.writes, channels[WRITES, channel], channel, unit, 1)
    if found >= 0:
        return found
    return find(requests, banks, setup.queue, banks[LENGTH, bank], bank, unit, 1)


@compiled
def has_room(setup: Setup, channels: Ints, requests: Ints, request: int) -> Any:
    """Whether the queue that a request goes to has room for it."""
    channel = requests[CHANNEL, request]
    if requests[IS_WRITE, request]:
        return channels[WRITES, channel] < setup.write_buffer
    return channels[READS, channel] < setup.read_queue


@compiled
def accept(setup: Setup, banks: Ints, channels: Ints, requests: Ints, request: int, cycle: int) -> None:
    """Take a request that there is room for."""
    requests[ACCEPTED, request] = cycle
    if requests[IS_WRITE, request]:
        _accept_write(setup, banks, channels, requests, request, cycle)
    else:
        _accept_read(setup, banks, channels, requests, request, cycle)
    channel = requests[CHANNEL, request]
    channels[MOVING, channel] = 1
    channels[CHANNEL_WAKE, channel] = min(channels[CHANNEL_WAKE, channel], cycle + 1)


@compiled
def _accept_write(
    setup: Setup, banks: Ints, channels: Ints, requests: Ints, request: int, cycle: int
) -> None:
    """A write is done as soon as it is buffered; one for an address that waits already adds nothing."""
    requests[DONE, request] = cycle + POSTED
    if waiting_write(setup, banks, channels, requests, request) < 0:
        channel = requests[CHANNEL, request]
        _append(channels, channel, setup.writes, WRITES, setup.write_buffer, request, requests[BANK, request])
        channels[setup.writing + place_of(requests[UNIT, request]), channel] += 1


@compiled
def _accept_read(setup: Setup, banks: Ints, channels: Ints, requests: Ints, request: int, cycle: int) -> None:
    """A read is answered from the write buffer, or waits with one for the same address, or waits itself."""
    if waiting_write(setup, banks, channels, requests, request) >= 0:
        requests[DONE, request] = cycle + POSTED
        return
    channel = requests[CHANNEL, request]
    channels[UNANSWERED, channel] += 1
    leader = waiting_read(setup, banks, channels, requests, request)
    if leader >= 0:
        requests[SAME, request] = requests[SAME, leader]
        requests[SAME, leader] = request
        return
    _append(channels, channel, setup.reads, READS, setup.read_queue, request, requests[BANK, request])
    channels[setup.reading + place_of(requests[UNIT, request]), channel] += 1


@compiled
def _append(
    channels: Ints, channel: int, begin: int, lengths: int, room: int, request: int, bank: int
) -> None:
    """Add a request to a channel's queue of ``room`` from row ``begin`` on; row ``lengths`` has its
    length.
    """
    row = begin + channels[lengths, channel]
    channels[row, channel] = request
    channels[row + room, channel] = bank
    channels[lengths, channel] += 1


@compiled
def move(setup: Setup, banks: Ints, channels: Ints, requests: Ints, channel: int) -> Any:
    """Move one request to its bank's queue, the oldest whose bank has room; whether one moved."""
    if channels[DRAINING, channel] == 0 and _must_drain(setup, channels, channel):
        channels[DRAINING, channel] = channels[WRITES, channel]
    if channels[DRAINING, channel] == 0:
        return _move_read(setup, banks, channels, requests, channel)
    return _move_write(setup, banks, channels, requests, channel)


@compiled
def _must_drain(setup: Setup, channels: Ints, channel: int) -> Any:
    length = channels[WRITES, channel]
    idle = length > setup.drain_above and channels[WAITING, channel] == 0
    return idle or length >= setup.write_buffer


@compiled
def _move_write(setup: Setup, banks: Ints, channels: Ints, requests: Ints, channel: int) -> Any:
    """While draining: a write whose address a read waits for ends the drain instead of moving.

    Where the drain would begin anew at once while that read itself waits behind it, the reads go first.
    """
    begin = setup.writes
    place = _first_with_room(banks, channels, channel, begin, WRITES, setup.write_buffer, setup.bank_queue)
    if place < 0:
        return False
    write = channels[begin + place, channel]
    if waiting_read(setup, banks, channels, requests, write) < 0:
        channels[DRAINING, channel] -= 1
        _take(setup, banks, channels, requests, channel, begin, WRITES, setup.write_buffer, place)
        return True
    channels[DRAINING, channel] = 0
    length, unit = channels[READS, channel], requests[UNIT, write]
    behind = find(requests, channels, setup.reads, length, channel, unit, 0) >= 0
    if behind and _must_drain(setup, channels, channel):
        return _move_read(setup, banks, channels, requests, channel)
    return True


@compiled
def _move_read(setup: Setup, banks: Ints, channels: Ints, requests: Ints, channel: int) -> Any:
    """Move the oldest read whose bank has room; whether there was one."""
    begin = setup.reads
    place = _first_with_room(banks, channels, channel, begin, READS, setup.read_queue, setup.bank_queue)
    if place < 0:
        return False
    _take(setup, banks, channels, requests, channel, begin, READS, setup.read_queue, place)
    return True


@compiled
def _first_with_room(
    banks: Ints, channels: Ints, channel: int, begin: int, lengths: int, room: int, depth: int
) -> Any:
    """The place of the oldest request of a channel's queue whose bank's is not ``depth`` long, or -1."""
    first = begin + room
    for row in range(first, first + channels[lengths, channel]):
        if banks[LENGTH, channels[row, channel]] < depth:
            return row - first
    return -1


@compiled
def _take(
    setup: Setup,
    banks: Ints,
    channels: Ints,
    requests: Ints,
    channel: int,
    begin: int,
    lengths: int,
    room: int,
    place: int,
) -> None:
    """Move the request at ``place`` of a channel's queue to its bank's."""
    request, bank = channels[begin + place, channel], channels[begin + room + place, channel]
    length = channels[lengths, channel]
    drop(channels, begin, length, place, channel)
    drop(channels, begin + room, length, place, channel)
    channels[lengths, channel] = length - 1
    channels[WAITING, channel] += 1
    join(setup, banks, requests, bank, request)
    channels[COMMAND_WAKE, channel] = min(channels[COMMAND_WAKE, channel], banks[WAKE, bank])


@compiled
def serve(
    setup: Setup, banks: Ints, channels: Ints, requests: Ints, bank: int, place: int, cycle: int
) -> None:
    """Take the request at ``place`` out of a bank's queue, its column command being issued."""
    request = banks[setup.queue + place, bank]
    drop(banks, setup.queue, banks[LENGTH, bank], place, bank)
    banks[LENGTH, bank] -= 1
    channel = requests[CHANNEL, request]
    channels[WAITING, channel] -= 1
    filtered = place_of(requests[UNIT, request])
    if requests[IS_WRITE, request]:
        channels[setup.writing + filtered, channel] -= 1
        return
    channels[setup.reading + filtered, channel] -= 1
    while request >= 0:
        requests[DONE, request] = cycle + setup.read_cycles
        channels[UNANSWERED, channel] -= 1
        request = requests[SAME, request]
