"""Where a skeleton lets a rank be cut."""

from __future__ import annotations

from dataclasses import dataclass

from hwsim.mapping.exact.skeleton import Held, Shared, Skeleton, fixed_ranks
from hwsim.mapping.loopnest.machine import Array
from hwsim.mapping.loopnest.nodes import Storage
from hwsim.mapping.loopnest.problem import Problem


@dataclass(frozen=True, slots=True)
class Cut:
    """A loop over a rank right above event ``event`` of the skeleton; ``array``: it lies side by side."""

    event: int
    array: Array | None = None


def cuts_of(problem: Problem, skeleton: Skeleton, rank: str) -> tuple[Cut, ...]:
    """The loops over ``rank`` from the outside in.

    A temporal one above each storage of a tensor that the rank moves; above arrays that of the storage below
    them, as every place then works on neighbouring tiles; for a storage that stays where it begins to. The
    last loop, down to single elements, is not among them.
    """
    found: list[Cut] = []
    common = common_events(skeleton)
    for event, node in enumerate(skeleton):
        if isinstance(node, Shared):
            found += [Cut(event)] if node.rank == rank else []
            continue
        after_array = event > 0 and isinstance(skeleton[event - 1], tuple)
        free = event >= common and not after_array and rank not in fixed_ranks(problem, skeleton, event)
        if isinstance(node, Storage | Held):
            found += [Cut(event)] if free and rank in problem.tensor(node.tensor).ranks else []
            continue
        found += [Cut(event)] if free and _cut_above_arrays(problem, skeleton[event:], rank) else []
        found += [Cut(event, each.array) for each in node if each.rank == rank]
    return tuple(found)


def common_events(skeleton: Skeleton) -> int:
    """How many events fused Einsums have in common: up to the storage below the last loop in common."""
    shared = [event for event, node in enumerate(skeleton) if isinstance(node, Shared)]
    return shared[-1] + 2 if shared else 0


def _cut_above_arrays(problem: Problem, inside: Skeleton, rank: str) -> bool:
    """Whether the storage below the arrays that ``inside`` begins with, or their places, want a loop."""
    below = next((each for each in inside if isinstance(each, Storage)), None)
    if below is not None:
        return rank in problem.tensor(below.tensor).ranks
    return any(each.rank == rank for node in inside if isinstance(node, tuple) for each in node)


def ends_in_places(skeleton: Skeleton, cuts: tuple[Cut, ...]) -> bool:
    """Whether the last of ``cuts`` lies side by side with no storage below: places take single elements."""
    if not cuts or cuts[-1].array is None:
        return False
    return not any(isinstance(node, Storage) for node in skeleton[cuts[-1].event :])
