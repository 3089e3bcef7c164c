"""Timing of one step of a plan."""

from __future__ import annotations

from dataclasses import dataclass

from hwsim.arch.machine import memory_of
from hwsim.arch.memory import ROLES
from hwsim.engines.pipeline import Buffers, latency
from hwsim.engines.tiles import Segment, Tiles, sums
from hwsim.mapping.matrix import array_cycles
from hwsim.mapping.nest import Level
from hwsim.mapping.plan import Step, Task, Transfer
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
    if task.problem is None:
        return _vector_tiles(scene, step)
    return _contraction_tiles(scene, _contraction(scene, step, task, task.problem))


def time_step(scene: Scene, step: Step) -> StepTime:
    """Cycles of a step that starts on an idle machine, and its stalls by cause."""
    task = step.tasks[0]
    if task.problem is None:
        return _time(_vector_tiles(scene, step))
    work = _contraction(scene, step, task, task.problem)
    if work not in scene.times:
        scene.times[work] = _time(_contraction_tiles(scene, work))
    return scene.times[work]


def _time(tiles: StepTiles) -> StepTime:
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
    if tiles.buffers.ports == "shared":
        outer = total.load_cycles + total.store_cycles + tiles.spill_cycles
    else:
        outer = max(total.load_cycles, total.store_cycles + tiles.spill_cycles)
    cycles = parts.cycles + tiles.spill_cycles
    return StepTime(cycles, tiles.compute, outer, tiles.on_chip, tiles.riders, stalls)


def spilled(scene: Scene, step: Step) -> list[Transfer]:
    """The transfers that write residents back which leave before the step: what it has not made itself."""
    return [move for move in step.transfers if _leaves(scene, step, move)]


def _leaves(scene: Scene, step: Step, move: Transfer) -> bool:
    return move.destination == scene.arch.root.name and move.tensor not in _made(scene, step)


def _made(scene: Scene, step: Step) -> set[str]:
    return {part.tensor for task in step.tasks for part in scene.operator(task).outputs}


def stream_bits(scene: Scene, step: Step) -> StreamBits:
    """Bits of one element of each role whose tiles cross the boundary of the outermost memory."""
    task, root = step.tasks[0], scene.arch.root.name
    roles = {
        move.role
        for move in step.transfers
        if move.operator == task.operator
        and move.tensor in task.streamed
        and root in (move.source, move.destination)
    }
    engine = scene.matrix[task.component]
    bits, partial = DATATYPE_BITS[engine.datatype], DATATYPE_BITS[engine.accumulator]
    width = {role: bits if role in roles else 0 for role in ROLES}
    return StreamBits(width["input"], width["weight"], width["output"], partial)


def _contraction(scene: Scene, step: Step, task: Task, problem: Matmul) -> _Contraction:
    return _Contraction(
        component=task.component,
        problem=problem,
        levels=task.levels,
        bits=stream_bits(scene, step),
        around=_surroundings(scene, step),
        buffers=_buffers(scene, step),
        spill_cycles=_spill(scene, step),
    )


def _contraction_tiles(scene: Scene, work: _Contraction) -> StepTiles:
    engine, around = scene.matrix[work.component], work.around
    sequence = contraction_tiles(work.problem, work.levels, engine, work.bits, around)
    compute = scaled(array_cycles(work.problem, work.levels, engine), around.scale)
    return StepTiles(sequence, work.buffers, compute, around.on_chip, around.riders, work.spill_cycles)


def _surroundings(scene: Scene, step: Step) -> Surroundings:
    """What else the step asks of the machine while its tiles run."""
    task, root = step.tasks[0], scene.arch.root.name
    moves = _own(scene, step)
    side = [move for move in moves if root in (move.source, move.destination) and not _of_tiles(task, move)]
    return Surroundings(
        on_chip=max(scene.on_chip_cycles(moves).values(), default=0),
        riders=sum(scene.vector_cycles(rider) for rider in step.tasks[1:]),
        side_bits=8 * sum(move.bytes for move in side),
        rate=scene.rate,
        scale=scene.ratio(scene.matrix[task.component].component),
    )


def _of_tiles(task: Task, move: Transfer) -> bool:
    return move.operator == task.operator and move.tensor in task.streamed


def _vector_tiles(scene: Scene, step: Step) -> StepTiles:
    """All chunks are alike."""
    task, root = step.tasks[0], scene.arch.root.name
    moves = _own(scene, step)
    load = _cycles(scene, [move for move in moves if move.source == root])
    store = _cycles(scene, [move for move in moves if move.destination == root])
    compute = scene.vector_cycles(task)
    on_chip = max(scene.on_chip_cycles(moves).values(), default=0)
    load, paced, store = (-(-part // task.chunks) for part in (load, max(compute, on_chip), store))
    sequence = (Segment(load, paced, store, task.chunks),)
    return StepTiles(sequence, _buffers(scene, step), compute, on_chip, 0, _spill(scene, step))


def _own(scene: Scene, step: Step) -> list[Transfer]:
    return [move for move in step.transfers if not _leaves(scene, step, move)]


def _spill(scene: Scene, step: Step) -> int:
    return _cycles(scene, spilled(scene, step))


def _cycles(scene: Scene, moves: list[Transfer]) -> int:
    return bits_cycles(8 * sum(move.bytes for move in moves), scene.rate)


def _buffers(scene: Scene, step: Step) -> Buffers:
    slots = 2 if scene.buffered_twice(step) else 1
    return Buffers(slots, slots, memory_of(scene.arch.root).ports)
