"""The tiles of a loop nest by class: each as a product of its own, and what an engine does for all."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import prod

from hwsim.arch.memory import ROLES, Role
from hwsim.mapping.cut import AXES, tile_problem, whole
from hwsim.mapping.nest import Level
from hwsim.mapping.protocol import EdgeWords, MatrixEngine
from hwsim.workload.contraction import Matmul


def tile_classes(problem: Matmul, level: Level) -> Iterator[tuple[int, Matmul]]:
    """The different tiles a level makes of a problem, each with how often it comes; the first ones come
    first.
    """
    tiling = level.tiling(problem)
    for pieces in product(*(cut.pieces for cut in (tiling.batch, tiling.M, tiling.N, tiling.K))):
        (_, batch), (_, M), (_, N), (_, K) = pieces
        yield prod(count for count, _ in pieces), tile_problem(problem, (batch, M, N, K))


def cutting(levels: tuple[Level, ...]) -> tuple[Level, ...]:
    """The levels as the engine sees them: an inner level that cuts no further leaves the outer one's order
    alone.
    """
    while len(levels) > 1 and levels[-1].tile == levels[-2].tile:
        levels = levels[:-1]
    return levels


def clip(levels: tuple[Level, ...], problem: Matmul) -> tuple[Level, ...]:
    """``levels`` with no tile larger than the (ragged) ``problem`` they are applied to."""
    return tuple(
        Level(
            level.order,
            min(level.batch, problem.batch),
            min(level.M, problem.M),
            min(level.N, problem.N),
            min(level.K, problem.K),
        )
        for level in levels
    )


def innermost_tiles(
    problem: Matmul, levels: tuple[Level, ...], engine: MatrixEngine
) -> Iterator[tuple[int, Matmul]]:
    """What the engine does without a break, each with how often it comes; equal ones may repeat.

    That is a tile, or a run of tiles along time of which each goes on where the one before ended.
    """
    along = engine.temporal_axis
    for count, each, level in _innermost(problem, cutting(levels)):
        for times, tile in tile_classes(each, level):
            if level.order[2] != along or not _goes_on(engine, each, tile):
                yield count * times, tile
        ends = zip(AXES, level.tile[1:], whole(each)[1:], strict=True)
        run = Level(level.order, level.batch, *(size if axis == along else tile for axis, tile, size in ends))
        for times, tile in tile_classes(each, run) if level.order[2] == along else ():
            if _goes_on(engine, each, tile):
                yield count * times, tile


def _goes_on(engine: MatrixEngine, problem: Matmul, tile: Matmul) -> bool:
    """Whether the engine takes less time for a tile along time that continues the one before."""
    new, continued = (
        engine.tile_cycles(problem, whole(tile), engine.temporal_axis, opening) for opening in (True, False)
    )
    return continued < new


def largest_tile(problem: Matmul, levels: tuple[Level, ...]) -> Matmul:
    """The first tile of a nest: ragged ones come last."""
    for level in levels:
        problem = tile_problem(problem, level.tile)
    return problem


def array_cycles(problem: Matmul, levels: tuple[Level, ...], engine: MatrixEngine) -> int:
    """Engine cycles of the whole nest with operands always there."""
    return sum(
        count * int(engine.cycles(each, level.tiling(each), level.order[2]))
        for count, each, level in _innermost(problem, cutting(levels))
    )


def edge_words(problem: Matmul, levels: tuple[Level, ...], engine: MatrixEngine) -> dict[Role, EdgeWords]:
    """Words over the engine's edge for the whole nest."""
    total = dict.fromkeys(ROLES, EdgeWords(0, 0))
    for count, each, level in _innermost(problem, cutting(levels)):
        for role, words in engine.edge_words(each, level.tiling(each), level.order[2]).items():
            before = total[role]
            total[role] = EdgeWords(before.reads + count * words.reads, before.writes + count * words.writes)
    return total


def _innermost(problem: Matmul, levels: tuple[Level, ...]) -> Iterator[tuple[int, Matmul, Level]]:
    """The different products that the innermost level cuts, each with how often it comes."""
    outer, *inner = levels
    if not inner:
        yield 1, problem, outer
        return
    for count, tile in tile_classes(problem, outer):
        for times, each, level in _innermost(tile, cutting(clip(tuple(inner), tile))):
            yield count * times, each, level
