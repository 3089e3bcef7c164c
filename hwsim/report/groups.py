"""Operators told together, with the sums over them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from hwsim.report.document import Operator

_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Group:
    """Operators shown as one; sums are over the members, in seconds, joules, bytes and cycles."""

    label: str
    members: tuple[Operator, ...]

    def total(self, figure: Callable[[Operator], float]) -> float:
        """The sum of a figure over the members."""
        return sum(figure(op) for op in self.members)

    @property
    def latency_s(self) -> float:
        """Time of all members."""
        return self.total(lambda op: op.latency_s)

    @property
    def lower_bound_s(self) -> float:
        """Lower bound of that time."""
        return self.total(lambda op: op.lower_bound_s)

    @property
    def cycles(self) -> float:
        """Cycles of all members."""
        return self.total(lambda op: op.cycles)

    @property
    def compute_cycles(self) -> float:
        """Cycles without stalls of all members."""
        return self.total(lambda op: op.compute_cycles)

    @property
    def energy_j(self) -> float:
        """Energy of all members."""
        return self.total(lambda op: op.energy_j)

    @property
    def dram_bytes(self) -> float:
        """DRAM traffic of all members."""
        return self.total(lambda op: op.dram_bytes)

    @property
    def macs(self) -> float:
        """MACs of all members."""
        return self.total(lambda op: op.macs)

    @property
    def timed(self) -> tuple[Operator, ...]:
        """The members that take time of their own; all of them where none does."""
        return tuple(op for op in self.members if op.latency_s) or self.members

    @property
    def kind(self) -> str:
        """The kind of the members that take time, or how many kinds they are."""
        return _common([op.kind for op in self.timed])

    @property
    def component(self) -> str:
        """The components of the members (``mxu+vector``), or how many there are."""
        names = list(dict.fromkeys(op.component for op in self.members))
        return "+".join(names) if len(names) < 3 else f"{len(names)} different"

    @property
    def bound_by(self) -> str:
        """What bounds the members that take time, what bounds most of it first; or how many things do."""
        times: dict[str, float] = {}
        for op in self.timed:
            times[op.bound_by] = times.get(op.bound_by, 0.0) - op.latency_s
        return _common(sorted(times, key=lambda name: (times[name], name)))

    @property
    def error_band(self) -> str:
        """The error band of the members that take time, or how many there are."""
        return _common([op.error_band or "unvalidated" for op in self.timed])

    def stall_cycles(self, cause: str) -> float:
        """Stalled cycles of all members for one cause."""
        return self.total(lambda op: op.stalls.get(cause, 0))


def masked(text: str) -> str:
    """The text with ``*`` for every number in it."""
    return _DIGITS.sub("*", text)


def pattern(texts: Sequence[str]) -> str:
    """What texts that differ in numbers only have in common, ``*`` for the numbers that differ."""
    numbers = [_DIGITS.findall(text) for text in texts]
    differs = iter([len(set(column)) > 1 for column in zip(*numbers, strict=True)])
    return _DIGITS.sub(lambda match: "*" if next(differs) else match.group(), texts[0])


def _common(values: Iterable[str]) -> str:
    """The values joined if they are one or two (numbers in them left out); else how many there are."""
    distinct: dict[str, list[str]] = {}
    for value in dict.fromkeys(values):
        distinct.setdefault(masked(value), []).append(value)
    named = [pattern(same) for same in distinct.values()]
    return ", ".join(named) if len(named) <= 2 else f"{len(named)} different"
