"""Addresses for a plan: its stays are rectangles with fixed times, so this is allocation."""

from __future__ import annotations

from hwsim.schedule.allocation import Allocation, Status, allocate
from hwsim.schedule.buffers import Buffer
from hwsim.schedule.indexed import Indexed
from hwsim.schedule.plan import Episode, Plan


def pack(indexed: Indexed, plan: Plan, deadline: float) -> tuple[Status, tuple[int, ...]]:
    """Addresses in units, one for each episode of the plan.

    Returns the status of the allocation (feasible, infeasible or unknown) and, where feasible, the addresses.
    """
    room = _rooms(indexed, plan)
    spans: dict[int, list[Episode]] = {}
    for episode, number in zip(plan.episodes, room, strict=True):
        spans.setdefault(number, []).append(episode)
    buffers = tuple(_buffer(indexed, number, episodes) for number, episodes in spans.items())
    found: Allocation = allocate(buffers, indexed.capacity, deadline)
    if found.status is not Status.FEASIBLE:
        return found.status, ()
    return found.status, tuple(found.offsets[str(number)] for number in room)


def _buffer(indexed: Indexed, number: int, episodes: list[Episode]) -> Buffer:
    first = min(episode.first for episode in episodes)
    last = max(episode.last for episode in episodes)
    return Buffer(str(number), first, last + 1, indexed.size[episodes[0].tensor])


def _rooms(indexed: Indexed, plan: Plan) -> list[int]:
    """By episode, the number of the room it lies in: its own, or that of the stay it takes over in place."""
    born = {episode.tensor: index for index, episode in reversed(list(enumerate(plan.episodes)))}
    heir: dict[int, int] = {}
    for index, episode in enumerate(plan.episodes):
        operator = plan.order[episode.last]
        if indexed.in_place[operator] == episode.tensor:
            heir[index] = born[_first_output(indexed, operator)]
    room = list(range(len(plan.episodes)))
    for index in sorted(heir, key=lambda index: plan.episodes[index].last):
        room[heir[index]] = room[index]
    return room


def _first_output(indexed: Indexed, operator: int) -> int:
    problem = indexed.problem
    name = problem.operators[operator].outputs[0]
    return next(index for index, tensor in enumerate(problem.tensors) if tensor.id == name)
