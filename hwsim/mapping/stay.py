"""Who stays on chip: activations wait at home for their consumers while they fit.

A greedy policy, not a proof: a result is kept if a gap can be found for it; to make room, the resident whose
next use is furthest away leaves first (Belady, 1966), never one that is used sooner than the newcomer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hwsim.mapping.addresses import AddressMap, Gap
from hwsim.mapping.plan import Residency


@dataclass(slots=True)
class Stay:
    """The state of the home memory while steps are planned in order.

    ``uses`` are the steps that read each tensor; ``saved`` the tensors of which the root memory has a copy.
    """

    memory: str
    addresses: AddressMap
    uses: Mapping[str, tuple[int, ...]]
    saved: set[str] = field(default_factory=set)
    since: dict[str, int] = field(default_factory=dict)
    closed: list[Residency] = field(default_factory=list)

    def holds(self, tensor: str) -> bool:
        """Whether ``tensor`` is resident now."""
        return tensor in self.since

    def next_use(self, tensor: str, step: int) -> int | None:
        """The first step after ``step`` that reads ``tensor``; None if there is none."""
        return next((use for use in self.uses.get(tensor, ()) if use > step), None)

    def keep(self, tensor: str, size: int, step: int, busy: frozenset[str]) -> list[str] | None:
        """Place ``tensor`` from ``step`` on; the tensors that had to leave, or None (and no change) if it
        cannot.
        """
        wanted = self.next_use(tensor, step)
        if wanted is None:
            return None
        trial = self.addresses.copy()
        leaving: list[str] = []
        victims = sorted(self._evictable(step, busy, wanted), reverse=True)
        while trial.place(tensor, size) is None:
            if not victims:
                return None
            victim = victims.pop(0)[1]
            trial.remove(victim)
            leaving.append(victim)
        for victim in leaving:
            self._close(victim, step - 1)
        self.addresses = trial
        self.since[tensor] = step
        return leaving

    def drop(self, tensor: str) -> None:
        """Take ``tensor`` out again as if it had never been kept."""
        self.addresses.remove(tensor)
        del self.since[tensor]

    def evict_all(self, step: int, busy: frozenset[str]) -> list[str]:
        """Everything but ``busy`` leaves; returns their names."""
        leaving = sorted(name for name in self.since if name not in busy)
        for name in leaving:
            self._close(name, step - 1)
            self.addresses.remove(name)
        return leaving

    def retire(self, step: int) -> None:
        """After ``step``: whatever nobody reads any more is gone."""
        for name in [name for name in self.since if self.next_use(name, step) is None]:
            self._close(name, step)
            self.addresses.remove(name)

    def room(self) -> Gap:
        """The widest free range for tiles."""
        return self.addresses.largest_gap()

    def finish(self, last_step: int) -> tuple[Residency, ...]:
        """All residencies, by first step, then address."""
        for name in list(self.since):
            self._close(name, last_step)
        return tuple(sorted(self.closed, key=lambda entry: (entry.first_step, entry.address)))

    def _evictable(self, step: int, busy: frozenset[str], wanted: int) -> list[tuple[int, str]]:
        found = []
        for name in self.since:
            use = self.next_use(name, step)
            if name not in busy and use is not None and use > wanted:
                found.append((use, name))
        return found

    def _close(self, tensor: str, last_step: int) -> None:
        placed = self.addresses.placed[tensor]
        first = self.since.pop(tensor)
        if last_step >= first:
            self.closed.append(Residency(tensor, self.memory, placed.address, placed.bytes, first, last_step))
