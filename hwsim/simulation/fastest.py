"""The mapping of attention that is fastest: each attention unfused or fused, as the simulation times them.

Exact over its space as far as attentions do not touch each other: for each one the best of all its mappings,
and the result is never slower than any single mapping for all of them, nor than every operator on its own
with activations on chip or without. What stays on chip between steps is planned anew for each, not searched.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from hwsim.arch.machine import Arch
from hwsim.mapping.attention import UNFUSED, AttentionMapping, Fusing, fusing
from hwsim.mapping.choices import MappingChoices
from hwsim.mapping.fused.groups import AttentionGroup, NotFused, attention_groups
from hwsim.mapping.plan import Plan, Step
from hwsim.mapping.planner import Planned, make_plan
from hwsim.mapping.sites import sites_of
from hwsim.simulation.scene import Scene
from hwsim.simulation.step import time_step
from hwsim.workload.workload import Workload

MAPPINGS: tuple[AttentionMapping, ...] = ("fused", "fusemax", "flat", "unfused")
"""Of equally fast ones the first is taken."""


def fastest_plan(arch: Arch, workload: Workload, choices: MappingChoices, datatype: str) -> Plan:
    """The plan with the best mapping of each attention.

    Raises:
        InputError: an operator fits nowhere.
    """
    question = _Question(
        (arch.content_hash, workload.content_hash, datatype, choices), arch, workload, choices, datatype
    )
    return _remembered(question) if workload.content_hash else _answer(question)


@dataclass(frozen=True, slots=True)
class _Question:
    """What the plan follows from; equal where the contents are."""

    contents: tuple[object, ...]
    arch: Arch = field(compare=False)
    workload: Workload = field(compare=False)
    choices: MappingChoices = field(compare=False)
    datatype: str = field(compare=False)


@lru_cache(maxsize=32)
def _remembered(question: _Question) -> Plan:
    return _answer(question)


def _answer(question: _Question) -> Plan:
    arch, workload, choices, datatype = (
        question.arch,
        question.workload,
        question.choices,
        question.datatype,
    )
    if choices.residency == "schedule":
        from hwsim.simulation.scheduled import scheduled_plan

        return scheduled_plan(arch, workload, choices)
    if choices.residency == "faster":
        return _faster(question)
    found = attention_groups(workload.with_datatype(datatype))
    if not any(isinstance(each, AttentionGroup) for each in found):
        return make_plan(arch, workload, choices, fusing(sites_of(arch), workload, lambda _: "fused"))
    scene = Scene.of(arch, workload, datatype)
    trial = _Trial(arch, workload, scene, Planned.nothing(scene.sites, scene.workload))
    uniform = {how: trial.run(choices, _always(how)) for how in MAPPINGS}
    chosen: dict[str, AttentionMapping] = {}
    for each in found:
        if isinstance(each, AttentionGroup):
            names = tuple(op.name for op in each.operators)
            chosen[each.name] = min(MAPPINGS, key=lambda how: uniform[how].taken(names))
    mixed = trial.run(choices, lambda each: _chosen(chosen, each)) if len({*chosen.values()}) > 1 else None
    best = min((*([mixed] if mixed else []), *uniform.values()), key=lambda each: each.cycles)
    if scene.alone_bound() < best.cycles:
        alone = [trial.run(each, _always("unfused")) for each in _plain(choices)]
        best = min((best, *alone), key=lambda each: each.cycles)
    return replace(best.plan, notes=_notes(best, uniform["fused"], tuple(chosen)))


def _faster(question: _Question) -> Plan:
    """The plan whose residents are chosen step by step, or the scheduler's where that is faster."""
    scene = Scene.of(question.arch, question.workload, question.datatype)
    plans = [_answer(_with_residency(question, how)) for how in ("greedy", "schedule")]
    best = min(plans, key=lambda plan: sum(time_step(scene, step).cycles for step in plan.steps))
    return replace(best, mapping=question.choices.name)


def _with_residency(question: _Question, residency: str) -> _Question:
    return replace(question, choices=question.choices.model_copy(update={"residency": residency}))


def _notes(best: _Timed, fused: _Timed, attentions: tuple[str, ...]) -> tuple[str, ...]:
    """What is known of the best plan, and of every attention that it does not fuse, why."""
    unfused = [name for name in attentions if not best.fuses(name)]
    faster = sum(fused.fuses(name) for name in unfused)
    reasons = [note for note in fused.plan.notes if note.startswith(UNFUSED)] if unfused else []
    if faster:
        reasons.append(f"{UNFUSED} in {faster} layers: that is faster here than any fused choice")
    return tuple(dict.fromkeys((*best.plan.notes, *reasons)))


def _plain(choices: MappingChoices) -> tuple[MappingChoices, ...]:
    """Every operator on its own: activations on chip as ``choices`` let them, or all through the DRAM."""
    alone = choices.model_copy(update={"fusion": "none"})
    return (alone, alone.model_copy(update={"residency": "none"}))


@dataclass(frozen=True, slots=True)
class _Timed:
    """A plan and the cycles of each of its steps."""

    plan: Plan
    steps: tuple[int, ...]
    step_of: Mapping[str, int]

    @property
    def cycles(self) -> int:
        """All steps one after another."""
        return sum(self.steps)

    def fuses(self, operator: str) -> bool:
        """Whether the step of an operator is a fused attention."""
        return self.plan.steps[self.step_of[operator]].attention is not None

    def taken(self, operators: tuple[str, ...]) -> int:
        """The cycles of the steps that have these operators."""
        return sum(self.steps[number] for number in {self.step_of[name] for name in operators})


@dataclass(frozen=True, slots=True)
class _Trial:
    """Plans for one workload on one machine and their times; most steps are the same in all of them."""

    arch: Arch
    workload: Workload
    scene: Scene
    planned: Planned
    times: dict[int, tuple[Step, int]] = field(default_factory=dict)
    done: dict[Hashable, _Timed] = field(default_factory=dict)

    def run(
        self, choices: MappingChoices, attention: Callable[[AttentionGroup | NotFused], AttentionMapping]
    ) -> _Timed:
        """Plan and time the workload with these choices; twice the same plan is one."""
        fused = fusing(self.scene.sites, self.scene.workload, attention)
        question = (choices, tuple((name, each.choice) for name, each in fused.groups.items()))
        if question not in self.done:
            self.done[question] = self._timed(choices, fused)
        return self.done[question]

    def _timed(self, choices: MappingChoices, fused: Fusing) -> _Timed:
        plan = make_plan(self.arch, self.workload, choices, fused, self.planned)
        steps = tuple(self._cycles(step) for step in plan.steps)
        step_of = {task.operator: number for number, step in enumerate(plan.steps) for task in step.tasks}
        return _Timed(plan, steps, step_of)

    def _cycles(self, step: Step) -> int:
        step = self.planned.like.get(id(step), step)
        known = self.times.get(id(step))
        if known is None:
            known = self.times[id(step)] = (step, time_step(self.scene, step).cycles)
        return known[1]


def _always(how: AttentionMapping) -> Callable[[AttentionGroup | NotFused], AttentionMapping]:
    return lambda _: how


def _chosen(chosen: Mapping[str, AttentionMapping], each: AttentionGroup | NotFused) -> AttentionMapping:
    """What cannot be fused at all says so."""
    return chosen[each.name] if isinstance(each, AttentionGroup) else "fused"
