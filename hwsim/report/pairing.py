"""Which operator of one run corresponds to which of another: the same name, the same occurrence of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hwsim.report.document import Operator, Run
from hwsim.report.grouping import readable

Occurrence = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Pair:
    """Operators of this run shown as one, and those of the other run that correspond to them."""

    label: str
    ours: tuple[Operator, ...]
    theirs: tuple[Operator, ...]

    @property
    def complete(self) -> bool:
        """Whether each operator has its counterpart, so that ratios mean something."""
        return len(self.ours) == len(self.theirs)


@dataclass(frozen=True, slots=True)
class Pairing:
    """All operators of two runs: the pairs, and the names that only one of the runs has."""

    pairs: tuple[Pair, ...]
    only_ours: tuple[str, ...]
    only_theirs: tuple[str, ...]


def pair(run: Run, against: Run, most: int) -> Pairing:
    """At most ``most`` pairs that tell all operators of ``run`` in order of execution."""
    ours, theirs = _occurrences(run.ops), _occurrences(against.ops)
    counterpart = {id(op): theirs[key] for key, op in ours.items() if key in theirs}
    pairs = tuple(
        Pair(group.label, group.members, _found(group.members, counterpart))
        for group in readable(run.ops, most)
    )
    return Pairing(pairs, _missing(ours, theirs), _missing(theirs, ours))


def latency(ops: Iterable[Operator]) -> float:
    """Time of all, in seconds."""
    return sum(op.latency_s for op in ops)


def energy(ops: Iterable[Operator]) -> float:
    """Energy of all, in joules."""
    return sum(op.energy_j for op in ops)


def _occurrences(ops: Iterable[Operator]) -> dict[Occurrence, Operator]:
    seen: dict[str, int] = {}
    found: dict[Occurrence, Operator] = {}
    for op in ops:
        seen[op.name] = seen.get(op.name, 0) + 1
        found[op.name, seen[op.name]] = op
    return found


def _found(ops: Iterable[Operator], counterpart: dict[int, Operator]) -> tuple[Operator, ...]:
    return tuple(counterpart[id(op)] for op in ops if id(op) in counterpart)


def _missing(here: Iterable[Occurrence], there: Iterable[Occurrence]) -> tuple[str, ...]:
    others = set(there)
    return tuple(dict.fromkeys(key[0] for key in here if key not in others))
