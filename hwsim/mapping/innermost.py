"""The tiles that reach the engine: those of the innermost level of a loop nest."""

from __future__ import annotations

from collections.abc import Iterator

from hwsim.mapping.matrix import clip, cutting, tile_classes, tile_problem
from hwsim.mapping.nest import Level
from hwsim.workload.contraction import Matmul


def innermost_tiles(problem: Matmul, levels: tuple[Level, ...]) -> Iterator[tuple[int, Matmul]]:
    """The tiles of a nest, each as a product of its own with how often it comes; equal ones may repeat."""
    outer, *inner = cutting(levels)
    for count, tile in tile_classes(problem, outer):
        if not inner:
            yield count, tile
            continue
        for times, innermost in innermost_tiles(tile, clip(tuple(inner), tile)):
            yield count * times, innermost


def largest_tile(problem: Matmul, levels: tuple[Level, ...]) -> Matmul:
    """The first tile of a nest: ragged ones come last."""
    for level in levels:
        problem = tile_problem(problem, level.tile)
    return problem
