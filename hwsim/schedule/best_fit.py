"""A baseline: the order of the file, each tensor in the smallest gap, furthest next use leaves first."""

from __future__ import annotations

from dataclasses import dataclass, field

from hwsim.schedule.greedy import file_order
from hwsim.schedule.indexed import index_problem
from hwsim.schedule.problem import Operator, Problem, Schedule, Step


def best_fit_schedule(problem: Problem) -> Schedule:
    """A valid schedule in topological order, as near to that of the file as can be."""
    order = [problem.operators[place].id for place in file_order(index_problem(problem))]
    scratchpad = _Scratchpad(problem, _uses(problem, order))
    return tuple(scratchpad.run(number, problem.operator[name]) for number, name in enumerate(order))


def _uses(problem: Problem, order: list[str]) -> dict[str, list[int]]:
    uses: dict[str, list[int]] = {}
    for number, name in enumerate(order):
        for tensor in problem.operator[name].inputs:
            uses.setdefault(tensor, []).append(number)
    return uses


@dataclass(slots=True)
class _Scratchpad:
    """Who lies where now, and of what DRAM has a copy."""

    problem: Problem
    uses: dict[str, list[int]]
    placed: dict[str, int] = field(default_factory=dict)
    saved: set[str] = field(default_factory=set)

    def run(self, number: int, operator: Operator) -> Step:
        """The step: what it needs comes in, what is in its way leaves."""
        before = dict(self.placed)
        wanted = [name for name in operator.tensors if name not in before]
        if not all(self._place(name, number, operator) for name in wanted):
            self.placed = {}
            address = 0
            for name in operator.tensors:
                self.placed[name] = address
                address += self.problem.occupied_bytes(name)
        fetch = tuple(name for name in operator.inputs if before.get(name) != self.placed[name])
        gone = [name for name in before if self.placed.get(name) != before[name]]
        written = tuple(name for name in gone if self._must_be_saved(name, number))
        self.saved.update(written)
        step = Step(operator.id, dict(self.placed), fetch, written)
        self.placed = {name: at for name, at in self.placed.items() if self._next_use(name, number + 1)}
        return step

    def _place(self, name: str, number: int, operator: Operator) -> bool:
        size = self.problem.occupied_bytes(name)
        while (address := self._tightest(size)) is None:
            others = [other for other in self.placed if other not in operator.tensors]
            if not others:
                return False
            del self.placed[max(others, key=lambda other: (self._next_use(other, number) or 0, other))]
        self.placed[name] = address
        return True

    def _tightest(self, size: int) -> int | None:
        """Where the smallest gap of at least ``size`` begins."""
        gaps, end = [], 0
        for name, address in sorted(self.placed.items(), key=lambda item: item[1]):
            gaps.append((address - end, end))
            end = address + self.problem.occupied_bytes(name)
        gaps.append((self.problem.scratchpad_bytes - end, end))
        fitting = [gap for gap in gaps if gap[0] >= size]
        return min(fitting)[1] if fitting else None

    def _next_use(self, name: str, number: int) -> int | None:
        return next((use for use in self.uses.get(name, ()) if use >= number), None)

    def _must_be_saved(self, name: str, number: int) -> bool:
        needed = self._next_use(name, number) is not None
        return needed and self.problem.tensor[name].needs_writeback and name not in self.saved
