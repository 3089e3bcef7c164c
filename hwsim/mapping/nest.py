"""The loop nest of a matrix product over the memories of a machine, and the words it moves.

The nest has one level of tiles for each depth of memory below the root. At every level the batch loop is the
outermost, the order of the M, N and K loops is free. A tile is fetched again when an index that moves it
changed, and only then: a loop that does not move a tensor repeats its fetches only where a loop that does
move it, with more than one trip, stands inside (the classical reuse rule, e.g. Parashar et al., Timeloop,
ISPASS 2019, sec. V).
"""

from __future__ import annotations

from dataclasses import dataclass

from hwsim.arch.memory import Role
from hwsim.mapping.cut import AXES, Axis, Count, Tiling, all_input_elements, input_elements, tiling_of
from hwsim.workload.contraction import Matmul

RELEVANT: dict[Role, tuple[Axis, Axis]] = {"input": ("M", "K"), "weight": ("N", "K"), "output": ("M", "N")}
"""The axes that move each role's tile."""
IRRELEVANT: dict[Role, Axis] = {"input": "N", "weight": "M", "output": "K"}
"""The axis along which each role's tile is reused."""

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
    def tile(self) -> tuple[int, int, int, int]:
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


def nested_revisits(role: Role, levels: tuple[Level, ...], problem: Matmul) -> int:
    """:func:`revisits` of the tiles of the innermost of ``levels``, with all levels' loops around them."""
    irrelevant = IRRELEVANT[role]
    loops = [(axis, depth) for depth, level in enumerate(levels) for axis in level.order]
    trips = {loop: _trips(loop, levels, problem) for loop in loops}
    repeated = -1
    for number, loop in enumerate(loops):
        inside = loops[number + 1 :]
        if loop[0] == irrelevant and any(trips[other] > 1 for other in inside if other[0] != irrelevant):
            repeated = loop[1]
    return _total_trips(irrelevant, repeated, levels, problem)


def _trips(loop: tuple[Axis, int], levels: tuple[Level, ...], problem: Matmul) -> int:
    axis, depth = loop
    outer: int = _extent(problem, axis) if depth == 0 else getattr(levels[depth - 1], axis)
    inner: int = getattr(levels[depth], axis)
    return -(-min(outer, _extent(problem, axis)) // inner)


def _total_trips(axis: Axis, depth: int, levels: tuple[Level, ...], problem: Matmul) -> int:
    """Tiles of the level at ``depth`` along the whole ``axis``, each outer tile cut on its own."""
    sizes = {_extent(problem, axis): 1}
    total = 1
    for level in levels[: depth + 1]:
        sizes = _cut_all(sizes, getattr(level, axis))
        total = sum(sizes.values())
    return total


def _cut_all(sizes: dict[int, int], tile: int) -> dict[int, int]:
    pieces: dict[int, int] = {}
    for size, count in sizes.items():
        full, rest = divmod(size, tile)
        if full:
            pieces[tile] = pieces.get(tile, 0) + full * count
        if rest:
            pieces[rest] = pieces.get(rest, 0) + count
    return pieces


def _extent(problem: Matmul, axis: Axis) -> int:
    return {"M": problem.M, "N": problem.N, "K": problem.K}[axis]


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
