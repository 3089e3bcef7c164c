"""What one kind of step does on machines that cut it alike: everything but its time."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hwsim.engines.tiles import sums
from hwsim.explore.fixed.program import ChunkProgram, TileProgram, tile_program
from hwsim.mapping.plan import Step
from hwsim.simulation.account import operator_runs
from hwsim.simulation.execution import Stalls, StepTime
from hwsim.simulation.scene import Scene
from hwsim.simulation.step import step_tiles

_NO_TIME = StepTime(0, 0, 0, 0, 0, Stalls())
UNIT_RATE = 1.0
"""A bit a cycle: at this rate cycles are bits."""


@dataclass(frozen=True, slots=True)
class Facts:
    """``compute`` and ``on_chip`` are cycles of the engine and of the busiest memory on the chip, ``actions``
    (component, action, how often) in the order of the run, ``work`` the fewest cycles of the component.
    """

    program: TileProgram | ChunkProgram
    compute: int
    on_chip: int
    component: str
    actions: tuple[tuple[str, str, int], ...]
    dram_bytes: int
    macs: int
    work: int


def facts_of(scene: Scene, step: Step) -> Facts:
    """The facts of a step of one operator that neither finds nor leaves anything on the chip."""
    task = step.tasks[0]
    (run,) = operator_runs(scene, 0, 0, step, _NO_TIME)
    program, compute, on_chip = _program(scene, step)
    return Facts(
        program=program,
        compute=compute,
        on_chip=on_chip,
        component=task.component,
        actions=tuple((each.component, each.action, each.count) for each in run.actions),
        dram_bytes=run.dram_bytes,
        macs=run.macs,
        work=scene.compute_bound(task),
    )


def _program(scene: Scene, step: Step) -> tuple[TileProgram | ChunkProgram, int, int]:
    """The program, the cycles of the engine, and those of the busiest memory on the chip."""
    task = step.tasks[0]
    tiles = step_tiles(replace(scene, rate=UNIT_RATE), step)
    if task.problem is not None:
        return tile_program(tiles.sequence, tiles.buffers), tiles.compute, tiles.on_chip
    total = sums(tiles.sequence)
    program = ChunkProgram(
        tiles.buffers, total.load_cycles, total.store_cycles, total.compute_cycles, task.chunks
    )
    return program, tiles.compute, tiles.on_chip
