"""A contraction as a sequence of tiles, each with the cycles to load, compute and store it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import prod

from hwsim.engines.tiles import Segment, Tiles
from hwsim.mapping.cut import Tile, tile_problem
from hwsim.mapping.nest import Level
from hwsim.mapping.protocol import MatrixEngine
from hwsim.mapping.tiles import array_cycles, clip, cutting
from hwsim.simulation.scene import bits_cycles, scaled
from hwsim.simulation.sequence import StreamBits, Visit, tile_sequence
from hwsim.workload.contraction import Matmul


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a step asks of the machine besides its tiles; cycles of the machine's clock.

    ``on_chip``: of the busiest memory on the chip; ``riders``: of the vector unit for fused operators;
    ``load_bits`` and ``store_bits``: over the outermost boundary for biases, the riders' other operands and
    what the engine exchanges with the outermost memory directly; ``rate``: bits a cycle of the outermost
    memory, None without a limit; ``scale``: machine cycles per engine cycle.
    """

    on_chip: int
    riders: int
    load_bits: int
    store_bits: int
    rate: float | None
    scale: Fraction


def contraction_tiles(
    problem: Matmul, levels: tuple[Level, ...], engine: MatrixEngine, bits: StreamBits, around: Surroundings
) -> tuple[Tiles, ...]:
    """The tiles of a contraction, each with the cycles to load, compute (fed and followed) and store it.

    What the surroundings ask is spread over the tiles by their share of the work.
    """
    known: dict[tuple[Tile, bool], int] = {}
    paced, points = max(around.on_chip, around.riders), problem.points

    def cost(visit: Visit) -> Segment:
        key = (visit.tile, visit.opening)
        if key not in known:
            known[key] = scaled(_tile_cycles(problem, levels, engine, visit), around.scale)
        share = prod(visit.tile)
        return Segment(
            bits_cycles(visit.load_bits - (-around.load_bits * share // points), around.rate),
            max(known[key], -(-paced * share // points)),
            bits_cycles(visit.store_bits - (-around.store_bits * share // points), around.rate),
        )

    return tile_sequence(problem, levels[0], bits, cost)


def _tile_cycles(problem: Matmul, levels: tuple[Level, ...], engine: MatrixEngine, visit: Visit) -> int:
    levels = cutting(levels)
    if len(levels) == 1:
        return engine.tile_cycles(problem, visit.tile, levels[0].order[2], visit.opening)
    tile = tile_problem(problem, visit.tile)
    return array_cycles(tile, clip(levels[1:], tile), engine)
