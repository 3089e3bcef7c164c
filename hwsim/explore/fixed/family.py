"""Machines that differ only in capacities and in the bandwidth of the outermost memory, and one workload.

They cut contractions at different places, but what a cut does is the same for all of them.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import cached_property

from hwsim.explore.fixed.facts import Facts, facts_of
from hwsim.mapping.alike import Likenesses
from hwsim.mapping.boundary import Boundary
from hwsim.mapping.fusion import Group, single_groups
from hwsim.mapping.least_traffic import least_traffic_level
from hwsim.mapping.mesh_costs import MeshCosts
from hwsim.mapping.nest import Level
from hwsim.mapping.plan import Step
from hwsim.mapping.search_memory import SearchMemory
from hwsim.mapping.sites import vector_engine
from hwsim.mapping.situation import Situation, capacities
from hwsim.mapping.steps import StepPlanner
from hwsim.simulation.scene import Scene
from hwsim.workload.workload import Workload


@dataclass(frozen=True, slots=True)
class _Chooser:
    """The level of least traffic; below the outermost boundary the same question comes again and again."""

    known: dict[Hashable, Level | None] = field(default_factory=dict)

    def __call__(self, boundary: Boundary, meshes: tuple[MeshCosts, ...]) -> Level | None:
        if boundary.outermost:
            return least_traffic_level(boundary, meshes)
        key = (boundary, meshes[0].problem)
        if key not in self.known:
            self.known[key] = least_traffic_level(boundary, meshes)
        return self.known[key]


@dataclass(frozen=True)
class Family:
    """What its machines share: kinds of steps, what searches remember, the facts of steps.

    ``stream_chunks`` is that of the mapping; ``vector`` are the facts of vector work, which families with
    other matrix engines share.
    """

    workload: Workload
    stream_chunks: int
    vector: dict[tuple[int, int], Facts]
    memory: SearchMemory = field(default_factory=lambda: SearchMemory(_Chooser()))
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
            plan = self._contraction if group[0].is_contraction else self._vector
            facts = plan(scene, planner, nothing, kind, group)
            if facts is None:
                return None
            found.append(facts)
        return found

    def _vector(
        self, scene: Scene, planner: StepPlanner, nothing: Situation, kind: int, group: Group
    ) -> Facts | None:
        """The facts of vector work: they depend on the room of the memory beside the unit alone."""
        path = scene.sites.path(vector_engine(scene.sites, group[0]), "input")
        key = (kind, nothing.room(path[1].name) if len(path) > 1 else 0)
        if key not in self.vector:
            step = planner.plan(group, nothing)
            if step is None:
                return None
            self.vector[key] = facts_of(scene, step)
        return self.vector[key]

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
