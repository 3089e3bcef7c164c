"""Timing of one step of a plan."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import ceil

from hwsim.arch.machine import memory_of
from hwsim.engines.pipeline import Buffers, latency
from hwsim.engines.tiles import Segment, Tiles, sums
from hwsim.mapping.nest import Level
from hwsim.mapping.plan import Step, Task, Transfer
from hwsim.mapping.tiles import array_cycles
from hwsim.simulation.contraction import Surroundings, contraction_tiles
from hwsim.simulation.execution import Stalls, StepTime
from hwsim.simulation.scene import Scene, bits_cycles, scaled
from hwsim.simulation.sequence import StreamBits
from hwsim.workload.contraction import Matmul
from hwsim.workload.tensor import DATATYPE_BITS


@dataclass(frozen=True, slots=True)
class StepTiles:
    """The tiles of a step and the buffers they pass through.

    ``compute`` are the engine's cycles with all data there, ``on_chip`` those of the busiest memory on the
    chip, ``riders`` those of the vector unit for fused operators, ``spill_cycles`` go to residents written
    back first.
    """

    sequence: tuple[Tiles, ...]
    buffers: Buffers
    compute: int
    on_chip: int
    riders: int
    spill_cycles: int


@dataclass(frozen=True, slots=True)
class _Contraction:
    """All that the tiles of a contraction step follow from; equal ones have equal tiles (layers repeat)."""

    component: str
    problem: Matmul
    levels: tuple[Level, ...]
    bits: StreamBits
    around: Surroundings
    buffers: Buffers
    spill_cycles: int


def step_tiles(scene: Scene, step: Step) -> StepTiles:
    """A step as a sequence of tiles."""
    task = step.tasks[0]
    if step.attention is not None:
        return _attention_tiles(scene, step)
    if task.problem is None:
        return _vector_tiles(scene, step)
    return _contraction_tiles(scene, _contraction(scene, step, task, task.problem))


def time_step(scene: Scene, step: Step) -> StepTime:
    """Cycles of a step that starts on an idle machine, and its stalls by cause."""
    task = step.tasks[0]
    if step.attention is not None or task.problem is None:
        return _time(step_tiles(scene, step))
    work = _contraction(scene, step, task, task.problem)
    time = scene.times.get(work)
    if time is None:
        time = scene.times[work] = _time(_contraction_tiles(scene, work))
    return time


@lru_cache(maxsize=4096)
def _time(tiles: StepTiles) -> StepTime:
    """The pipeline's answer; layers repeat, and so do steps in other plans."""
    parts, total = latency(tiles.sequence, tiles.buffers), sums(tiles.sequence)
    slower = parts.compute_cycles - tiles.compute
    follows = tiles.riders > tiles.on_chip
    stalls = Stalls(
        fill=parts.fill_cycles,
        bandwidth=parts.bandwidth_cycles,
        on_chip=0 if follows else slower,
        epilogue=slower if follows else 0,
        drain=parts.store_cycles,
        capacity=parts.capacity_cycles,
        spill=tiles.spill_cycles,
    )
    stored = total.store_cycles + tiles.spill_cycles
    shared = tiles.buffers.ports == "shared"
    outer = total.load_cycles + stored if shared else max(total.load_cycles, stored)
    cycles = parts.cycles + tiles.spill_cycles
    return StepTime(cycles, tiles.compute, outer, tiles.on_chip, tiles.riders, stalls)


def _contraction(scene: Scene, step: Step, task: Task, problem: Matmul) -> _Contraction:
    return _Contraction(
        component=task.component,
        problem=problem,
        levels=task.levels,
        bits=stream_bits(scene, step),
        around=_surroundings(scene, step),
        buffers=_buffers(scene, task),
        spill_cycles=_spill(scene, step),
    )


def stream_bits(scene: Scene, step: Step) -> StreamBits:
    """Bits of one element of each role whose tiles cross the boundary of the outermost memory."""
    task = step.tasks[0]
    return StreamBits(
        input=scene.bits(step, "input") if "input" in task.streamed else 0,
        weight=scene.bits(step, "weight") if "weight" in task.streamed else 0,
        output=scene.bits(step, "output") if "output" in task.streamed else 0,
        partial=DATATYPE_BITS[scene.matrix[task.component].accumulator],
    )


