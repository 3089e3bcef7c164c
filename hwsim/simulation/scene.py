"""A machine and a workload, with what every step of a run needs looked up once."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from fractions import Fraction

from hwsim.arch.component import Component
from hwsim.arch.machine import Arch, memory_of
from hwsim.arch.memory import Memory
from hwsim.mapping.innermost import innermost_tiles
from hwsim.mapping.nest import tile_elements
from hwsim.mapping.plan import Step, Task, Transfer
from hwsim.mapping.protocol import EngineAction, MatrixEngine, VectorEngine
from hwsim.mapping.room import stationary_role
from hwsim.mapping.sites import Sites, matrix_engine, sites_of, vector_engine
from hwsim.mapping.steps import root_bytes_per_cycle
from hwsim.simulation.bounds import Compulsory, compulsory_traffic
from hwsim.simulation.execution import Bound, StepTime
from hwsim.workload.operator import Operator
from hwsim.workload.tensor import DATATYPE_BITS
from hwsim.workload.workload import Workload


@dataclass(frozen=True, slots=True)
class Scene:
    """Engines and components by name.

    ``rate`` is bits a machine cycle of the outermost memory, None: no limit; ``times`` remembers steps timed.
    """

    arch: Arch
    sites: Sites
    workload: Workload
    compulsory: dict[str, Compulsory]
    matrix: dict[str, MatrixEngine]
    vector: dict[str, VectorEngine]
    parts: dict[str, Component]
    ratios: dict[str, Fraction]
    rate: float | None
    times: dict[Hashable, StepTime]

    @classmethod
    def of(cls, arch: Arch, workload: Workload, datatype: str) -> Scene:
        """The scene of ``workload`` on ``arch``, tensors without a datatype in ``datatype``."""
        workload = workload.with_datatype(datatype)
        sites = sites_of(arch)
        bytes_per_cycle = root_bytes_per_cycle(arch.root, arch.clock)
        return cls(
            arch=arch,
            sites=sites,
            workload=workload,
            compulsory=compulsory_traffic(workload),
            matrix={engine.component.name: engine for engine in sites.matrix},
            vector={engine.component.name: engine for engine in sites.vector},
            parts={component.name: component for component in arch.walk()},
            ratios={part.name: Fraction(arch.clock) / Fraction(part.clock) for part in arch.walk()},
            rate=None if bytes_per_cycle is None else 8 * bytes_per_cycle,
            times={},
        )

    def operator(self, task: Task) -> Operator:
        """The operator of a task."""
        return self.workload.by_name[task.operator]

    def engine(self, task: Task) -> MatrixEngine | VectorEngine:
        """The engine of a task."""
        return self.matrix[task.component] if task.problem else self.vector[task.component]

    def engine_actions(self, task: Task) -> tuple[EngineAction, ...]:
        """What happens inside the component for a task."""
        if task.problem:
            return self.matrix[task.component].actions(
                task.problem, innermost_tiles(task.problem, task.levels)
            )
        return self.vector[task.component].actions(self.operator(task))

    def peak_macs(self, task: Task) -> int:
        """Multiply-accumulates a cycle of the task's engine; 0 for vector work."""
        return self.matrix[task.component].peak_macs if task.problem else 0

    def vector_cycles(self, task: Task) -> int:
        """Machine cycles of a vector task with its data there."""
        unit = self.vector[task.component]
        return scaled(unit.cycles(self.operator(task)), self.ratio(unit.component))

    def ratio(self, component: Component) -> Fraction:
        """Machine cycles per cycle of ``component``, exact."""
        return self.ratios[component.name]

    def compute_bound(self, task: Task) -> int:
        """Fewest machine cycles of the task on its component."""
        return self._bound(self.operator(task), self.engine(task))

    def step_bound(self, step: Step) -> int:
        """Fewest cycles for a step: its compute, its vector work or its compulsory traffic."""
        matrix = sum(self.compute_bound(task) for task in step.tasks if task.problem)
        vector = sum(self.compute_bound(task) for task in step.tasks if not task.problem)
        outside = sum((self.compulsory[task.operator] for task in step.tasks), Compulsory())
        return max(matrix, vector, self.outer_cycles(outside.reads, outside.writes))

    def outer_cycles(self, reads: int, writes: int) -> int:
        """Fewest cycles in which the outermost memory moves so many bytes: one after another, or side by
        side.
        """
        if memory_of(self.arch.root).ports == "shared":
            return bits_cycles(8 * (reads + writes), self.rate)
        return bits_cycles(8 * max(reads, writes), self.rate)

    @property
    def total_compulsory(self) -> Compulsory:
        """The compulsory traffic of the whole workload."""
        return sum(self.compulsory.values(), Compulsory())

    def bounds(self) -> tuple[Bound, ...]:
        """Bounds on the whole workload, one a resource."""
        cycles: dict[str, int] = {}
        for op in self.workload.operators:
            engine = matrix_engine(self.sites, op) if op.is_contraction else vector_engine(self.sites, op)
            name = engine.component.name
            cycles[name] = cycles.get(name, 0) + self._bound(op, engine)
        found = [Bound(f"{name} compute", total) for name, total in cycles.items()]
        outside = self.total_compulsory
        traffic = self.outer_cycles(outside.reads, outside.writes)
        return (*found, Bound(f"{self.arch.root.name} compulsory traffic", traffic))

    def on_chip_cycles(self, transfers: Iterable[Transfer]) -> dict[str, int]:
        """Machine cycles each on-chip memory with a bandwidth needs for the transfers."""
        moved: dict[str, tuple[int, int]] = {}
        for move in transfers:
            reads, writes = moved.get(move.source, (0, 0))
            moved[move.source] = (reads + move.bytes, writes)
            reads, writes = moved.get(move.destination, (0, 0))
            moved[move.destination] = (reads, writes + move.bytes)
        return {name: self._memory_cycles(name, *both) for name, both in moved.items() if self._limits(name)}

    def buffered_twice(self, step: Step) -> bool:
        """Whether every memory of the step's tiles is double buffered and holds them whole."""
        twice = all(memory_of(self.parts[space.memory]).double_buffered for space in step.workspaces)
        return twice and not self._passes_by_line(step)

    def _passes_by_line(self, step: Step) -> bool:
        """Whether the tile that stays in the engine passes line by line a memory it is too large for."""
        task, last = step.tasks[0], self.operator(step.tasks[-1])
        if task.problem is None or not task.levels:
            return False
        engine = self.matrix[task.component]
        role, inputs = stationary_role(engine), self.operator(task).inputs
        tensor = {"input": inputs[0], "weight": inputs[1], "output": last.outputs[0]}[role].tensor
        holder = self.sites.path(engine, role)[1:2]
        if tensor not in task.streamed or not holder:
            return False
        space = sum(space.bytes for space in step.workspaces if space.memory == holder[0].name)
        elements = tile_elements(task.problem, role, *task.levels[0].tile)
        return bool(elements * DATATYPE_BITS[engine.datatype] > 8 * space)

    def _bound(self, op: Operator, engine: MatrixEngine | VectorEngine) -> int:
        name = engine.component.name
        matrix = self.matrix.get(name)
        cycles = -(-op.macs // matrix.peak_macs) if matrix else self.vector[name].bound_cycles(op)
        ratio = self.ratio(engine.component)
        return cycles * ratio.numerator // ratio.denominator

    def _limits(self, name: str) -> bool:
        memory = self.parts[name].attributes
        return name != self.arch.root.name and isinstance(memory, Memory) and memory.bandwidth is not None

    def _memory_cycles(self, name: str, reads: int, writes: int) -> int:
        component = self.parts[name]
        memory = memory_of(component)
        bandwidth = memory.bandwidth
        if bandwidth is None:
            return 0
        total = reads + writes if memory.ports == "shared" else max(reads, writes)
        rate = bandwidth.per_second(component.clock) * component.instances / self.arch.clock
        return bits_cycles(8 * total, 8 * rate)


def bits_cycles(bits: int, rate: float | None) -> int:
    """Cycles to move ``bits`` at ``rate`` bits a cycle; none where the memory is no limit."""
    return 0 if rate is None or bits == 0 else int(-(-bits // rate))


def scaled(cycles: int, ratio: Fraction) -> int:
    """Engine cycles as machine cycles, rounded up."""
    return -(-cycles * ratio.numerator // ratio.denominator)
