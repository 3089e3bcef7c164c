"""From workload and machine to a plan, step by step in the order of the workload."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from hwsim.arch.machine import Arch, memory_of
from hwsim.arch.memory import Role
from hwsim.mapping.addresses import AddressMap
from hwsim.mapping.alike import Likeness, Likenesses, renamed
from hwsim.mapping.attention import Fusing, fused_step
from hwsim.mapping.choices import MappingChoices
from hwsim.mapping.footprint import footprint_notes
from hwsim.mapping.fused_group import FusedGroup
from hwsim.mapping.fusion import Group, epilogue_groups, single_groups
from hwsim.mapping.least_traffic import CHOOSERS
from hwsim.mapping.plan import Plan, Residency, Step, Transfer
from hwsim.mapping.search_memory import SearchMemory
from hwsim.mapping.sites import Sites, engine_of, matrix_engine, sites_of, vector_engine
from hwsim.mapping.situation import UNLIMITED, Situation, capacities, situation_of
from hwsim.mapping.stay import Stay
from hwsim.mapping.steps import StepPlanner, searched_on
from hwsim.spec.errors import InputError
from hwsim.workload.operator import Operator
from hwsim.workload.workload import Workload


@dataclass(slots=True)
class Planned:
    """Steps of plans for one machine and workload, to be shared by them.

    ``homebound`` are the tensors that every user can find at home. ``first`` is the first step planned for
    groups of a kind in a situation (None: it does not fit) and its group, ``steps`` the same for each group;
    ``like`` is the first step for a later one, by its identity.
    """

    likenesses: Likenesses
    homebound: frozenset[str]
    first: dict[Hashable, tuple[Likeness, Step | None]] = field(default_factory=dict)
    steps: dict[Hashable, Step | None] = field(default_factory=dict)
    like: dict[int, Step] = field(default_factory=dict)

    @classmethod
    def nothing(cls, sites: Sites, workload: Workload) -> Planned:
        """No step yet; tensors have datatypes."""
        return cls(Likenesses(workload.tensors), _homebound(sites, workload.operators))

    def step(self, group: Likeness, situation: Hashable, plan: Callable[[], Step | None]) -> Step | None:
        """The step of a group in a situation: known, known of a group like it, or planned now."""
        place = (group.kind, situation)
        own = (group.operators, place)
        if own not in self.steps:
            if place not in self.first:
                self.first[place] = (group, plan())
            self.steps[own] = self._renamed(group, *self.first[place])
        return self.steps[own]

    def _renamed(self, group: Likeness, first: Likeness, step: Step | None) -> Step | None:
        if step is None or first is group:
            return step
        found = renamed(step, first, group)
        self.like[id(found)] = step
        return found


def make_plan(
    arch: Arch,
    workload: Workload,
    choices: MappingChoices,
    fused: Fusing,
    planned: Planned | None = None,
) -> Plan:
    """Place, tile and order a whole workload on a machine.

    Args:
        arch: the machine.
        workload: its tensors without a datatype get the one of the machine's first engine.
        choices: what the user fixed.
        fused: the attentions to be fused, and how.
        planned: steps of other plans for the same machine and workload, to be shared and added to.

    Raises:
        InputError: an operator fits nowhere; names the memory and what it lacks.
    """
    sites = sites_of(arch)
    workload = workload.with_datatype(sites.datatype)
    groups = groups_of(
        sites, workload, choices, tuple(each.group.operators for each in fused.groups.values())
    )
    steps, residencies = _Planner(
        sites,
        workload,
        StepPlanner(
            sites,
            workload.tensors,
            choices.stream_chunks,
            capacities(arch),
            searched_on(f"{arch.content_hash} {choices.tiles}"),
            SearchMemory(CHOOSERS[choices.tiles]),
        ),
        _stay(sites, groups, choices),
        fused.groups,
        planned or Planned.nothing(sites, workload),
    ).run(groups)
    return Plan(
        arch=arch.name,
        workload=workload.name,
        mapping=choices.name,
        datatype=sites.datatype,
        steps=steps,
        residencies=residencies,
        notes=(*workload.notes, *footprint_notes(arch, workload), *fused.notes),
        arch_hash=arch.content_hash,
        workload_hash=workload.content_hash,
    )


def native_datatype(arch: Arch) -> str:
    """The datatype that tensors without one get on a machine."""
    return sites_of(arch).datatype


@dataclass(slots=True)
class _Planner:
    """One planning run: ``fused`` are the attentions in one step by their first operator."""

    sites: Sites
    workload: Workload
    steps: StepPlanner
    stay: Stay
    fused: Mapping[str, FusedGroup]
    planned: Planned

    def run(self, groups: tuple[Group, ...]) -> tuple[tuple[Step, ...], tuple[Residency, ...]]:
        steps = tuple(self._step(number, group) for number, group in enumerate(groups))
        return steps, self.stay.finish(len(steps) - 1)

    def _step(self, number: int, group: Group) -> Step:
        like = self.planned.likenesses.of(group)
        busy = frozenset(like.tensors)
        kept, spilled = self._keep_results(number, group, busy)
        step = self._plan(number, group, like)
        if step is None:
            for tensor in kept:
                self.stay.drop(tensor)
            step = self._plan(number, group, like) if kept else None
        for staying in (busy, frozenset[str]()):
            if step is None:
                spilled += self.stay.evict_all(number, staying)
                step = self._plan(number, group, like)
        if step is None:
            raise self._fits_nowhere(number, group)
        written = self._write_backs(group[0], spilled)
        root = self.sites.arch.root.name
        self.stay.saved.update(
            move.tensor for move in (*written, *step.transfers) if move.destination == root
        )
        self.stay.retire(number)
        return replace(step, transfers=(*written, *step.transfers)) if written else step

    def _plan(self, number: int, group: Group, like: Likeness) -> Step | None:
        situation, fused = self._situation(number), self.fused.get(group[0].name)

        def plan() -> Step | None:
            if fused:
                return fused_step(fused, self.workload.tensors, situation)
            return self.steps.plan(group, situation)

        setting = (
            fused.choice if fused else None,
            tuple([name in situation.resident for name in like.tensors]),
            tuple(situation.free.values()),
            situation.top,
        )
        return self.planned.step(like, setting, plan)

    def _situation(self, number: int) -> Situation:
        room = self.stay.room()
        return situation_of(
            self.sites,
            self.steps.capacities,
            frozenset(self.stay.since),
            (room.address, room.bytes),
            top=number % 2 == 1,
        )

    def _keep_results(self, number: int, group: Group, busy: frozenset[str]) -> tuple[list[str], list[str]]:
        """Place the step's results at home where that works; those kept, and those that left for them."""
        kept: list[str] = []
        spilled: list[str] = []
        for out in group[-1].outputs:
            tensor = self.workload.tensors[out.tensor]
            if tensor.name in self.planned.homebound and tensor.kind != "state":
                left = self.stay.keep(tensor.name, tensor.bytes, number, busy)
                if left is not None:
                    kept.append(tensor.name)
                    spilled += left
        return kept, spilled

    def _write_backs(self, op: Operator, spilled: list[str]) -> tuple[Transfer, ...]:
        """Residents that leave while the root memory has no copy are written there."""
        root = self.sites.arch.root.name
        return tuple(
            Transfer(op.name, name, "spill", self.stay.memory, root, self.workload.tensors[name].bytes)
            for name in spilled
            if name not in self.stay.saved
        )

    def _fits_nowhere(self, number: int, group: Group) -> InputError:
        op = group[0]
        lack = max(
            self.steps.lacking(group, self._situation(number)), key=lambda each: each.bytes - each.free
        )
        capacity = memory_of(self.sites.arch.find(lack.memory)).capacity
        return InputError(
            f"operator {op.name!r} ({op.kind}) fits nowhere on {self.sites.arch.name!r}: {lack.memory} lacks "
            f"{lack.bytes - lack.free} bytes: the smallest tile needs {lack.bytes} bytes, {lack.free} of its "
            f"{capacity} are free",
            hint=f"enlarge it: --set {lack.memory}.capacity=...",
        )


