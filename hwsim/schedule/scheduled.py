"""A problem and its verified schedule, with what a reader wants to know about both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hwsim.schedule.problem import Problem, Schedule
from hwsim.schedule.solve import ScheduleResult


@dataclass(frozen=True, slots=True)
class Scheduled:
    """``inputs`` are the files and descriptions behind the problem, as every JSON answer names them.

    ``objective`` is what was made least: bytes, time or energy. ``peak_lower_bound_bytes``: with the smallest
    scratchpad asked for, what none without a spill can be smaller than.
    """

    problem: Problem
    result: ScheduleResult
    inputs: dict[str, Any]
    objective: str = "bytes"
    peak_lower_bound_bytes: int | None = None


def peak_bytes(problem: Problem, steps: Schedule) -> int:
    """One more than the highest byte that a tensor takes in any step."""
    return max(
        (
            address + problem.occupied_bytes(tensor)
            for step in steps
            for tensor, address in step.placements.items()
        ),
        default=0,
    )
