"""Loop nests walked literally, one tile after another, one element at a time: what every closed form must
equal.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from hwsim.arch.memory import Role
from hwsim.mapping.nest import Level
from hwsim.workload.contraction import Matmul

Range = tuple[int, int]
Region = dict[str, Range]
"""The part of each axis that a tile covers."""

AXES_OF: dict[Role, tuple[str, ...]] = {
    "input": ("batch", "M", "K"),
    "weight": ("batch", "N", "K"),
    "output": ("batch", "M", "N"),
}


def whole_region(problem: Matmul) -> Region:
    return {
        "batch": (0, problem.batch),
        "M": (0, problem.M),
        "N": (0, problem.N),
        "K": (0, problem.K),
    }


def visits(levels: tuple[Level, ...], region: Region) -> Iterator[tuple[Region, ...]]:
    """The regions at every depth, outermost first, for each tile of the innermost level in order."""
    if not levels:
        yield ()
        return
    level = levels[0]
    axes = ("batch", *level.order)
    steps = [_pieces(region[axis], getattr(level, axis)) for axis in axes]
    for pieces in itertools.product(*steps):
        inner = dict(zip(axes, pieces, strict=True))
        for deeper in visits(levels[1:], inner):
            yield (inner, *deeper)


def _pieces(whole: Range, tile: int) -> list[Range]:
    return [(first, min(first + tile, whole[1])) for first in range(*whole, tile)]


def elements(problem: Matmul, role: Role, region: Region) -> set[tuple[int, ...]]:
    """Every element of ``role`` that the region touches, padding included."""
    places = itertools.product(*(range(*region[axis]) for axis in AXES_OF[role]))
    if role != "input" or not problem.windows:
        return set(places)
    return {touched for batch, m, k in places for touched in _under_window(problem, batch, m, k)}


def _under_window(problem: Matmul, batch: int, m: int, k: int) -> Iterator[tuple[int, ...]]:
    channel, tap = divmod(k, problem.taps)
    image, pixel = m, 0
    place = []
    for window in reversed(problem.windows):
        tap, along = divmod(tap, window.taps)
        image, pixel = divmod(image, window.out)
        place.append(pixel * window.stride + along * window.dilation)
    yield (batch, image, channel, *reversed(place))


@dataclass
class Flow:
    """What one memory sees of one role: elements in, and for outputs partial ones in and all those out."""

    loaded: int = 0
    partial_in: int = 0
    partial_out: int = 0
    finished_out: int = 0
    tiles: list[tuple[int, int, int]] = field(default_factory=list)
    """For each innermost tile: elements loaded or brought back before it, partial and finished ones stored
    after.
    """


def flow(problem: Matmul, levels: tuple[Level, ...], role: Role) -> Flow:
    """Fetch a tile of ``role`` into the memory that the last level fills whenever its region changes."""
    found = Flow()
    progress = np.zeros((problem.batch, problem.M, problem.N), dtype=np.int64)
    regions = [each[-1] for each in visits(levels, whole_region(problem))]
    for number, region in enumerate(regions):
        mine = [region[axis] for axis in AXES_OF[role]]
        entered = number == 0 or mine != [regions[number - 1][axis] for axis in AXES_OF[role]]
        leaves = number + 1 == len(regions) or mine != [regions[number + 1][axis] for axis in AXES_OF[role]]
        count = len(elements(problem, role, region)) if entered or leaves else 0
        tile = [0, 0, 0]
        block = progress[tuple(slice(*region[axis]) for axis in AXES_OF["output"])]
        if entered:
            back = count if role != "output" or block.any() else 0
            tile[0] = back
            found.loaded += count
            found.partial_in += back if role == "output" else 0
        block += region["K"][1] - region["K"][0]
        if leaves and role == "output":
            assert block.min() == block.max()
            finished = bool(block.min() == problem.K)
            tile[2 if finished else 1] = count
            found.finished_out += count * finished
            found.partial_out += count * (not finished)
        found.tiles.append((tile[0], tile[1], tile[2]))
    return found