def groups_of(
    sites: Sites, workload: Workload, choices: MappingChoices, fused: tuple[Group, ...] = ()
) -> tuple[Group, ...]:
    """The operators of each step, in an order that respects the data; groups ``fused`` already stay."""
    if choices.fusion == "none" or not sites.vector:
        return single_groups(workload, fused)

    def together(anchor: Operator, follower: Operator) -> bool:
        unit = vector_engine(sites, follower)
        leaves = sites.meets(matrix_engine(sites, anchor), "output")
        return leaves and sites.meets(unit, "input") and sites.meets(unit, "output")

    return epilogue_groups(workload, together, fused)


def _stay(sites: Sites, groups: tuple[Group, ...], choices: MappingChoices) -> Stay:
    if sites.home is None:
        return Stay("", AddressMap(UNLIMITED), {})
    capacity = memory_of(sites.home).capacity
    uses = _uses(groups) if choices.residency == "greedy" else {}
    return Stay(sites.home.name, AddressMap(UNLIMITED if capacity is None else capacity), uses)


def _uses(groups: tuple[Group, ...]) -> Mapping[str, tuple[int, ...]]:
    """The steps that read each tensor, in order."""
    uses: dict[str, list[int]] = {}
    for number, group in enumerate(groups):
        for tensor in dict.fromkeys(part.tensor for op in group for part in op.inputs):
            uses.setdefault(tensor, []).append(number)
    return {tensor: tuple(steps) for tensor, steps in uses.items()}


def _homebound(sites: Sites, operators: Iterable[Operator]) -> frozenset[str]:
    """Tensors whose producer and consumers all meet them at home."""
    produced: set[str] = set()
    elsewhere: set[str] = set()
    for op in operators:
        engine = engine_of(sites, op)
        for position, part in enumerate(op.inputs):
            role: Role = "weight" if op.is_contraction and position > 0 else "input"
            if not sites.meets(engine, role):
                elsewhere.add(part.tensor)
        for part in op.outputs:
            (produced if sites.meets(engine, "output") else elsewhere).add(part.tensor)
    return frozenset(produced - elsewhere)
