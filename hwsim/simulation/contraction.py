"""A contraction as a sequence of tiles, each with the cycles to load, compute and store it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from hwsim.engines.tiles import Segment, Tiles
from hwsim.mapping.matrix import array_cycles, clip, cutting, tile_problem
from hwsim.mapping.nest import Level
from hwsim.mapping.protocol import MatrixEngine
from hwsim.simulation.scene import bits_cycles, scaled
from hwsim.simulation.sequence import StreamBits, Visit, tile_sequence
from hwsim.workload.contraction import Matmul


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a step asks of the machine besides its tiles; cycles of the machine's clock.

    ``on_chip``: of the busiest memory on the chip; ``riders``: of the vector unit for fused operators;
    ``side_bits``: over the outermost boundary for biases and the riders' other operands; ``spill``: to write
    residents back before the step; ``rate``: bits a cycle of the outermost memory, None without a limit;
    ``scale``: machine cycles per engine cycle.
    """

    on_chip: int
    riders: int
    side_bits: int
    rate: float | None
    scale: Fraction


def contraction_tiles(
    problem: Matmul, levels: tuple[Level, ...], engine: MatrixEngine, bits: StreamBits, around: Surroundings
) -> tuple[Tiles, ...]:
    """The tiles of a contraction, each with the cycles to load, compute (fed and followed) and store it."""
    known: dict[tuple[tuple[int, int, int, int], bool], int] = {}

    def cost(visit: Visit) -> Segment:
        key = (visit.tile, visit.opening)
        if key not in known:
            known[key] = scaled(_tile_cycles(problem, levels, engine, visit), around.scale)
        points = visit.tile[0] * visit.tile[1] * visit.tile[2] * visit.tile[3]
        paced = -(-max(around.on_chip, around.riders) * points // problem.points)
        outputs = visit.tile[0] * visit.tile[1] * visit.tile[2] if visit.finishes else 0
        side = -(-around.side_bits * outputs // (problem.batch * problem.M * problem.N))
        return Segment(
            bits_cycles(visit.load_bits + side, around.rate),
            max(known[key], paced),
            bits_cycles(visit.store_bits, around.rate),
        )

    return tile_sequence(problem, levels[0], bits, cost)


def _tile_cycles(problem: Matmul, levels: tuple[Level, ...], engine: MatrixEngine, visit: Visit) -> int:
    levels = cutting(levels)
    if len(levels) == 1:
        return engine.tile_cycles(problem, visit.tile, levels[0].order[2], visit.opening)
    tile = tile_problem(problem, visit.tile)
    return array_cycles(tile, clip(levels[1:], tile), engine)
