"""Operators that cost the same told as one: twelve equal layers are one line, not twelve."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hwsim.report.document import Operator

_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Group:
    """Operators shown as one; sums are over the members, in seconds, joules, bytes and cycles."""

    label: str
    members: tuple[Operator, ...]

    @property
    def latency_s(self) -> float:
        """Time of all members."""
        return sum(op.latency_s for op in self.members)

    @property
    def lower_bound_s(self) -> float:
        """Lower bound of that time."""
        return sum(op.lower_bound_s for op in self.members)

    @property
    def cycles(self) -> float:
        """Cycles of all members."""
        return sum(op.cycles for op in self.members)

    @property
    def compute_cycles(self) -> float:
        """Cycles without stalls of all members."""
        return sum(op.compute_cycles for op in self.members)

    @property
    def energy_j(self) -> float:
        """Energy of all members."""
        return sum(op.energy_j for op in self.members)

    @property
    def dram_bytes(self) -> float:
        """DRAM traffic of all members."""
        return sum(op.dram_bytes for op in self.members)

    @property
    def macs(self) -> float:
        """MACs of all members."""
        return sum(op.macs for op in self.members)

    @property
    def kind(self) -> str:
        """The kind of the members, or how many kinds they are."""
        return _common([op.kind for op in self.members])

    @property
    def component(self) -> str:
        """The component of the members, or how many there are."""
        return _common([op.component for op in self.members])

    @property
    def bound_by(self) -> str:
        """What bounds the members, or how many different things do."""
        return _common([op.bound_by for op in self.members])

    @property
    def error_band(self) -> str:
        """The error band of the members, or how many there are."""
        return _common([op.error_band or "unvalidated" for op in self.members])

    def stall_cycles(self, cause: str) -> float:
        """Stalled cycles of all members for one cause."""
        return sum(op.stalls.get(cause, 0) for op in self.members)


def single(ops: Iterable[Operator]) -> list[Group]:
    """Each operator a group of its own."""
    return [Group(op.name, (op,)) for op in ops]


def alike(ops: Iterable[Operator]) -> list[Group]:
    """Groups of operators whose names differ in numbers only and whose costs are equal, in order."""
    groups: dict[tuple[object, ...], list[Operator]] = {}
    for op in ops:
        groups.setdefault(_cost(op), []).append(op)
    return [Group(_label([op.name for op in members]), tuple(members)) for members in groups.values()]


def readable(ops: Sequence[Operator], most: int) -> list[Group]:
    """At most ``most`` groups that tell the operators in execution order.

    Each operator by itself where they are few; else like ones together; else the slowest of these, and last
    one group of all others.
    """
    groups = single(ops) if len(ops) <= most else alike(ops)
    if len(groups) <= most:
        return groups
    slowest = sorted(range(len(groups)), key=lambda index: (-groups[index].latency_s, index))
    shown = sorted(slowest[: most - 1])
    rest = sorted(slowest[most - 1 :])
    others = tuple(op for index in rest for op in groups[index].members)
    return [*(groups[index] for index in shown), Group(f"… {len(others)} more operators", others)]


def _cost(op: Operator) -> tuple[object, ...]:
    name = _DIGITS.sub("*", op.name)
    return (name, op.kind, op.component, op.bound_by, op.error_band, op.cycles, op.macs, op.dram_bytes)


def _label(names: Sequence[str]) -> str:
    """The common name, ``*`` where the numbers differ, and how often it stands."""
    if len(names) == 1:
        return names[0]
    numbers = [_DIGITS.findall(name) for name in names]
    differs = iter([len(set(column)) > 1 for column in zip(*numbers, strict=True)])
    label = _DIGITS.sub(lambda match: "*" if next(differs) else match.group(), names[0])
    return f"{label} ×{len(names)}"


def _common(values: Sequence[str]) -> str:
    distinct = sorted(set(values))
    return distinct[0] if len(distinct) == 1 else f"{len(distinct)} different"
