"""A port of the outermost memory as one step of a plan sees it: what earlier steps leave of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

Interval = tuple[int, int]
"""Cycles ``[first, last)``."""


@dataclass(slots=True)
class Port:
    """Serves the requests of one step in order, in the gaps between the intervals ``taken`` by earlier steps.

    A request of a later step gives way to one of an earlier step at once, and goes on where it was when the
    port is free again. ``served`` are the intervals in which the port works for this step.
    """

    taken: list[Interval]
    place: int = 0
    free: int = 0
    served: list[Interval] = field(default_factory=list)

    def serve(self, ready: int, cycles: int) -> int:
        """When ``cycles`` of work, asked for at ``ready``, are done; nothing to do waits for nothing."""
        now = max(ready, self.free)
        while cycles and self.place < len(self.taken):
            first, last = self.taken[self.place]
            if first >= now + cycles:
                break
            if first > now:
                self._work(now, first)
                cycles -= first - now
            now = max(now, last)
            self.place += 1
        if cycles:
            self._work(now, now + cycles)
        self.free = now + cycles
        return self.free

    def _work(self, first: int, last: int) -> None:
        if self.served and self.served[-1][1] == first:
            self.served[-1] = (self.served[-1][0], last)
        else:
            self.served.append((first, last))


def merged(intervals: Iterable[Interval]) -> list[Interval]:
    """Intervals of several steps, none of which overlap, in order; neighbours become one."""
    found: list[Interval] = []
    for first, last in sorted(intervals):
        if found and found[-1][1] == first:
            found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))
    return found
