"""One matrix product through one buffer, walked tile by tile and word by word."""

from __future__ import annotations

from itertools import product


def _tiles(size: int, tile: int) -> list[range]:
    return [range(start, min(start + tile, size)) for start in range(0, size, tile)]


def walk(problem: dict[str, int], tile: dict[str, int], order: str) -> dict[str, int]:
    """Words moved: a buffer of sets of coordinates, filled and emptied as tiles come and go."""
    trips = [_tiles(problem[axis], tile[axis]) for axis in order]
    axes = {"A": "mk", "B": "kn", "C": "mn"}
    held: dict[str, frozenset] = dict.fromkeys(axes, frozenset())
    seen: set = set()
    moved = {"A_reads": 0, "B_reads": 0, "C_reads": 0, "C_writes": 0}
    for step in product(*trips):
        at = dict(zip(order, step, strict=True))
        for name, pair in axes.items():
            wanted = frozenset(product(*(at[axis] for axis in pair)))
            if wanted == held[name]:
                continue
            if name == "C":
                moved["C_writes"] += len(held[name])
                moved["C_reads"] += len(wanted & seen)
                seen |= wanted
            else:
                moved[f"{name}_reads"] += len(wanted)
            held[name] = wanted
    moved["C_writes"] += len(held["C"])
    return moved


def fits(tile: dict[str, int], capacity: int) -> bool:
    """Whether one tile of each operand fits the buffer."""
    m, n, k = tile["m"], tile["n"], tile["k"]
    return m * k + k * n + m * n <= capacity


def all_tiles(problem: dict[str, int], divide: bool) -> list[dict[str, int]]:
    """Every integer tile, or those that divide."""
    sizes = [
        [size for size in range(1, problem[axis] + 1) if not divide or problem[axis] % size == 0]
        for axis in "mnk"
    ]
    return [dict(zip("mnk", tile, strict=True)) for tile in product(*sizes)]
