"""A machine and a workload, with what every step of a run needs looked up once."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from hwsim.arch.component import Component
from hwsim.arch.machine import Arch, memory_of
from hwsim.arch.memory import Memory, Role
from hwsim.mapping.attention import planned_attention
from hwsim.mapping.fused_group import FusedGroup
from hwsim.mapping.plan import Plan, Step, Task, Transfer
from hwsim.mapping.protocol import EngineAction, MatrixEngine, VectorEngine
from hwsim.mapping.sites import Sites, engine_of, sites_of
from hwsim.mapping.steps import root_rate, tensor_of
from hwsim.mapping.tiles import innermost_tiles
from hwsim.simulation.bounds import Traffic, compulsory_traffic
from hwsim.simulation.execution import Bound, StepTime
from hwsim.workload.operator import Operator
from hwsim.workload.workload import Workload


@dataclass(frozen=True, slots=True)
class Pace:
    """Bits a machine cycle of all instances of a memory; ``shared``: reads and writes take turns."""

    rate: float
    shared: bool

    def cycles(self, reads: int, writes: int) -> int:
        """Machine cycles for so many bytes."""
        return bits_cycles(8 * (reads + writes if self.shared else max(reads, writes)), self.rate)


@dataclass(frozen=True, slots=True)
class Scene:
    """Engines and components by name.

    ``rate`` is bits a machine cycle of the outermost memory, None: no limit; ``paces`` those of the memories
    on the chip that have a limit; ``times``, ``actions`` and ``attentions`` remember steps timed,
    contractions counted and attentions found.
    """

    arch: Arch
    sites: Sites
    workload: Workload
    compulsory: dict[str, Traffic]
    matrix: dict[str, MatrixEngine]
    vector: dict[str, VectorEngine]
    parts: dict[str, Component]
    ratios: dict[str, Fraction]
    rate: float | None
    paces: dict[str, Pace]
    times: dict[Hashable, StepTime]
    actions: dict[Hashable, tuple[EngineAction, ...]]
    attentions: dict[Hashable, FusedGroup]

    @classmethod
    def of(cls, arch: Arch, workload: Workload, datatype: str) -> Scene:
        """The scene of ``workload`` on ``arch``, tensors without a datatype in ``datatype``."""
        workload = workload.with_datatype(datatype)
        sites = sites_of(arch)
        return cls(
            arch=arch,
            sites=sites,
            workload=workload,
            compulsory=compulsory_traffic(workload),
            matrix={engine.component.name: engine for engine in sites.matrix},
            vector={engine.component.name: engine for engine in sites.vector},
            parts={component.name: component for component in arch.walk()},
            ratios={part.name: Fraction(arch.clock) / Fraction(part.clock) for part in arch.walk()},
            rate=root_rate(arch.root, arch.clock),
            paces=_paces(arch),
            times={},
            actions={},
            attentions={},
        )

    @property
    def root(self) -> str:
        """The name of the outermost memory."""
        return self.arch.root.name

    def operator(self, task: Task) -> Operator:
        """The operator of a task."""
        return self.workload.by_name[task.operator]

    def engine(self, task: Task) -> MatrixEngine | VectorEngine:
        """The engine of a task."""
        return self.matrix[task.component] if task.problem else self.vector[task.component]

    def stores(self, name: str) -> bool:
        """Whether a component is a memory, and not one that computes."""
        return name not in self.matrix and name not in self.vector

    def engine_actions(self, task: Task) -> tuple[EngineAction, ...]:
        """What happens inside the component for a task."""
        if not task.problem:
            return self.vector[task.component].actions(self.operator(task))
        key = (task.component, task.problem, task.levels)
        actions = self.actions.get(key)
        if actions is None:
            engine = self.matrix[task.component]
            tiles = innermost_tiles(task.problem, task.levels, engine)
            actions = self.actions[key] = engine.actions(task.problem, tiles)
        return actions

    def peak_macs(self, task: Task) -> int:
        """Multiply-accumulates a cycle of the task's engine; 0 for vector work."""
        return self.matrix[task.component].peak_macs if task.problem else 0

    def bits(self, step: Step, role: Role) -> int:
        """Bits of one element of the tensor of ``role`` of a contraction."""
        result = self.operator(step.tasks[-1]).outputs[0].tensor
        return self.workload.tensors[tensor_of(self.operator(step.tasks[0]), role, result)].bits

    def vector_cycles(self, task: Task) -> int:
        """Machine cycles of a vector task with its data there."""
        unit = self.vector[task.component]
        return scaled(unit.cycles(self.operator(task)), self.ratio(unit.component))

    def ratio(self, component: Component) -> Fraction:
        """Machine cycles per cycle of ``component``, exact."""
        return self.ratios[component.name]

    def compute_bound(self, task: Task) -> int:
        """Fewest machine cycles of the task on its component."""
        return self._least_cycles(self.operator(task), task.component)

    def alone_bound(self) -> int:
        """Fewest machine cycles of the workload where no two of its operators run side by side."""
        placed = ((op, engine_of(self.sites, op).component.name) for op in self.workload.operators)
        return sum(self._least_cycles(op, component) for op, component in placed)

    def _least_cycles(self, op: Operator, component: str) -> int:
        if op.is_contraction:
            cycles = -(-op.macs // self.matrix[component].peak_macs)
        else:
            cycles = self.vector[component].bound_cycles(op)
        ratio = self.ratios[component]
        return cycles * ratio.numerator // ratio.denominator

    def fused(self, step: Step) -> FusedGroup:
        """The attention of a step that is fused.

        Raises:
            ValueError: the plan is not verified: it is no attention.
        """
        key = (step.tasks, step.attention)
        found = self.attentions.get(key) or planned_attention(self.sites, self.workload, step)
        if found is None:
            raise ValueError(f"the step of {step.tasks[0].operator} is no attention")
        self.attentions[key] = found
        return found

    def step_bound(self, step: Step) -> int:
        """Fewest machine cycles for a step: the work of each of its engines, or its compulsory traffic."""
        outside = sum((self.compulsory[task.operator] for task in step.tasks), Traffic())
        return max(self.outer_cycles(outside), *self.work_bounds((step,)).values())

    def outer_cycles(self, moved: Traffic) -> int:
        """Fewest cycles in which the outermost memory moves so much: one way after the other, or side by
        side.
        """
        shared = memory_of(self.arch.root).ports == "shared"
        return bits_cycles(8 * (moved.bytes if shared else max(moved.reads, moved.writes)), self.rate)

    @property
    def total_compulsory(self) -> Traffic:
        """The compulsory traffic of the whole workload."""
        return sum(self.compulsory.values(), Traffic())

    def bounds(self, plan: Plan) -> tuple[Bound, ...]:
        """Bounds on the whole workload where the plan has placed it, one a resource."""
        work = self.work_bounds(plan.steps)
        traffic = self.outer_cycles(self.total_compulsory)
        found = [Bound(name, f"{name} compute", cycles) for name, cycles in work.items()]
        return (*found, Bound(self.root, f"{self.root} compulsory traffic", traffic))

    def on_chip_cycles(self, transfers: Iterable[Transfer]) -> dict[str, int]:
        """Machine cycles each on-chip memory with a bandwidth needs for the transfers."""
        reads: dict[str, int] = {}
        writes: dict[str, int] = {}
        for move in transfers:
            reads[move.source] = reads.get(move.source, 0) + move.bytes
            writes[move.destination] = writes.get(move.destination, 0) + move.bytes
        return {
            name: pace.cycles(reads.get(name, 0), writes.get(name, 0))
            for name, pace in self.paces.items()
            if name in reads or name in writes
        }

    def work_bounds(self, steps: Iterable[Step]) -> dict[str, int]:
        """Fewest machine cycles of each component for the work that the steps give it."""
        work: dict[str, int] = {}
        for step in steps:
            for component, cycles in self._step_work(step):
                work[component] = work.get(component, 0) + cycles
        return work

    def _step_work(self, step: Step) -> Iterator[tuple[str, int]]:
        if step.attention is None:
            yield from ((task.component, self.compute_bound(task)) for task in step.tasks)
        else:
            least = self.fused(step).work.least_cycles
            yield from ((component, int(cycles)) for component, cycles in least.items())


def _paces(arch: Arch) -> dict[str, Pace]:
    """How fast each memory on the chip is that has a bandwidth."""
    found = {}
    for part in arch.walk():
        memory = part.attributes
        if part is not arch.root and isinstance(memory, Memory) and memory.bandwidth is not None:
            rate = memory.bandwidth.per_second(part.clock) * part.instances / arch.clock
            found[part.name] = Pace(8 * rate, memory.ports == "shared")
    return found


def bits_cycles(bits: int, rate: float | None) -> int:
    """Cycles to move ``bits`` at ``rate`` bits a cycle; none where the memory is no limit."""
    return 0 if rate is None or bits == 0 else int(-(-bits // rate))


def scaled(cycles: int, ratio: Fraction) -> int:
    """Engine cycles as machine cycles, rounded up."""
    return -(-cycles * ratio.numerator // ratio.denominator)
