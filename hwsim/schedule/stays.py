"""The stays of a schedule, each with why it began and why it ended: what a reader asks of an address map."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from hwsim.schedule.problem import Problem, Schedule


@dataclass(frozen=True, slots=True)
class Stay:
    """A tensor at ``[address, address + bytes)`` during steps ``first`` to ``last``.

    ``back``: the step before which it is fetched again, None where it is not needed any more.
    """

    tensor: str
    address: int
    bytes: int
    first: int
    last: int
    fetched: bool
    back: int | None


@dataclass(frozen=True, slots=True)
class Transfers:
    """Bytes a schedule moves: fetched, of these for the first time, and written back; outputs apart."""

    fetched: int
    first_fetches: int
    written_back: int


def stays(problem: Problem, steps: Schedule) -> list[Stay]:
    """All stays, by tensor and time."""
    found: list[Stay] = []
    for tensor in dict.fromkeys(name for step in steps for name in step.placements):
        mine = list(_spans(problem, steps, tensor))
        starts = [*(stay.first for stay in mine[1:]), None]
        found += [replace(stay, back=back) for stay, back in zip(mine, starts, strict=True)]
    return found


def transfers(problem: Problem, steps: Schedule) -> Transfers:
    """What a schedule moves between the scratchpad and DRAM."""
    seen: set[str] = set()
    fetched = first = written = 0
    for step in steps:
        written += sum(problem.tensor[name].size for name in step.writeback)
        for name in step.fetch:
            tensor = problem.tensor[name]
            fetched += tensor.size
            first += tensor.size if tensor.in_dram_from_start and name not in seen else 0
            seen.add(name)
    return Transfers(fetched, first, written)


def _spans(problem: Problem, steps: Schedule, tensor: str) -> Iterator[Stay]:
    size = problem.occupied_bytes(tensor)
    first: int | None = None
    for number, step in enumerate(steps):
        here = tensor in step.placements
        if first is not None and (not here or tensor in step.fetch):
            yield _stay(steps, tensor, size, first, number - 1)
            first = None
        if here and first is None:
            first = number
    if first is not None:
        yield _stay(steps, tensor, size, first, len(steps) - 1)


def _stay(steps: Schedule, tensor: str, size: int, first: int, last: int) -> Stay:
    fetched = tensor in steps[first].fetch
    return Stay(tensor, steps[first].placements[tensor], size, first, last, fetched, None)