def _contraction_tiles(scene: Scene, work: _Contraction) -> StepTiles:
    engine, around = scene.matrix[work.component], work.around
    sequence = contraction_tiles(work.problem, work.levels, engine, work.bits, around)
    compute = scaled(array_cycles(work.problem, work.levels, engine), around.scale)
    return StepTiles(sequence, work.buffers, compute, around.on_chip, around.riders, work.spill_cycles)


def _surroundings(scene: Scene, step: Step) -> Surroundings:
    """What else the step asks of the machine while its tiles run."""
    task, moves = step.tasks[0], _own(step)
    beside = [move for move in moves if move.operator != task.operator or move.role not in task.streamed]
    return Surroundings(
        on_chip=max(scene.on_chip_cycles(moves).values(), default=0),
        riders=sum(scene.vector_cycles(rider) for rider in step.tasks[1:]),
        load_bits=8 * sum(move.bytes for move in beside if move.source == scene.root),
        store_bits=8 * sum(move.bytes for move in beside if move.destination == scene.root),
        rate=scene.rate,
        scale=scene.ratio(scene.matrix[task.component].component),
    )


def _vector_tiles(scene: Scene, step: Step) -> StepTiles:
    """Chunks of equal size, as far as whole cycles can be equal."""
    task, moves = step.tasks[0], _own(step)
    load = _cycles(scene, [move for move in moves if move.source == scene.root])
    store = _cycles(scene, [move for move in moves if move.destination == scene.root])
    compute = scene.vector_cycles(task)
    on_chip = max(scene.on_chip_cycles(moves).values(), default=0)
    sequence = chunked(load, max(compute, on_chip), store, task.chunks)
    return StepTiles(sequence, _buffers(scene, task), compute, on_chip, 0, _spill(scene, step))


def _attention_tiles(scene: Scene, step: Step) -> StepTiles:
    """Tiles of scores of equal size: data comes while both arrays work on what came before."""
    task, moves, work = step.tasks[0], _own(step), scene.fused(step).work
    load = _cycles(scene, [move for move in moves if move.source == scene.root])
    store = _cycles(scene, [move for move in moves if move.destination == scene.root])
    grid, lanes = ceil(work.grid_cycles), ceil(work.lane_cycles)
    on_chip = max(scene.on_chip_cycles(moves).values(), default=0)
    sequence = chunked(load, max(ceil(work.cycles), grid, lanes, on_chip), store, task.chunks)
    return StepTiles(sequence, _buffers(scene, task), grid, on_chip, lanes, _spill(scene, step))


def chunked(load: int, compute: int, store: int, chunks: int) -> tuple[Segment, ...]:
    """The cycles dealt out to the chunks; of what does not divide, the first ones load and compute, the last
    store.
    """
    cuts = sorted({chunks, load % chunks, compute % chunks, chunks - store % chunks} - {0})
    found, done = [], 0
    for cut in cuts:
        found.append(
            Segment(
                load // chunks + (done < load % chunks),
                compute // chunks + (done < compute % chunks),
                store // chunks + (done >= chunks - store % chunks),
                repeat=cut - done,
            )
        )
        done = cut
    return tuple(found)


def _own(step: Step) -> list[Transfer]:
    return [move for move in step.transfers if move.role != "spill"]


def _spill(scene: Scene, step: Step) -> int:
    """Cycles to write residents back: those of the outermost memory, or of the one they leave."""
    moves = [move for move in step.transfers if move.role == "spill"]
    return max(_cycles(scene, moves), *scene.on_chip_cycles(moves).values(), 0)


def _cycles(scene: Scene, moves: Iterable[Transfer]) -> int:
    return bits_cycles(8 * sum(move.bytes for move in moves), scene.rate)


def _buffers(scene: Scene, task: Task) -> Buffers:
    return Buffers(task.buffers, task.buffers, memory_of(scene.arch.root).ports)
