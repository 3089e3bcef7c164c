"""Operators told together: those fused into one step, and those that cost the same in every layer."""

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
        """What bounds the members that take time, or how many different things do."""
        return _common([op.bound_by for op in self.timed])

    @property
    def error_band(self) -> str:
        """The error band of the members that take time, or how many there are."""
        return _common([op.error_band or "unvalidated" for op in self.timed])

    def stall_cycles(self, cause: str) -> float:
        """Stalled cycles of all members for one cause."""
        return self.total(lambda op: op.stalls.get(cause, 0))


def single(ops: Iterable[Operator]) -> list[Group]:
    """Each operator a group of its own."""
    return [Group(op.name, (op,)) for op in ops]


def steps(ops: Iterable[Operator]) -> list[Group]:
    """Each operator with those fused into it: same step, no time of their own."""
    groups: list[list[Operator]] = []
    for op in ops:
        if groups and _fused(op, groups[-1][0]):
            groups[-1].append(op)
        else:
            groups.append([op])
    return [Group(_step_label(members), tuple(members)) for members in groups]


def alike(groups: Iterable[Group]) -> list[Group]:
    """Groups whose names differ in numbers only and whose costs are equal become one, in order."""
    found: dict[tuple[object, ...], list[Group]] = {}
    for group in groups:
        found.setdefault(_cost(group), []).append(group)
    return [_merged(same) for same in found.values()]


def readable(ops: Sequence[Operator], most: int) -> list[Group]:
    """At most ``most`` groups that tell the operators in execution order.

    Each operator by itself where they are few; else steps, like ones together; else the slowest of these, and
    last one group of all others.
    """
    groups = _few(ops, most)
    if len(groups) <= most:
        return groups
    slowest = sorted(range(len(groups)), key=lambda index: (-groups[index].latency_s, index))
    shown, rest = sorted(slowest[: most - 1]), sorted(slowest[most - 1 :])
    return [*(groups[index] for index in shown), _others(groups[index] for index in rest)]


def leading(ops: Sequence[Operator], most: int, figure: Callable[[Group], float]) -> list[Group]:
    """At most ``most`` groups, those with most of a figure first, last one group of all others."""
    groups = sorted(_few(ops, most), key=lambda group: -figure(group))
    return groups if len(groups) <= most else [*groups[: most - 1], _others(groups[most - 1 :])]


def _few(ops: Sequence[Operator], most: int) -> list[Group]:
    return single(ops) if len(ops) <= most else alike(steps(ops))


def _others(groups: Iterable[Group]) -> Group:
    members = tuple(op for group in groups for op in group.members)
    return Group(f"… {len(members)} more operators", members)


def _fused(op: Operator, main: Operator) -> bool:
    return op.step == main.step and not op.latency_s


def _step_label(members: Sequence[Operator]) -> str:
    fused = len(members) - 1
    return f"{members[0].name} +{fused}" if fused else members[0].name


def _cost(group: Group) -> tuple[object, ...]:
    label = _DIGITS.sub("*", group.label)
    what = (label, group.kind, group.component, _DIGITS.sub("*", group.bound_by), group.error_band)
    return (*what, len(group.members), group.cycles, group.macs, group.dram_bytes)


def _merged(groups: Sequence[Group]) -> Group:
    """The groups as one; its name has ``*`` where their numbers differ, and how often it stands."""
    if len(groups) == 1:
        return groups[0]
    members = tuple(op for group in groups for op in group.members)
    return Group(f"{_pattern([group.label for group in groups])} ×{len(groups)}", members)


def _common(values: Sequence[str]) -> str:
    """The value if there is one, or one but for the numbers in it; else how many there are."""
    distinct = sorted(set(values))
    if len({_DIGITS.sub("*", value) for value in distinct}) > 1:
        return f"{len(distinct)} different"
    return _pattern(distinct)


def _pattern(texts: Sequence[str]) -> str:
    """What texts that differ in numbers only have in common, ``*`` for the numbers that differ."""
    numbers = [_DIGITS.findall(text) for text in texts]
    differs = iter([len(set(column)) > 1 for column in zip(*numbers, strict=True)])
    return _DIGITS.sub(lambda match: "*" if next(differs) else match.group(), texts[0])
