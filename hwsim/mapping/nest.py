"""The loop nest of a matrix product over the memories of a machine, and the words it moves.

The nest has one level of tiles for each depth of memory below the root. At every level the batch loop is the
outermost, the order of the M, N and K loops is free. A tile is fetched again when an index that moves it
changed, and only then: a loop that does not move a tensor repeats its fetches only where a loop that does
move it, with more than one trip, stands inside (the classical reuse rule, e.g. Parashar et al., Timeloop,
ISPASS 2019, sec. V).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import prod

from hwsim.arch.memory import Role
from hwsim.mapping.cut import (
    AXES,
    Axis,
    Count,
    Cut,
    Tile,
    Tiling,
    all_input_elements,
    input_elements,
    tile_problem,
    tiling_of,
    whole,
)
from hwsim.workload.contraction import Matmul

RELEVANT: dict[Role, tuple[Axis, Axis]] = {"input": ("M", "K"), "weight": ("N", "K"), "output": ("M", "N")}
"""The axes that move each role's tile."""
IRRELEVANT: dict[Role, Axis] = {"input": "N", "weight": "M", "output": "K"}
"""The axis along which each role's tile is reused."""

_AXIS_PLACE: dict[Axis, int] = {axis: 1 + place for place, axis in enumerate(AXES)}

Order = tuple[Axis, Axis, Axis]
ORDERS: tuple[Order, ...] = (
    ("M", "N", "K"),
    ("M", "K", "N"),
    ("N", "M", "K"),
    ("N", "K", "M"),
    ("K", "M", "N"),
    ("K", "N", "M"),
)


@dataclass(frozen=True, slots=True)
class Level:
    """The loops at one depth: their ``order`` from the outside and the tile they step by."""

    order: Order
    batch: int
    M: int
    N: int
    K: int

    @property
    def tile(self) -> Tile:
        """The tile as (batch, M, N, K)."""
        return (self.batch, self.M, self.N, self.K)

    def tiling(self, problem: Matmul) -> Tiling:
        """How the level cuts the whole problem."""
        return tiling_of(problem, self.tile)


def tile_elements(problem: Matmul, role: Role, batch: Count, M: Count, N: Count, K: Count) -> Count:
    """Elements of one tile of ``role``."""
    match role:
        case "input":
            return batch * input_elements(problem, M, K)
        case "weight":
            return batch * N * K
        case "output":
            return batch * M * N


def fetched_elements(problem: Matmul, role: Role, tiling: Tiling) -> Count:
    """Elements of ``role`` fetched when every tile is fetched once; a convolution's halos count twice."""
    match role:
        case "input":
            return problem.batch * all_input_elements(problem, tiling.M, tiling.K)
        case "weight":
            return problem.batch * problem.N * problem.K
        case "output":
            return problem.batch * problem.M * problem.N


def revisits(role: Role, order: Order, tiling: Tiling) -> Count:
    """How often the whole of ``role`` passes: the trips of its irrelevant loop, where a relevant one is
    inside.
    """
    irrelevant = IRRELEVANT[role]
    inside = order[order.index(irrelevant) + 1 :]
    moving = [tiling.cut(axis).trips > 1 for axis in inside]
    if not moving:
        return 1
    any_moving = moving[0] | moving[1] if len(moving) == 2 else moving[0]
    return 1 + any_moving * (tiling.cut(irrelevant).trips - 1)


@dataclass(frozen=True, slots=True)
class Passage:
    """What of one role passes into a memory: elements when every tile comes ``once``, elements of all times
    that tiles ``entered``, and how many different ``tiles`` there are.
    """

    once: int
    entered: int
    tiles: int


@lru_cache(maxsize=4096)
def passage(problem: Matmul, role: Role, levels: tuple[Level, ...]) -> Passage:
    """What passes into the memory that the innermost of ``levels`` fills; a ragged tile is cut anew."""
    level, reused = levels[0], _AXIS_PLACE[IRRELEVANT[role]]
    cuts = [Cut(size, min(size, tile)) for size, tile in zip(whole(problem), level.tile, strict=True)]
    inside = level.order[level.order.index(IRRELEVANT[role]) + 1 :]
    moving = any(cuts[_AXIS_PLACE[axis]].trips > 1 for axis in inside)
    once = entered = tiles = 0
    for stays in product(*(cut.pieces for cut in (*cuts[:reused], *cuts[reused + 1 :]))):
        count, sides = prod(times for times, _ in stays), [size for _, size in stays]
        visits = [
            (times, _inside(problem, role, levels[1:], _tile(sides, reused, size)))
            for times, size in cuts[reused].pieces
        ]
        one = visits[0][1]
        comes_back = moving or one.tiles > 1
        once, tiles = once + count * one.once, tiles + count * one.tiles
        entered += count * (sum(times * each.entered for times, each in visits) if comes_back else one.once)
    return Passage(once, entered, tiles)


def _inside(problem: Matmul, role: Role, levels: tuple[Level, ...], tile: Tile) -> Passage:
    """What one tile of ``problem`` passes on to the levels inside; all of itself where there are none."""
    if levels:
        return passage(tile_problem(problem, tile), role, levels)
    elements = int(tile_elements(problem, role, *tile))
    return Passage(elements, elements, 1)


def _tile(sides: list[int], place: int, size: int) -> Tile:
    """The tile of the given sides with ``size`` at ``place``."""
    sides = [*sides[:place], size, *sides[place:]]
    return (sides[0], sides[1], sides[2], sides[3])


def describe(levels: tuple[Level, ...], problem: Matmul) -> str:
    """The nest in one line: the loops with more than one trip, outermost first, then the innermost tile."""
    parts = []
    outer = (problem.batch, problem.M, problem.N, problem.K)
    for level in levels:
        batch = -(-outer[0] // level.batch)
        loops = [f"batch:{batch}"] if batch > 1 else []
        for axis in level.order:
            trips = -(-outer[1 + AXES.index(axis)] // getattr(level, axis))
            loops += [f"{axis}:{trips}"] if trips > 1 else []
        parts.append(" ".join(loops) or "-")
        outer = level.tile
    inner = " ".join(f"{axis}={size}" for axis, size in zip(("batch", *AXES), outer, strict=True))
    return f"{' | '.join(parts)} | tile {inner}"
