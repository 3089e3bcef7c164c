"""Skeletons of nests: storages and arrays in order, with tiles still open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from hwsim.mapping.loopnest.machine import Array
from hwsim.mapping.loopnest.nodes import Storage
from hwsim.mapping.loopnest.problem import Problem


@dataclass(frozen=True, slots=True)
class Unrolled:
    """An array and the rank that lies along it."""

    array: Array
    rank: str


@dataclass(frozen=True, slots=True)
class Shared:
    """A loop over ``rank`` that fused Einsums have in common."""

    rank: str


@dataclass(frozen=True, slots=True)
class Sliding(Storage):
    """A storage of a window; the loop over ``along`` steps right above, and what two steps share stays."""

    along: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """From here on ``tensor`` stays in ``memory``, which is further inside: no loop moves it any more."""

    memory: str
    tensor: str


Event = Storage | Shared | Held | tuple[Unrolled, ...]
"""A storage, a loop in common, where a tensor begins to stay, or arrays side by side."""
Skeleton = tuple[Event, ...]


def fixed_ranks(problem: Problem, skeleton: Skeleton, event: int) -> frozenset[str]:
    """Ranks that must not step right above ``event``: they move a tensor that stays there."""
    found: frozenset[str] = frozenset()
    for node in skeleton[:event]:
        if isinstance(node, Held) and event <= _storage_event(skeleton, node):
            found |= problem.tensor(node.tensor).ranks
    return found


def stays_from(skeleton: Skeleton, event: int) -> int | None:
    """The event from which the storage at ``event`` stays; None where it changes with every loop above."""
    node = skeleton[event] if event < len(skeleton) else None
    if not isinstance(node, Storage):
        return None
    held = Held(node.memory, node.tensor)
    return skeleton.index(held) if held in skeleton else None


def with_held(skeleton: Skeleton) -> Iterator[Skeleton]:
    """The skeleton, and those in which storages right below arrays stay while storages above them change."""
    arrays = [event for event, node in enumerate(skeleton) if isinstance(node, tuple)]
    choices = [(None, *_places(skeleton, event)) for event in arrays]
    for chosen in product(*choices):
        events: list[Event] = list(skeleton)
        for place, array in reversed(list(zip(chosen, arrays, strict=True))):
            below = skeleton[array + 1] if array + 1 < len(skeleton) else None
            if place is not None and isinstance(below, Storage):
                events.insert(place, Held(below.memory, below.tensor))
        yield tuple(events)


def _places(skeleton: Skeleton, array: int) -> Iterator[int]:
    """Where the storage right below the arrays at ``array`` may begin to stay: before storages above them."""
    below = skeleton[array + 1] if array + 1 < len(skeleton) else None
    if not isinstance(below, Storage):
        return
    for event in reversed(range(array)):
        node = skeleton[event]
        if not isinstance(node, Storage) or node.tensor == below.tensor:
            return
        yield event


def _storage_event(skeleton: Skeleton, held: Held) -> int:
    return next(
        event
        for event, node in enumerate(skeleton)
        if isinstance(node, Storage) and (node.memory, node.tensor) == (held.memory, held.tensor)
    )
