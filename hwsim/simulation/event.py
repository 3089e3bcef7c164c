"""Running a plan at ``event`` fidelity: every tile is a task in an event loop, and steps overlap where they
may.

Loads and stores contend for the ports of the outermost memory, tiles for their engine. A step may begin to
load as soon as the ranges of memory it writes are free; its tiles are computed once the tensors it finds at
home are made; what it reads from the outermost memory must have been stored. Requests on a port are served in
the order in which they were made, those of one instant in the order of the plan's steps.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from hwsim.arch.machine import Arch, memory_of
from hwsim.engines.tiles import Segment, Tiles
from hwsim.mapping.plan import Plan, Step
from hwsim.simulation.account import operator_runs
from hwsim.simulation.analytical import busy_cycles
from hwsim.simulation.execution import Execution, OperatorRun
from hwsim.simulation.scene import Scene
from hwsim.simulation.step import StepTiles, step_tiles, time_step
from hwsim.workload.workload import Workload

if TYPE_CHECKING:
    import simpy

Range = tuple[str, int, int]
"""A memory and a range of its addresses, ``[first, last)``."""


def run_event(arch: Arch, workload: Workload, plan: Plan) -> Execution:
    """Time and count everything a plan does, with steps overlapping where data and space allow.

    Each operator's cycles run from the end of the step before it (or its own start, if later) to its end, so
    that they add up to the whole; stalls are those of the step alone, minus what the overlap hid.
    """
    import simpy

    scene = Scene.of(arch, workload, plan.datatype)
    environment = simpy.Environment()
    loads = simpy.Resource(environment, 1)
    shared = memory_of(arch.root).ports == "shared"
    loop = _Loop(scene, environment, loads, loads if shared else simpy.Resource(environment, 1))
    waits = _waits(plan, scene)
    for number, step in enumerate(plan.steps):
        loop.add(number, step, waits[number])
    environment.run()
    return _execution(scene, plan, loop)


@dataclass(frozen=True, slots=True)
class _Waits:
    """The steps that must be over before a step may load, and before it may compute."""

    load: frozenset[int]
    compute: frozenset[int]


@dataclass(slots=True)
class _Loop:
    scene: Scene
    environment: simpy.Environment
    load_port: simpy.Resource
    store_port: simpy.Resource
    engines: dict[str, simpy.Resource] = field(default_factory=dict)
    over: list[simpy.Process] = field(default_factory=list)
    finish: dict[int, int] = field(default_factory=dict)

    def add(self, number: int, step: Step, waits: _Waits) -> None:
        """Start the processes of a step; they wait for what they need."""
        self.over.append(self.environment.process(self._step(number, step, waits)))

    def _step(self, number: int, step: Step, waits: _Waits) -> Generator[Any, Any, None]:
        import simpy

        tiles = step_tiles(self.scene, step)
        yield self._all(waits.load)
        yield from self._move(self.store_port, tiles.spill_cycles)
        loaded = simpy.Store(self.environment)
        slots = simpy.Container(self.environment, tiles.buffers.load_slots, tiles.buffers.load_slots)
        room = simpy.Container(self.environment, tiles.buffers.store_slots, tiles.buffers.store_slots)
        self.environment.process(self._load(tiles, slots, loaded))
        yield self._all(waits.compute)
        stores = yield self.environment.process(self._compute(step, tiles, slots, room, loaded))
        yield self.environment.all_of(stores)
        self.finish[number] = int(self.environment.now)

    def _load(
        self, tiles: StepTiles, slots: simpy.Container, loaded: simpy.Store
    ) -> Generator[Any, Any, None]:
        for segment in _each(tiles.sequence):
            yield slots.get(1)
            yield from self._move(self.load_port, segment.load_cycles)
            yield loaded.put(segment)

    def _compute(
        self, step: Step, tiles: StepTiles, slots: simpy.Container, room: simpy.Container, loaded: simpy.Store
    ) -> Generator[Any, Any, list[simpy.Process]]:
        engine = self._engine(step.tasks[0].component)
        stores = []
        for _ in _each(tiles.sequence):
            segment = yield loaded.get()
            yield room.get(1)
            with engine.request() as turn:
                yield turn
                yield self.environment.timeout(segment.compute_cycles)
            yield slots.put(1)
            stores.append(self.environment.process(self._store(segment, room)))
        return stores

    def _store(self, segment: Segment, room: simpy.Container) -> Generator[Any, Any, None]:
        yield from self._move(self.store_port, segment.store_cycles)
        yield room.put(1)

    def _move(self, port: simpy.Resource, cycles: int) -> Generator[Any, Any, None]:
        """Hold a port of the outermost memory for ``cycles``; nothing to move does not wait for it."""
        if cycles:
            with port.request() as turn:
                yield turn
                yield self.environment.timeout(cycles)

    def _engine(self, component: str) -> simpy.Resource:
        import simpy

        if component not in self.engines:
            self.engines[component] = simpy.Resource(self.environment, 1)
        return self.engines[component]

    def _all(self, steps: Iterable[int]) -> simpy.Event:
        return self.environment.all_of([self.over[number] for number in sorted(steps)])


def _each(sequence: tuple[Tiles, ...]) -> Iterator[Segment]:
    """Every tile on its own."""
    for node in sequence:
        if isinstance(node, Segment):
            single = replace(node, repeat=1)
            for _ in range(node.repeat):
                yield single
        else:
            for _ in range(node.repeat):
                yield from _each(node.body)


def _waits(plan: Plan, scene: Scene) -> list[_Waits]:
    """Which earlier steps each step depends on, through addresses and through data."""
    made = {
        out.tensor: number
        for number, step in enumerate(plan.steps)
        for task in step.tasks
        for out in scene.operator(task).outputs
    }
    root = scene.arch.root.name
    freed = [_workspaces(step) + _residents(plan, ending=number) for number, step in enumerate(plan.steps)]
    found = []
    for number, step in enumerate(plan.steps):
        tiles, results = _workspaces(step), _residents(plan, starting=number)
        read = {part.tensor for task in step.tasks for part in scene.operator(task).inputs}
        from_root = {move.tensor for move in step.transfers if move.source == root}
        found.append(
            _Waits(
                load=_before(number, freed, tiles) | _producers(made, read & from_root, number),
                compute=_before(number, freed, results) | _producers(made, read, number),
            )
        )
    return found


def _before(number: int, freed: list[list[Range]], wanted: list[Range]) -> frozenset[int]:
    """The earlier steps whose end frees a part of ``wanted``."""
    return frozenset(other for other in range(number) if _overlap(freed[other], wanted))


def _producers(made: dict[str, int], tensors: set[str], number: int) -> frozenset[int]:
    """The earlier steps that make ``tensors``."""
    return frozenset(made[name] for name in tensors if made.get(name, number) != number)


def _workspaces(step: Step) -> list[Range]:
    return [(space.memory, space.address, space.address + space.bytes) for space in step.workspaces]


def _residents(plan: Plan, starting: int | None = None, ending: int | None = None) -> list[Range]:
    """The ranges of tensors that become resident in step ``starting``, or leave after step ``ending``."""
    return [
        (stay.memory, stay.address, stay.address + stay.bytes)
        for stay in plan.residencies
        if stay.first_step == starting or stay.last_step == ending
    ]


def _overlap(left: list[Range], right: list[Range]) -> bool:
    return any(a[0] == b[0] and a[1] < b[2] and b[1] < a[2] for a in left for b in right)


def _execution(scene: Scene, plan: Plan, loop: _Loop) -> Execution:
    runs: list[OperatorRun] = []
    busy: dict[str, int] = {}
    reached = 0
    for number, step in enumerate(plan.steps):
        alone = time_step(scene, step)
        end = max(reached, loop.finish[number])
        runs += operator_runs(scene, number, reached, step, alone.within(end - reached))
        reached = end
        for name, cycles in busy_cycles(scene, step, alone).items():
            busy[name] = busy.get(name, 0) + cycles
    return Execution(
        fidelity="event",
        cycles=reached,
        operators=tuple(runs),
        bounds=scene.bounds(),
        compulsory_dram_bytes=scene.total_compulsory.bytes,
        busy=tuple(sorted(busy.items())),
    )
