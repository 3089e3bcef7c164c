"""The loop nest of a fused attention as text, and what happens when inside one tile of scores."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hwsim.mapping.fused.choice import FusedAttention
from hwsim.mapping.fused.machine import TwoArrayMachine
from hwsim.mapping.fused.shape import AttentionShape
from hwsim.mapping.fused.work import AttentionWork

_INDENT = "  "


@dataclass(frozen=True, slots=True)
class Span:
    """An Einsum at work on one tile of scores, in cycles from the tile's beginning, of ``stage`` (from 0)."""

    einsum: str
    component: str
    stage: int
    start: float
    cycles: float


def loop_nest(
    machine: TwoArrayMachine, choice: FusedAttention, shape: AttentionShape, work: AttentionWork
) -> Iterator[str]:
    """Line by line: loops from the outside, what stays where, and which Einsums run side by side."""
    depth = 0
    for loop in _loops(machine, choice, shape):
        yield f"{_INDENT * depth}{loop}"
        depth += 1
        if depth == min(2, 1 + (choice.rows < shape.queries)):
            yield f"{_INDENT * depth}{_kept(machine, choice)}"
    for phase in work.configuration.phases:
        for stage in phase:
            sides = _sides(machine, work, stage)
            yield f"{_INDENT * depth}{' | '.join(f'{part}: {names}' for part, names in sides if names)}"


def tile_timeline(machine: TwoArrayMachine, shape: AttentionShape, work: AttentionWork) -> tuple[Span, ...]:
    """One tile of scores in the steady state, its mean over all tiles; stages one after another."""
    padded = shape.padded(machine.rows, machine.columns)
    tiles = shape.instances * int(padded["M1"]) * int(padded["P"] // machine.columns)
    found: list[Span] = []
    now, stages = 0.0, [stage for phase in work.configuration.phases for stage in phase]
    for number, stage in enumerate(stages):
        ends = {machine.grid.component: now, machine.lanes.component: now}
        for name in stage:
            part = machine.grid if name in work.configuration.grid else machine.lanes
            cycles = work.einsum_cycles[name] / tiles
            found.append(Span(name, part.component, number, ends[part.component], cycles))
            ends[part.component] += cycles
        now = max(ends.values())
    return tuple(found)


def _loops(machine: TwoArrayMachine, choice: FusedAttention, shape: AttentionShape) -> Iterator[str]:
    if shape.instances > 1:
        yield f"for attention in 0..{shape.instances}"
    if choice.rows < shape.queries:
        yield f"for band of queries in 0..{shape.queries} by {choice.rows}"
    yield f"for keys m1 in 0..{shape.keys} by {machine.rows}"
    yield f"for queries p1 of the band in 0..{min(choice.rows, shape.queries)} by {machine.columns}"


def _kept(machine: TwoArrayMachine, choice: FusedAttention) -> str:
    kept = _kept_in_buffer(machine, choice)
    if machine.meets:
        return kept
    arrays = f"{machine.grid.component} and {machine.lanes.component}"
    return f"{kept}; what {arrays} hand over passes {machine.dram}"


def _kept_in_buffer(machine: TwoArrayMachine, choice: FusedAttention) -> str:
    if choice.configuration != "flat" and not machine.meets:
        return f"# {machine.buffer} keeps the band's queries; keys and values stream"
    if choice.configuration != "flat":
        return (
            f"# {machine.buffer} keeps the band's queries, results and running state; keys and values stream"
        )
    kept = [*choice.resident, *(["scores"] if choice.scores_resident else [])]
    named = ", ".join(kept) or "single tiles"
    in_buffer = f"# {machine.buffer} keeps of the band: {named}"
    return in_buffer if machine.tiled else f"{in_buffer}; the grid keeps {_still(choice)}"


def _still(choice: FusedAttention) -> str:
    return "sums" if choice.stationarity == "output" else "keys and values"


def _sides(
    machine: TwoArrayMachine, work: AttentionWork, stage: tuple[str, ...]
) -> tuple[tuple[str, str], tuple[str, str]]:
    on_grid = [name for name in stage if name in work.configuration.grid]
    on_lanes = [name for name in stage if name not in work.configuration.grid]
    return (machine.grid.component, ", ".join(on_grid)), (machine.lanes.component, ", ".join(on_lanes))
