"""Machines that differ only in capacities and in the bandwidth of the outermost memory, and one workload.

They cut contractions at different places, but what a cut does is the same for all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from hwsim.explore.fixed.facts import Facts, facts_of
from hwsim.mapping.alike import Likenesses
from hwsim.mapping.fusion import Group, single_groups
from hwsim.mapping.least_traffic import least_traffic_level
from hwsim.mapping.plan import Step
from hwsim.mapping.search_memory import SearchMemory
from hwsim.mapping.situation import Situation, capacities
from hwsim.mapping.steps import StepPlanner
from hwsim.simulation.scene import Scene
from hwsim.workload.workload import Workload


@dataclass(frozen=True)
class Family:
    """What its machines share: kinds of steps, what searches remember, the facts of steps.

    ``stream_chunks`` is that of the mapping.
    """

    workload: Workload
    stream_chunks: int
    memory: SearchMemory = field(default_factory=lambda: SearchMemory(least_traffic_level))
    facts: dict[tuple[object, ...], Facts] = field(default_factory=dict)

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """The operators, each a step of its own, in the order they run."""
        return single_groups(self.workload, ())

    @cached_property
    def kinds(self) -> tuple[int, ...]:
        """For each step the place of its kind in :attr:`firsts`."""
        likenesses = Likenesses(self.workload.tensors)
        places: dict[int, int] = {}
        return tuple(places.setdefault(likenesses.of(group).kind, len(places)) for group in self.groups)

    @cached_property
    def firsts(self) -> tuple[Group, ...]:
        """The first group of each kind."""
        found: dict[int, Group] = {}
        for kind, group in zip(self.kinds, self.groups, strict=True):
            found.setdefault(kind, group)
        return tuple(found[kind] for kind in range(len(found)))

    def facts_on(self, scene: Scene) -> list[Facts] | None:
        """The facts of each kind of step on a machine; None where some step fits nowhere."""
        room = capacities(scene.arch)
        planner = StepPlanner(scene.sites, self.workload.tensors, self.stream_chunks, room, {}, self.memory)
        nothing = Situation(frozenset(), {name: (0, size) for name, size in room.items()}, top=False)
        found = []
        for kind, group in enumerate(self.firsts):
            facts = self._facts(scene, planner, nothing, kind, group, room)
            if facts is None:
                return None
            found.append(facts)
        return found

    def _facts(
        self,
        scene: Scene,
        planner: StepPlanner,
        nothing: Situation,
        kind: int,
        group: Group,
        room: Mapping[str, int],
    ) -> Facts | None:
        if group[0].is_contraction:
            return self._contraction(scene, planner, nothing, kind, group)
        key = (kind, *room.values())
        if key not in self.facts:
            step = planner.plan(group, nothing)
            if step is None:
                return None
            self.facts[key] = facts_of(scene, step)
        return self.facts[key]

    def _contraction(
        self, scene: Scene, planner: StepPlanner, nothing: Situation, kind: int, group: Group
    ) -> Facts | None:
        """The facts of the nest that is chosen: the same wherever it is."""
        chosen = planner.chosen(group, nothing)
        if chosen is None:
            return None
        depths, buffers = chosen
        key = (kind, *(depth.level for depth in depths), buffers)
        if key not in self.facts:
            step: Step = planner.step_of(group, nothing, depths)
            self.facts[key] = facts_of(scene, step)
        return self.facts[key]
