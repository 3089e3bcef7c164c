"""Running a plan at ``event`` fidelity: tile by tile, with steps overlapping where data and space allow.

A step may begin to load as soon as the ranges of memory that it fills are free and what it reads from the
outermost memory has been stored; its tiles are computed once the tensors it finds on the chip are made.
Engines take their steps in the order of the plan. A port of the outermost memory works for the earliest step
that asks; a later one gives way at once. So no step is delayed by a later one, the whole never takes longer
than at ``analytical`` fidelity, and steps can be walked one after another, each in what those before it leave
of the ports. A step that meets no other needs no walk: it takes the time it takes alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain

from hwsim.arch.machine import Arch, memory_of
from hwsim.mapping.plan import Plan, Step
from hwsim.simulation.account import operator_runs
from hwsim.simulation.analytical import busy_cycles
from hwsim.simulation.dependencies import Waits, waits
from hwsim.simulation.execution import Execution, OperatorRun
from hwsim.simulation.port import Interval, Port, merged
from hwsim.simulation.scene import Scene
from hwsim.simulation.step import step_tiles, time_step
from hwsim.simulation.tile_run import TileRun, run_tiles
from hwsim.workload.workload import Workload


def run_event(arch: Arch, workload: Workload, plan: Plan) -> Execution:
    """Time and count everything a plan does, with steps overlapping where they may.

    An operator's cycles run from the first thing that moves for it to the last, so the operators' cycles may
    add up to more than the whole; what a step waits for others is among its stalls.
    """
    scene = Scene.of(arch, workload, plan.datatype)
    timeline = _Timeline(scene, plan)
    for number, each in enumerate(waits(plan, scene)):
        timeline.add(number, each)
    runs: list[OperatorRun] = []
    busy: dict[str, int] = {}
    for number, step in enumerate(plan.steps):
        alone, span = time_step(scene, step), timeline.spans[number]
        runs += operator_runs(scene, number, span.begin, step, alone.among_others(span.end - span.begin))
        for name, cycles in busy_cycles(scene, step, alone).items():
            busy[name] = busy.get(name, 0) + cycles
    return Execution(
        fidelity="event",
        cycles=max((span.end for span in timeline.spans), default=0),
        operators=tuple(runs),
        bounds=scene.bounds(plan),
        compulsory_dram_bytes=scene.total_compulsory.bytes,
        busy=tuple(sorted(busy.items())),
    )


@dataclass(frozen=True, slots=True)
class _Span:
    """When a step begins and ends."""

    begin: int
    end: int


@dataclass(slots=True)
class _Timeline:
    """The steps so far, in the order of the plan; ``walked`` are those that met others."""

    scene: Scene
    plan: Plan
    spans: list[_Span] = field(default_factory=list)
    walked: dict[int, TileRun] = field(default_factory=dict)

    def add(self, number: int, each: Waits) -> None:
        """Place step ``number``."""
        may_load = self._over(each.load)
        meets = [other for other in range(number) if self.spans[other].end > may_load]
        if not meets:
            alone = time_step(self.scene, self.plan.steps[number])
            self.spans.append(_Span(may_load, may_load + alone.cycles))
            return
        may_compute = max(may_load, self._over(each.compute), self._engines_free(number, meets))
        run = self._walk(number, meets, may_load, may_compute)
        self.spans.append(_Span(run.begin, run.end))

    def _over(self, steps: frozenset[int]) -> int:
        return max((self.spans[step].end for step in steps), default=0)

    def _engines_free(self, number: int, others: list[int]) -> int:
        """When the earlier steps on the same engines have computed everything."""
        mine = _components(self.plan.steps[number])
        sharing = (other for other in others if mine & _components(self.plan.steps[other]))
        return max((self._run(other).computed for other in sharing), default=0)

    def _run(self, number: int) -> TileRun:
        """The walk of a step; one that had met no other is walked alone now."""
        if number not in self.walked:
            begin = self.spans[number].begin
            self._walk(number, [], begin, begin)
        return self.walked[number]

    def _walk(self, number: int, meets: list[int], may_load: int, may_compute: int) -> TileRun:
        loads = [_since(may_load, self._run(other).loads) for other in meets]
        stores = [_since(may_load, self._run(other).stores) for other in meets]
        load_port = Port(merged(chain(*loads, *stores) if self._shared else chain(*loads)))
        store_port = load_port if self._shared else Port(merged(chain(*stores)))
        tiles = step_tiles(self.scene, self.plan.steps[number])
        self.walked[number] = run_tiles(tiles, load_port, store_port, may_load, may_compute)
        return self.walked[number]

    @property
    def _shared(self) -> bool:
        return memory_of(self.scene.arch.root).ports == "shared"


def _components(step: Step) -> set[str]:
    return {task.component for task in step.tasks}


def _since(time: int, intervals: tuple[Interval, ...]) -> list[Interval]:
    """The intervals that are not over at ``time``."""
    return [interval for interval in intervals if interval[1] > time]
