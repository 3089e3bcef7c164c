"""Operators of an iteration with their times, taken from the stages they are in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hwsim.simulation.execution import ActionCount, OperatorRun, Stalls
from hwsim.simulation.serving.actions import Accountant
from hwsim.simulation.serving.iteration import Iteration, Timer
from hwsim.simulation.serving.neural import NeuralDevice
from hwsim.simulation.serving.pieces import Attention, Piece, Pieces
from hwsim.simulation.serving.stages import Stage, StageTime
from hwsim.simulation.serving.system import Load, System
from hwsim.workload.operator import Operator

FP16_BYTES = 2
"""Bytes of an operand of the units in the banks."""


@dataclass(frozen=True, slots=True)
class Span:
    """When a segment or an attention layer is first under way, and for how long in all its stages."""

    start: float
    seconds: float


def places_in(system: System, pieces: Pieces) -> Mapping[str, str]:
    """The component that each operator runs on."""
    device = system.device
    found: dict[str, str] = {}
    for piece in (piece for segment in pieces.segments for piece in segment):
        found[piece.operator.name] = _engine(system, piece.operator)
    in_banks = isinstance(device, NeuralDevice) and device.memory.pim
    for each in pieces.attentions:
        for op in each.operators:
            inside = in_banks and each.shape.tokens == 1 and op.is_contraction
            found[op.name] = system.memory.name if inside else _engine(system, op)
    return found


def operator_runs(
    timer: Timer, pieces: Pieces, iteration: Iteration, accountant: Accountant
) -> tuple[OperatorRun, ...]:
    """Every operator, segment by segment."""
    spans = _spans(iteration)
    places = places_in(timer.system, pieces)
    runs: list[OperatorRun] = []
    for number, segment in enumerate(pieces.segments):
        runs += _segment(timer, segment, spans["segment", number], accountant, len(runs), places)
        if number < len(pieces.attentions):
            attention = pieces.attentions[number]
            runs += _attention(timer, attention, spans["layer", number], accountant, len(runs), places)
    return tuple(runs)


def _engine(system: System, op: Operator) -> str:
    device = system.device
    if isinstance(device, NeuralDevice) and not op.is_contraction:
        return device.npu.vector
    return device.engine


def _spans(iteration: Iteration) -> dict[tuple[str, int], Span]:
    found: dict[tuple[str, int], Span] = {}
    now = 0.0
    for stage, time in zip(iteration.stages, iteration.times, strict=True):
        for key, seconds in _sides(stage, time):
            before = found.get(key, Span(now, 0.0))
            found[key] = Span(before.start, before.seconds + seconds)
        now += time.seconds
    return found


def _sides(stage: Stage, time: StageTime) -> Iterator[tuple[tuple[str, int], float]]:
    if stage.segment >= 0:
        yield ("segment", stage.segment), time.npu
    if stage.layer >= 0:
        yield ("layer", stage.layer), time.pim or time.npu


def _segment(
    timer: Timer,
    segment: tuple[Piece, ...],
    span: Span,
    accountant: Accountant,
    step: int,
    places: Mapping[str, str],
) -> Iterator[OperatorRun]:
    """The pieces one after another, each with its share of the segment's time."""
    loads = [timer.system.piece(piece.shape) for piece in segment]
    whole = sum(load.alone for load in loads)
    factor = span.seconds / whole if whole else 0.0
    now = span.start
    for number, (piece, load) in enumerate(zip(segment, loads, strict=True)):
        seconds = load.alone * factor
        actions = accountant.of_piece(piece)
        yield _run(accountant, piece.operator, places, step + number, now, seconds, load, actions)
        now += seconds


def _attention(
    timer: Timer,
    attention: Attention,
    span: Span,
    accountant: Accountant,
    step: int,
    places: Mapping[str, str],
) -> Iterator[OperatorRun]:
    """The first operator has the time of all."""
    del timer
    for number, (op, actions) in enumerate(
        zip(attention.operators, accountant.of_attention(attention), strict=True)
    ):
        seconds = span.seconds if number == 0 else 0.0
        load = Load(seconds, 0.0, 0.0, seconds)
        yield _run(accountant, op, places, step + number, span.start, seconds, load, actions)


def _run(
    accountant: Accountant,
    op: Operator,
    places: Mapping[str, str],
    step: int,
    start: float,
    seconds: float,
    load: Load,
    actions: tuple[ActionCount, ...],
) -> OperatorRun:
    system = accountant.system
    clock, moved, device = system.arch.clock, accountant.moved(op), system.device
    macs = 0 if accountant.in_memory(op) else op.macs
    least = max(macs / device.peak_macs, accountant.least_bytes(op) / device.peak_bandwidth) / system.devices
    cycles, compute = seconds * clock, min(load.compute, seconds) * clock
    component = places[op.name]
    return OperatorRun(
        name=op.name,
        kind=op.kind,
        component=component,
        step=step,
        start=start * clock,
        cycles=cycles,
        compute_cycles=compute,
        stalls=Stalls(bandwidth=cycles - compute),
        bound_by=_bound_by(system, load, seconds, component),
        lower_bound_cycles=min(least * clock, cycles) if seconds else 0.0,
        macs=op.macs,
        peak_macs=_peak(system, component) if op.macs else 0,
        dram_bytes=moved.bytes,
        traffic=((system.memory.name, moved.bytes),) if moved.bytes else (),
        actions=actions,
        mapping=None,
    )


def _bound_by(system: System, load: Load, seconds: float, component: str) -> str:
    if not seconds:
        return "part of the attention before"
    if component == system.memory.name:
        return "banks"
    if load.exchange > max(load.compute, load.memory):
        return system.root.name
    return "compute" if load.compute >= load.memory else system.memory.name


def _peak(system: System, component: str) -> int:
    """Multiply-accumulates of one cycle of a component's clock, all devices together."""
    device, clock = system.device, system.arch.find(component).clock
    if component == system.memory.name and isinstance(device, NeuralDevice):
        return round(system.devices * device.inner_bandwidth / FP16_BYTES / clock)
    return round(system.devices * device.peak_macs / clock)
