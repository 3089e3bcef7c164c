"""The loop over cycles in which something happens."""

from __future__ import annotations

from typing import Any

from hwsim.engines.dram.kernel.channel import tick
from hwsim.engines.dram.kernel.compiled import compiled
from hwsim.engines.dram.kernel.queues import accept, has_room
from hwsim.engines.dram.kernel.rows import ARRIVAL, CHANNEL_WAKE, DONE, NEVER, UNANSWERED, Ints
from hwsim.engines.dram.kernel.setup import Setup


@compiled
def run(setup: Setup, banks: Ints, channels: Ints, requests: Ints, trace: Ints, issue_width: int) -> Any:
    """Serve all requests; the cycle of the last completion, or -1 if nothing can happen any more.

    The requester offers them in order, up to ``issue_width`` a cycle, none before its arrival, after the
    memory has done its part of the cycle; one without room keeps those behind it waiting.
    """
    count, head, cycle, last = requests.shape[1], 0, 0, NEVER
    while cycle <= last:
        for channel in range(channels.shape[1]):
            if channels[CHANNEL_WAKE, channel] <= cycle:
                wake = tick(setup, banks, channels, requests, trace, channel, cycle)
                channels[CHANNEL_WAKE, channel] = wake
        head = offer(setup, banks, channels, requests, head, cycle, issue_width)
        cycle_of_head = NEVER
        if head < count and (requests[ARRIVAL, head] > cycle or has_room(setup, channels, requests, head)):
            cycle_of_head = max(requests[ARRIVAL, head], cycle + 1)
        if head == count and last == NEVER and unanswered(channels) == 0:
            last = last_done(requests)
        cycle = min(cycle_of_head, next_wake(channels))
        if cycle == NEVER:
            return last if last < NEVER else -1
    return last


@compiled
def offer(
    setup: Setup, banks: Ints, channels: Ints, requests: Ints, head: int, cycle: int, issue_width: int
) -> Any:
    """Accept what has arrived, in order from ``head`` on, as far as there is room; the request after it."""
    for request in range(head, min(head + issue_width, requests.shape[1])):
        if requests[ARRIVAL, request] > cycle or not has_room(setup, channels, requests, request):
            return request
        accept(setup, banks, channels, requests, request, cycle)
    return min(head + issue_width, requests.shape[1])


@compiled
def next_wake(channels: Ints) -> Any:
    """The next cycle in which a channel has anything to do."""
    wake = NEVER
    for channel in range(channels.shape[1]):
        wake = min(wake, channels[CHANNEL_WAKE, channel])
    return wake


@compiled
def unanswered(channels: Ints) -> Any:
    """Reads whose data has not been asked for."""
    total = 0
    for channel in range(channels.shape[1]):
        total += channels[UNANSWERED, channel]
    return total


@compiled
def last_done(requests: Ints) -> Any:
    """The cycle of the last completion."""
    last = -1
    for request in range(requests.shape[1]):
        last = max(last, requests[DONE, request])
    return last
