"""A deterministic topological order, and a cycle where there is none."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence


def topological_order(sources: Sequence[Iterable[int]]) -> list[int]:
    """The numbers of ``sources`` so that each comes after its own sources, the smallest ready number first.

    Numbers on or behind a cycle are left out (Kahn's algorithm).
    """
    waits = [set(each) for each in sources]
    readers: list[list[int]] = [[] for _ in waits]
    for number, each in enumerate(waits):
        for source in each:
            readers[source].append(number)
    ready = [number for number, each in enumerate(waits) if not each]
    order: list[int] = []
    while ready:
        number = heapq.heappop(ready)
        order.append(number)
        for reader in readers[number]:
            waits[reader].discard(number)
            if not waits[reader]:
                heapq.heappush(ready, reader)
    return order


def find_cycle(sources: Sequence[Iterable[int]]) -> list[int]:
    """A cycle, each number followed by one of its readers, the smallest first; empty where there is none."""
    left = set(range(len(sources))) - set(topological_order(sources))
    if not left:
        return []
    number, walked = min(left), []
    while number not in walked:
        walked.append(number)
        number = min(source for source in sources[number] if source in left)
    cycle = walked[walked.index(number) :][::-1]
    first = cycle.index(min(cycle))
    return cycle[first:] + cycle[:first]
