"""A plan whose loop nests are the best of their declared sets for an objective."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from hwsim.arch.machine import Arch
from hwsim.energy.objective.bounds import bounds, nothing_fits
from hwsim.energy.objective.choice import Choice, Costed, choose
from hwsim.energy.objective.frontier import corners, frontier
from hwsim.energy.objective.judge import FIGURES, Figure, Judge
from hwsim.energy.objective.setting import Setting, settings_of
from hwsim.mapping.alike import Likenesses
from hwsim.mapping.choices import MappingChoices
from hwsim.mapping.constraints import check_rules
from hwsim.mapping.declared import Declared
from hwsim.mapping.plan import Plan, Searched, Step
from hwsim.simulation.scene import Scene
from hwsim.spec.errors import InputError, did_you_mean
from hwsim.workload.workload import Workload

Objective = Literal["latency", "energy", "edp", "pareto"]
Point = tuple[float, float]
"""Seconds and joules."""
OBJECTIVES: tuple[Objective, ...] = ("latency", "energy", "edp", "pareto")


def objective_called(name: str) -> Objective:
    """The objective called ``name``.

    Raises:
        InputError: there is none.
    """
    for objective in OBJECTIVES:
        if objective == name:
            return objective
    raise InputError(f"there is no objective {name!r}", hint=did_you_mean(name, OBJECTIVES))


@dataclass(frozen=True)
class _Answer:
    """A step's choice among its candidates."""

    setting: Setting
    candidates: Declared
    choice: Choice


@dataclass(frozen=True)
class _Refiner:
    judge: Judge
    objective: Objective
    likenesses: Likenesses
    known: dict[Hashable, _Answer] = field(default_factory=dict)

    def answer(self, setting: Setting) -> _Answer:
        """The answer for a step; steps that are alike in all but names have one."""
        key = (self.likenesses.of(setting.group).kind, *setting.contents)
        if key not in self.known:
            candidates = setting.candidates()
            self.known[key] = _Answer(setting, candidates, self._choice(setting, candidates))
        return replace(self.known[key], setting=setting)

    def _choice(self, setting: Setting, candidates: Declared) -> Choice:
        own = None if setting.rules else self.judge.figure(setting.step)

        def judged(number: int) -> Figure | None:
            step = setting.with_level(candidates.level(number))
            return self.judge.figure(step) if step else None

        found = choose(candidates, bounds(candidates, setting.step, self.judge), self.objective, own, judged)
        if not found.front:
            least = max((rule.min_utilization for _, rule in setting.rules.values()), default=0.0)
            error = nothing_fits(setting.group[0].name, candidates, least)
            raise setting.placed(error)
        return found


def refined(
    plan: Plan, arch: Arch, workload: Workload, choices: MappingChoices, objective: Objective
) -> Plan:
    """``plan`` with the best loop nests of the declared sets that keep the constraints of ``choices``.

    Raises:
        RuleError: a constraint cannot be kept.
        InputError: no loop nest is left for an operator; says what removed how many.
    """
    scene = Scene.of(arch, workload, plan.datatype)
    contractions = [op.name for op in scene.workload.operators if op.is_contraction]
    check_rules(choices.constraints, contractions)
    judge = Judge.of(scene)
    refiner = _Refiner(judge, objective, Likenesses(scene.workload.tensors))
    settings = settings_of(plan, scene, choices)
    answers = {number: refiner.answer(setting) for number, setting in settings.items()}
    others = [judge.figure(step) for number, step in enumerate(plan.steps) if number not in answers]
    rest = Figure(sum(each.seconds for each in others), sum(each.joules for each in others))
    chosen, points = _chosen(list(answers.values()), rest, objective)
    taken = dict(zip(answers, chosen, strict=True))
    steps = tuple(
        _step(answers[number], taken[number]) if number in answers else step
        for number, step in enumerate(plan.steps)
    )
    searched = tuple(_searched(answers[number], taken[number], objective) for number in answers)
    notes = (*plan.notes, _note(objective, searched, points))
    return replace(plan, steps=steps, searched=searched, frontier=points, notes=notes)


def _note(objective: Objective, searched: Sequence[Searched], points: tuple[Point, ...]) -> str:
    """What was done, in a sentence."""
    tried, costed = sum(each.candidates for each in searched), sum(each.costed for each in searched)
    text = (
        f"objective {objective}: loop nests of {len(searched)} contractions proved best of {tried:,} "
        f"declared candidates, {costed:,} costed, others without room, against rules or beaten by bounds"
    )
    return f"{text}; {len(points)} points on the frontier, this is that of least product" if points else text


def _chosen(
    answers: Sequence[_Answer], rest: Figure, objective: Objective
) -> tuple[list[Costed], tuple[Point, ...]]:
    """The candidate of every step, and the frontier where it is asked for."""
    figure = FIGURES[objective]
    if objective in ("latency", "energy"):
        return [min(each.choice.front, key=lambda costed: figure(costed.figure)) for each in answers], ()
    steps = [corners(each.choice.front) for each in answers]
    sums = frontier(steps, rest)
    best = min(sums, key=lambda each: figure(each.figure))
    chosen = [corner[at] for corner, at in zip(steps, best.chosen, strict=True)]
    points = tuple((each.figure.seconds, each.figure.joules) for each in sums)
    return chosen, points if objective == "pareto" else ()


def _step(answer: _Answer, costed: Costed) -> Step:
    if costed.number < 0:
        return answer.setting.step
    step = answer.setting.with_level(answer.candidates.level(costed.number))
    assert step is not None
    return step


def _searched(answer: _Answer, costed: Costed, objective: Objective) -> Searched:
    candidates, choice = answer.candidates, answer.choice
    return Searched(
        operator=answer.setting.group[0].name,
        objective=objective,
        value=FIGURES[objective](costed.figure),
        bound=choice.bound,
        candidates=candidates.count,
        without_room=candidates.without_room,
        against_rules=candidates.against_rules,
        costed=choice.costed,
    )
