"""The words that one tile and one order of loops move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import permutations
from typing import Literal

Axis = Literal["m", "n", "k"]
AXES: tuple[Axis, ...] = ("m", "n", "k")
Operand = Literal["A", "B", "C"]
OPERANDS: tuple[Operand, ...] = ("A", "B", "C")
REUSED_ALONG: Mapping[Operand, Axis] = {"A": "n", "B": "m", "C": "k"}
"""The loop that does not move each operand's tile."""
Order = tuple[Axis, Axis, Axis]
ORDERS: tuple[Order, ...] = tuple(sorted((one, two, three) for one, two, three in permutations(AXES)))
"""All orders of the loops, outermost first, as a dictionary sorts them."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Something along m, n and k: the sizes of the problem, of a tile, or trip counts."""

    m: int
    n: int
    k: int

    def along(self, axis: Axis) -> int:
        """The size along ``axis``."""
        return int(getattr(self, axis))

    def words(self, operand: Operand) -> int:
        """Words of one operand of these sizes."""
        return {"A": self.m * self.k, "B": self.k * self.n, "C": self.m * self.n}[operand]

    @property
    def occupancy(self) -> int:
        """Words of all three operands: what the buffer holds of a tile, what at least moves of a problem."""
        return sum(self.words(operand) for operand in OPERANDS)

    def as_json(self) -> dict[str, int]:
        """By axis."""
        return {axis: self.along(axis) for axis in AXES}


@dataclass(frozen=True, slots=True)
class Traffic:
    """Words by operand and direction; a partial sum is read back, its first visit starts from zero."""

    A_reads: int
    B_reads: int
    C_reads: int
    C_writes: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.A_reads + self.B_reads + self.C_reads + self.C_writes


def trip_counts(problem: Sizes, tile: Sizes) -> Sizes:
    """How many tiles lie along each axis; the last may be trimmed."""
    return Sizes(*(-(-problem.along(axis) // tile.along(axis)) for axis in AXES))


def passes(trips: Sizes, order: Order) -> dict[Operand, int]:
    """How often each operand passes: the trips of its reuse loop where a loop inside moves it."""
    found: dict[Operand, int] = {}
    for operand, axis in REUSED_ALONG.items():
        inside = order[order.index(axis) + 1 :]
        found[operand] = trips.along(axis) if any(trips.along(each) > 1 for each in inside) else 1
    return found


def traffic(problem: Sizes, tile: Sizes, order: Order) -> Traffic:
    """The words that ``tile`` and ``order`` move."""
    times = passes(trip_counts(problem, tile), order)
    whole = {operand: problem.words(operand) for operand in OPERANDS}
    return Traffic(
        A_reads=whole["A"] * times["A"],
        B_reads=whole["B"] * times["B"],
        C_reads=whole["C"] * (times["C"] - 1),
        C_writes=whole["C"] * times["C"],
    )
