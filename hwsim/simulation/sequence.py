"""From a loop nest to the sequence of tiles that the pipeline model times.

The outermost level's loops are walked symbolically: only the first, the middle and the last trip of each loop
differ, so the sequence is a few nested loops however many tiles there are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hwsim.arch.memory import ROLES, Role
from hwsim.engines.tiles import Loop, Segment, Tiles
from hwsim.mapping.cut import Cut, Tile
from hwsim.mapping.nest import RELEVANT, Level, revisits, tile_elements
from hwsim.workload.contraction import Matmul

AXIS_ORDER = ("batch", "M", "N", "K")
INPUT_AXES, WEIGHT_AXES, OUTPUT_AXES = (frozenset({"batch", *RELEVANT[role]}) for role in ROLES)


@dataclass(frozen=True, slots=True)
class Visit:
    """One tile as the walk meets it.

    ``opening`` is False where only the innermost loop stepped, ``load_bits`` and ``store_bits`` cross the
    boundary of the outermost memory.
    """

    tile: Tile
    opening: bool
    load_bits: int
    store_bits: int


@dataclass(frozen=True, slots=True)
class StreamBits:
    """Bits of one element of each role that streams (0: it does not), and of a partial sum."""

    input: int
    weight: int
    output: int
    partial: int


@dataclass(frozen=True, slots=True)
class _Walk:
    """``moving``: for each loop the axes that move when it steps, those that start anew included."""

    problem: Matmul
    level: Level
    bits: StreamBits
    cost: Callable[[Visit], Segment]
    cuts: tuple[tuple[str, Cut], ...]
    moving: tuple[frozenset[str], ...]
    revisited: bool
    sizes: dict[tuple[Role, Tile], int]

    def elements(self, role: Role, tile: Tile) -> int:
        """Elements of one tile of ``role``; few different tiles are visited often."""
        key = (role, tile)
        if key not in self.sizes:
            self.sizes[key] = tile_elements(self.problem, role, *tile)
        return self.sizes[key]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the walk is: tile sizes, axes that moved on entering and will move on leaving, ends of K."""

    sizes: dict[str, int]
    entered: frozenset[str]
    leaving: frozenset[str]
    first_k: bool = True
    last_k: bool = True


def tile_sequence(
    problem: Matmul, level: Level, bits: StreamBits, cost: Callable[[Visit], Segment]
) -> tuple[Tiles, ...]:
    """The tiles of ``level`` in order; ``cost`` turns a visit into cycles."""
    tiling = level.tiling(problem)
    cuts = (("batch", tiling.batch), *((axis, tiling.cut(axis)) for axis in level.order))
    revisited = revisits("output", level.order, tiling) > 1
    moving = tuple(
        frozenset({axis, *(name for name, cut in cuts[depth:] if cut.trips > 1)})
        for depth, (axis, _) in enumerate(cuts, start=1)
    )
    walk = _Walk(problem, level, bits, cost, cuts, moving, revisited, {})
    everything = frozenset(AXIS_ORDER)
    return _nodes(walk, 0, _Place({}, everything, everything))


def _nodes(walk: _Walk, depth: int, place: _Place) -> tuple[Tiles, ...]:
    if depth == len(walk.cuts):
        return (walk.cost(_visit(walk, place)),)
    (axis, cut), step = walk.cuts[depth], walk.moving[depth]
    last = cut.trips - 1
    if last == 0:
        return _nodes(walk, depth + 1, _at(place, axis, cut.last, True, True, place.entered, place.leaving))
    found = list(_nodes(walk, depth + 1, _at(place, axis, cut.tile, True, False, place.entered, step)))
    if last > 1:
        middle = _nodes(walk, depth + 1, _at(place, axis, cut.tile, False, False, step, step))
        found.append(_repeat(middle, last - 1))
    found += _nodes(walk, depth + 1, _at(place, axis, cut.last, False, True, step, place.leaving))
    return tuple(found)


def _at(
    place: _Place,
    axis: str,
    size: int,
    first: bool,
    last: bool,
    entered: frozenset[str],
    leaving: frozenset[str],
) -> _Place:
    along_k = axis == "K"
    return _Place(
        {**place.sizes, axis: size},
        entered,
        leaving,
        first if along_k else place.first_k,
        last if along_k else place.last_k,
    )


def _repeat(body: tuple[Tiles, ...], times: int) -> Tiles:
    if len(body) == 1 and isinstance(body[0], Segment):
        only = body[0]
        return Segment(only.load_cycles, only.compute_cycles, only.store_cycles, only.repeat * times)
    return Loop(body, times)


def _visit(walk: _Walk, place: _Place) -> Visit:
    batch, M, N, K = (place.sizes[axis] for axis in AXIS_ORDER)
    tile = (batch, M, N, K)
    load = 0
    if place.entered & INPUT_AXES:
        load += walk.bits.input * walk.elements("input", tile)
    if place.entered & WEIGHT_AXES:
        load += walk.bits.weight * walk.elements("weight", tile)
    partial_in, out = _output_bits(walk, place, tile)
    opening = place.entered != {walk.level.order[2]}
    return Visit(tile, opening, load + partial_in, out)


def _output_bits(walk: _Walk, place: _Place, tile: Tile) -> tuple[int, int]:
    """Bits of partial sums that come back on entering, and of results or partial sums that go on leaving."""
    if not walk.bits.output:
        return 0, 0
    elements = walk.elements("output", tile)
    back = walk.bits.partial * elements if _comes_back(walk, place) else 0
    if not place.leaving & OUTPUT_AXES:
        return back, 0
    return back, elements * (walk.bits.output if place.last_k else walk.bits.partial)


def _comes_back(walk: _Walk, place: _Place) -> bool:
    return walk.revisited and not place.first_k and bool(place.entered & OUTPUT_AXES)
