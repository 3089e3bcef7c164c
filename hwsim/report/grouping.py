"""Which operators are told together: fused into one step, equal in every layer, alike in name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from hwsim.report.document import Operator
from hwsim.report.groups import Group, masked, pattern

# So much of a figure may hide behind "… more operators"; else operators are told more roughly.
_HIDDEN = 0.1

READING = "+n: with n operators fused into it; ×n: n operators alike"

_Figure = Callable[[Group], float]


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
    return _together(groups, _cost)


def namesakes(groups: Iterable[Group]) -> list[Group]:
    """Groups whose names differ in numbers only become one, whatever they cost, in order."""
    return _together(groups, _name)


def readable(ops: Sequence[Operator], most: int) -> list[Group]:
    """At most ``most`` groups that tell the operators in execution order.

    Each operator by itself where they are few; else steps, equal ones together; if that hides much of the
    time, those alike in name together; of more than ``most`` the slowest, and last all others as one.
    """
    groups = _few(ops, most, _time)
    if len(groups) <= most:
        return groups
    slowest = sorted(range(len(groups)), key=lambda index: (-groups[index].latency_s, index))
    shown, rest = sorted(slowest[: most - 1]), sorted(slowest[most - 1 :])
    return [*(groups[index] for index in shown), _others(groups[index] for index in rest)]


def leading(ops: Sequence[Operator], most: int, figure: _Figure) -> list[Group]:
    """At most ``most`` groups, those with most of a figure first, last one group of all others."""
    groups = sorted(_few(ops, most, figure), key=lambda group: -figure(group))
    return groups if len(groups) <= most else [*groups[: most - 1], _others(groups[most - 1 :])]


def _few(ops: Sequence[Operator], most: int, figure: _Figure) -> list[Group]:
    if len(ops) <= most:
        return single(ops)
    found = steps(ops)
    equal = alike(found)
    return equal if _tells(equal, most, figure) else namesakes(found)


def _tells(groups: Sequence[Group], most: int, figure: _Figure) -> bool:
    """Whether nearly all of a figure is in the groups that will be shown."""
    amounts = sorted((figure(group) for group in groups), reverse=True)
    return len(groups) <= most or sum(amounts[most - 1 :]) <= _HIDDEN * sum(amounts)


def _together(groups: Iterable[Group], key: Callable[[Group], tuple[object, ...]]) -> list[Group]:
    found: dict[tuple[object, ...], list[Group]] = {}
    for group in groups:
        found.setdefault(key(group), []).append(group)
    return [_merged(same) for same in found.values()]


def _merged(groups: Sequence[Group]) -> Group:
    """The groups as one; its name has ``*`` where their numbers differ, and how often it stands."""
    if len(groups) == 1:
        return groups[0]
    members = tuple(op for group in groups for op in group.members)
    return Group(f"{pattern([group.label for group in groups])} ×{len(groups)}", members)


def _others(groups: Iterable[Group]) -> Group:
    members = tuple(op for group in groups for op in group.members)
    return Group(f"… {len(members)} more operators", members)


def _fused(op: Operator, main: Operator) -> bool:
    return op.step == main.step and not op.latency_s


def _step_label(members: Sequence[Operator]) -> str:
    fused = len(members) - 1
    return f"{members[0].name} +{fused}" if fused else members[0].name


def _name(group: Group) -> tuple[object, ...]:
    return (masked(group.label), group.kind, group.component, len(group.members))


def _cost(group: Group) -> tuple[object, ...]:
    figures = (group.cycles, group.macs, group.dram_bytes)
    return (*_name(group), masked(group.bound_by), group.error_band, *figures)


def _time(group: Group) -> float:
    return group.latency_s
