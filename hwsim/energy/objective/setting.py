"""The contractions of a plan as they can be planned anew: what is on the chip, and which rules hold."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace

from hwsim.arch.machine import memory_of
from hwsim.mapping.choices import MappingChoices
from hwsim.mapping.constraints import NestRule, RuleError, rules_of
from hwsim.mapping.cut import AXES
from hwsim.mapping.declared import Declared, declared
from hwsim.mapping.fusion import Group
from hwsim.mapping.matrix import needs, plan_depths
from hwsim.mapping.nest import Level
from hwsim.mapping.plan import Plan, Step, Transfer
from hwsim.mapping.request import MatrixRequest
from hwsim.mapping.search_memory import SearchMemory
from hwsim.mapping.situation import UNLIMITED, Situation, capacities, situation_of
from hwsim.mapping.steps import StepPlanner
from hwsim.simulation.scene import Scene
from hwsim.spec.errors import InputError


@dataclass(frozen=True)
class Setting:
    """One contraction with its riders: its ``step`` as planned, what it found on the chip, and its rules by
    level of memory, each with its number in the file.
    """

    group: Group
    step: Step
    situation: Situation
    request: MatrixRequest
    rules: Mapping[int, tuple[int, NestRule]]
    planner: StepPlanner
    memory: SearchMemory

    @property
    def contents(self) -> tuple[Hashable, ...]:
        """All that its choice follows from, but the work itself."""
        spilled = sum(move.bytes for move in self._beside)
        numbers = tuple(number for number, _ in self.rules.values())
        return (*self.request.setting, spilled, numbers)

    def candidates(self) -> Declared:
        """The declared set of its outermost level.

        Raises:
            RuleError: a rule leaves no tile, or is for a level that there is not.
        """
        self._inner()
        number, rule = self.rules.get(1, (0, None))
        limits = self.memory.limits(self.request, 1, self.request.problem.K)
        return declared(self.request, limits, rule, ("constraints", number))

    def with_level(self, level: Level) -> Step | None:
        """The step with ``level`` outermost; None where an inner one does not fit."""
        inner = self._inner()
        fixed = (level, *inner)
        outer = zip(fixed, inner, strict=False)
        if any(small > large for one, two in outer for large, small in zip(one.tile, two.tile, strict=True)):
            return None
        depths = plan_depths(self.request, self.memory, fixed)
        if depths is None or any(need.bytes > need.free for need in needs(self.request, depths)):
            return None
        step = self.planner.step_of(self.group, self.situation, depths)
        return replace(step, transfers=(*self._beside, *step.transfers))

    def placed(self, error: InputError) -> InputError:
        """An error at the first rule of the operator, if there is one."""
        if not self.rules:
            return error
        number = next(iter(self.rules.values()))[0]
        return RuleError(error.message, ("constraints", number), error.hint)

    @property
    def _beside(self) -> tuple[Transfer, ...]:
        """Residents that are written back before the step."""
        return tuple(move for move in self.step.transfers if move.role == "spill")

    def _inner(self) -> tuple[Level, ...]:
        """The levels below the outermost that rules fix."""
        found: list[Level] = []
        for level, (number, rule) in sorted(self.rules.items()):
            where = ("constraints", number)
            if level > self.request.depth:
                message = f"level {level}: {self.group[0].name!r} has {self.request.depth} on the chip"
                raise RuleError(message, (*where, "level"), f"level: {self.request.depth}")
            if level > 1:
                found.append(self._fixed(level, rule, where, len(found) + 2))
        return tuple(found)

    def _fixed(self, level: int, rule: NestRule, where: tuple[str | int, ...], expected: int) -> Level:
        """An inner level, which has to be complete."""
        tiles = [rule.tile.along(axis) for axis in AXES]
        if rule.order is None or level != expected or not all(isinstance(tile, int) for tile in tiles):
            hint = "give order and the sizes M, N and K, and the same for the levels between"
            raise RuleError("a level inside the first is fixed as a whole or not at all", where, hint)
        batch = min(self.request.problem.batch, self.request.engine.component.instances)
        M, N, K = (tile for tile in tiles if isinstance(tile, int))
        return Level(rule.order, batch, M, N, K)


def settings_of(plan: Plan, scene: Scene, choices: MappingChoices) -> dict[int, Setting]:
    """The contractions of a plan by the number of their step.

    Raises:
        RuleError: two rules are for one level of an operator.
    """
    room = capacities(scene.arch)
    planner = StepPlanner(scene.sites, scene.workload.tensors, choices.stream_chunks, room, {})
    memory = SearchMemory()
    found = {}
    for number, step in enumerate(plan.steps):
        if step.attention is None and step.tasks[0].problem is not None:
            group = tuple(scene.operator(task) for task in step.tasks)
            situation = _situation(plan, scene, room, number)
            request = planner.request(group, situation)
            rules = rules_of(choices.constraints, group[0].name)
            found[number] = Setting(group, step, situation, request, rules, planner, memory)
    return found


def _situation(plan: Plan, scene: Scene, room: Mapping[str, int], number: int) -> Situation:
    """What the plan has on the chip while a step runs, and the widest gap between it."""
    home = scene.sites.home
    staying = [each for each in plan.residencies if each.first_step <= number <= each.last_step]
    if home is None:
        return situation_of(scene.sites, room, frozenset(), (0, 0), number % 2 == 1)
    capacity = memory_of(home).capacity
    taken = sorted((each.address, each.address + each.bytes) for each in staying)
    taken.append((UNLIMITED if capacity is None else capacity,) * 2)
    gap, end = (0, 0), 0
    for begins, ends in taken:
        gap = max(gap, (end, begins - end), key=lambda each: each[1])
        end = max(end, ends)
    resident = frozenset(each.tensor for each in staying)
    return situation_of(scene.sites, room, resident, gap, number % 2 == 1)
