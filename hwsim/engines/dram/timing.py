"""The rules of time of a device, in cycles."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hwsim.engines.dram.device import Device, Organization
from hwsim.engines.dram.expression import NoValue, evaluate, values_of
from hwsim.engines.dram.standard import RuleEntry, Scope, Sourced
from hwsim.spec.errors import InputError

Lookup = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class Rule:
    """``second`` comes at least ``cycles`` after the ``window``-th last ``first`` in the same ``scope``."""

    scope: Scope
    first: str
    second: str
    cycles: int
    window: int = 1


@dataclass(frozen=True, slots=True)
class Timing:
    """All rules of a device, and its times by name (``cycles("CL")``; burst_cycles is a name too)."""

    rules: tuple[Rule, ...]
    cycles: Lookup

    def between(self, scope: Scope, first: str, second: str, window: int = 1) -> int:
        """Cycles that ``second`` waits for ``first`` by the rules of one scope alone; 0 where there is
        none.
        """
        found = (
            rule.cycles
            for rule in self.rules
            if (rule.scope, rule.first, rule.second, rule.window) == (scope, first, second, window)
        )
        return max(found, default=0)


def timing_of(device: Device) -> Timing:
    """The rules of ``device``; those of no cycles are left out.

    Raises:
        InputError: a name has no value, or the table contradicts itself, with its position.
    """
    lookup = _lookup(device)
    _check(device, lookup)
    return Timing(tuple(_rules(device, lookup)), lookup)


def span(scope: Scope, organization: Organization) -> int:
    """Banks in one node of ``scope``, which are neighbours in the numbering of banks; of other_ranks, a
    rank's.
    """
    spans: dict[Scope, int] = {
        "bank": 1,
        "bank_group": organization.banks_per_group,
        "dram_rank": organization.banks_per_rank,
        "other_ranks": organization.banks_per_rank,
        "channel": organization.banks,
    }
    return spans[scope]


def _lookup(device: Device) -> Lookup:
    times = dict(device.file.timing)
    if device.organization.bank_groups == 1:
        longs = [name for name in {*times, *device.standard.defaults} if name.endswith("_L")]
        times.update({name: times[f"{name[:-1]}S"] for name in longs if f"{name[:-1]}S" in times})
    times["burst_cycles"] = device.organization.burst_cycles
    return values_of(times, device.standard.defaults)


def _rules(device: Device, lookup: Lookup) -> Iterator[Rule]:
    for entry, place in device.standard.rules:
        cycles = _cycles(entry, place, lookup, device)
        if cycles > 0:
            for first in entry.from_:
                for second in entry.to:
                    yield Rule(entry.scope, first, second, cycles, entry.window)


def _cycles(entry: RuleEntry, place: Sourced, lookup: Lookup, device: Device) -> int:
    try:
        return evaluate(entry.cycles, lookup)
    except NoValue as error:
        message = f"{error.message}, which {device.standard.name} needs for {entry.cycles!r}"
        raise InputError(message, device.document.key_position(("timing",)), error.hint) from error
    except InputError as error:
        raise place.wrong(error.message, error.hint) from error


def _check(device: Device, lookup: Lookup) -> None:
    for check, _ in device.standard.checks:
        try:
            value, least = lookup(check.at_least), evaluate(check.value, lookup)
        except NoValue:
            continue  # a name that no rule needs; one that a rule needs is missed there
        if value < least:
            path = ("timing", check.at_least)
            given = check.at_least in device.file.timing
            where = device.document.position(path if given else ("timing",))
            message = f"{check.at_least} ({value}) must be at least {check.value} ({least}): {check.because}"
            raise InputError(message, where)
