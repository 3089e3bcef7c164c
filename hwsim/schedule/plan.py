"""A schedule without addresses: an order and, for each tensor, the stretches of steps it is resident."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hwsim.schedule.indexed import Indexed
from hwsim.schedule.problem import Schedule, Step


@dataclass(frozen=True, slots=True, order=True)
class Episode:
    """One stay of a tensor in the scratchpad, from step ``first`` to step ``last``, both included.

    Every stay starts with production or a fetch, at a step that uses the tensor, and ends at its last use.
    """

    tensor: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Operators in order and the stays, sorted by tensor and time."""

    order: tuple[int, ...]
    episodes: tuple[Episode, ...]


def plan_from_keeps(indexed: Indexed, order: tuple[int, ...], keeps: Mapping[int, int]) -> Plan:
    """The plan in canonical form.

    Args:
        indexed: the problem.
        order: operators by step.
        keeps: by step, the mask of tensors carried over the boundary before it; a tensor that is not carried
            from one use to the next is dropped after the one and fetched at the other.
    """
    episodes = []
    for tensor in range(indexed.tensors):
        uses = [step for step, operator in enumerate(order) if _touches(indexed, operator) >> tensor & 1]
        episodes += list(_stays(tensor, uses, keeps))
    return Plan(order, tuple(sorted(episodes)))


def _touches(indexed: Indexed, operator: int) -> int:
    return indexed.inputs[operator] | indexed.outputs[operator]


def _stays(tensor: int, uses: list[int], keeps: Mapping[int, int]) -> Iterator[Episode]:
    if not uses:
        return
    first = last = uses[0]
    for use in uses[1:]:
        if not all(keeps.get(step, 0) >> tensor & 1 for step in range(last + 1, use + 1)):
            yield Episode(tensor, first, last)
            first = use
        last = use
    yield Episode(tensor, first, last)


def plan_cost(indexed: Indexed, plan: Plan) -> int:
    """What a plan in canonical form costs: stays after the first, and write-backs."""
    stays = [0] * indexed.tensors
    for episode in plan.episodes:
        stays[episode.tensor] += 1
    return sum(
        (count - 1) * indexed.fetch_cost[tensor] + (indexed.writeback_cost[tensor] if count > 1 else 0)
        for tensor, count in enumerate(stays)
        if count
    )


def peak_units(indexed: Indexed, plan: Plan) -> int:
    """The largest total size resident in one step; an in-place input does not count beside its output."""
    load = [0] * len(plan.order)
    for episode in plan.episodes:
        for step in range(episode.first, episode.last + 1):
            load[step] += indexed.size[episode.tensor]
    for step, operator in enumerate(plan.order):
        if indexed.in_place[operator] >= 0:
            load[step] -= indexed.size[indexed.in_place[operator]]
    return max(load)


def schedule_from_plan(indexed: Indexed, plan: Plan, addresses: tuple[int, ...]) -> Schedule:
    """Steps with byte addresses; ``addresses`` gives the units at which each episode of the plan lies."""
    names = [tensor.id for tensor in indexed.problem.tensors]
    placements: list[dict[str, int]] = [{} for _ in plan.order]
    fetch: list[list[str]] = [[] for _ in plan.order]
    writeback: list[list[str]] = [[] for _ in plan.order]
    previous: Episode | None = None
    refetched = 0
    for episode, address in zip(plan.episodes, addresses, strict=True):
        name = names[episode.tensor]
        for step in range(episode.first, episode.last + 1):
            placements[step][name] = address * indexed.unit
        again = previous is not None and previous.tensor == episode.tensor
        if again or indexed.producer[episode.tensor] < 0:
            fetch[episode.first].append(name)
        leaves = indexed.problem.tensors[episode.tensor].needs_writeback
        unwritten = leaves and not refetched >> episode.tensor & 1
        if previous and again and unwritten:
            writeback[previous.last + 1].append(name)
            refetched |= 1 << episode.tensor
        previous = episode
    operators = indexed.problem.operators
    return tuple(
        Step(operators[operator].id, placements[step], tuple(fetch[step]), tuple(writeback[step]))
        for step, operator in enumerate(plan.order)
    )


def live_masks(plan: Plan) -> list[int]:
    """By step, the mask of resident tensors."""
    masks = [0] * len(plan.order)
    for episode in plan.episodes:
        for step in range(episode.first, episode.last + 1):
            masks[step] |= 1 << episode.tensor
    return masks


def carried_masks(plan: Plan) -> list[int]:
    """By step, the mask of tensors carried over the boundary before it."""
    masks = [0] * len(plan.order)
    for episode in plan.episodes:
        for step in range(episode.first + 1, episode.last + 1):
            masks[step] |= 1 << episode.tensor
    return masks


def returns(plan: Plan) -> dict[int, tuple[int, ...]]:
    """By tensor that comes back, the steps before which it is fetched again."""
    starts: dict[int, list[int]] = {}
    for episode in plan.episodes:
        starts.setdefault(episode.tensor, []).append(episode.first)
    return {tensor: tuple(steps[1:]) for tensor, steps in starts.items() if len(steps) > 1}
