"""FLAT's choices for attention with the softmax between two products, and what each of them costs.

A choice cuts the queries into bands (a whole head, or rows), says what stays in the grid, which of Q, K, V
and the output AV are resident in the buffer for a band, and whether the band's scores are. What is resident
but does not fit is spilled in proportion. Source: FLAT, Kao et al., ASPLOS 2023, sections 3 and 4;
the space and the rules are those of the FuseMax artifact (MICRO 2024), file flat_validation.csv.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Literal

from hwsim.mapping.fused.machine import TwoArrayMachine
from hwsim.mapping.fused.shape import Sizes
from hwsim.mapping.fused.spills import Moves
from hwsim.mapping.fused.tiled import product_costs

OPERANDS = ("Q", "K", "V", "AV")
KEYS = frozenset({"K", "V"})
QUERIES = frozenset({"Q", "AV"})
Stationarity = Literal["output", "weight"]
STATIONARITIES: tuple[Stationarity, ...] = ("output", "weight")

BAND_COLUMNS = (4, 2, 1)
"""Bands of rows are so many times the grid's columns; the artifact's choices have no other."""

BAND_CYCLES = 6
"""Cycles a band begins late: what the latencies of flat_validation.csv have above compute, for each band."""


@dataclass(frozen=True, slots=True)
class Dataflow:
    """One choice; ``rows`` of queries are a band, ``resident`` are the operands kept in the buffer for it."""

    rows: int
    stationarity: Stationarity
    resident: frozenset[str]
    scores_resident: bool

    def __str__(self) -> str:
        kept = [name for name in OPERANDS if name in self.resident]
        kept += ["scores"] if self.scores_resident else []
        held = ", ".join(kept) or "single tiles"
        return f"bands of {self.rows} queries, {self.stationarity} stationary, on chip: {held}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One attention on one machine: sizes, and how often spilled and absent scores of each tensor move."""

    machine: TwoArrayMachine
    sizes: Sizes
    spilled: Mapping[str, Moves]
    absent: Mapping[str, Moves]
    matmuls: Moves

    @property
    def queries(self) -> int:
        """The size of P."""
        return int(self.sizes["P"])

    @property
    def keys(self) -> int:
        """The size of M."""
        return int(self.sizes["M"])

    @property
    def scores(self) -> float:
        """Elements of the scores."""
        return float(self.keys * self.queries)

    def width(self, name: str) -> int:
        """Words of an operand for one query or key."""
        return int(self.sizes["F" if name in ("V", "AV") else "E"])

    def length(self, name: str) -> int:
        """The queries or keys of an operand."""
        return self.queries if name in QUERIES else self.keys

    def bands(self, choice: Dataflow) -> int:
        """How many bands there are."""
        return math.ceil(self.queries / choice.rows)


@dataclass(frozen=True, slots=True)
class Words:
    """Words of operands from and to the DRAM, and how many of the scores are not on chip."""

    read: Mapping[str, float]
    written: float
    scores: float

    @property
    def operands_read(self) -> float:
        """Words of all operands from the DRAM."""
        return sum(self.read.values())

    @property
    def operands_written(self) -> float:
        """Words of the output to the DRAM."""
        return self.written


def choices(problem: Problem) -> Iterator[Dataflow]:
    """FLAT's whole space: coarse bands before fine ones, few residents before many.

    Keys, values and results are resident only where they pass the machine's buffer at all, scores only where
    both arrays meet in it.
    """
    queries, columns = problem.queries, problem.machine.columns
    count = math.ceil(queries / columns)
    bands = [queries] + [n * columns for n in BAND_COLUMNS if count % n == 0 and n * columns < queries]
    subsets = product((False, True), repeat=len(OPERANDS))
    kept = [frozenset(n for n, there in zip(OPERANDS, each, strict=True) if there) for each in subsets]
    able = [each for each in kept if not each & _passing_by(problem.machine)]
    together = (True, False) if problem.machine.meets else (False,)
    for rows, stationarity, resident, scores in product(bands, STATIONARITIES, able, together):
        yield Dataflow(rows, stationarity, resident, scores)


def _passing_by(machine: TwoArrayMachine) -> frozenset[str]:
    """The operands that the buffer does not hold."""
    keys = frozenset[str]() if machine.keys_at_home else KEYS
    return keys if machine.results_at_home else keys | {"AV"}


def needed_words(problem: Problem, choice: Dataflow) -> float:
    """Words of the buffer that a choice would fill: tiles of operands are held twice, scores once."""
    tile = problem.machine.rows * problem.machine.columns * problem.machine.arrays
    scores = float(problem.keys * choice.rows) if choice.scores_resident else 2 * tile
    return scores + sum(2 * held_words(problem, choice, name) for name in OPERANDS)


def least_words(problem: Problem) -> float:
    """Words of the buffer without which no choice runs: two tiles of scores and of what passes it.

    Operands pass fold by fold, as much as the grid holds of them; a grid that times tiles takes them whole.
    """
    machine = problem.machine
    scores = 2 * machine.rows * machine.columns * machine.arrays
    passing = (name for name in OPERANDS if name not in _passing_by(machine))
    return scores + sum(2 * _fold_words(problem, name) for name in passing)


def _fold_words(problem: Problem, name: str) -> int:
    machine, width = problem.machine, problem.width(name)
    side = machine.columns if name in QUERIES else machine.rows
    return side * (width if machine.tiled else min(width, machine.rows))


def spilled_fraction(problem: Problem, choice: Dataflow) -> float:
    """The part of what is resident that does not fit."""
    return 1 - min(1.0, problem.machine.buffer_words / needed_words(problem, choice))


def held_words(problem: Problem, choice: Dataflow, name: str) -> float:
    """Words of an operand in the buffer: its part of the band if resident, else a tile of the grid."""
    width = problem.width(name)
    if name not in choice.resident:
        return width * (problem.machine.columns if name in QUERIES else problem.machine.rows)
    return width * (choice.rows if name in QUERIES else problem.keys)


def words(problem: Problem, choice: Dataflow) -> Words:
    """What moves for one attention, biases apart."""
    spilled = spilled_fraction(problem, choice)
    again = {name: _comings(problem, choice, name, spilled) for name in OPERANDS}
    size = {name: problem.width(name) * problem.length(name) for name in OPERANDS}
    read = {name: size[name] * again[name] for name in ("Q", "K", "V")}
    return Words(
        read=read | {"AV": size["AV"] * (again["AV"] - 1)},
        written=size["AV"] * again["AV"],
        scores=problem.scores * (spilled if choice.scores_resident else 1.0),
    )


def product_cycles(problem: Problem, choice: Dataflow) -> dict[str, float]:
    """Cycles in which one array of the grid does each product, columns and rows without work included."""
    if problem.machine.tiled:
        costs = product_costs(
            problem.machine.tiled, (), problem.sizes, problem.machine.rows, problem.machine.columns
        )
        return {name: cost.cycles for name, cost in costs.items()}
    M, P, E, F = (int(problem.sizes[rank]) for rank in "MPEF")
    rows, columns = problem.machine.rows, problem.machine.columns
    if choice.stationarity == "output":
        across = math.ceil(P / columns)
        return {"QK": math.ceil(M / rows) * across * E, "AV": math.ceil(F / rows) * across * M}
    scores = math.ceil(E / rows) * math.ceil(M / columns)
    return {"QK": scores * P, "AV": math.ceil(M / rows) * math.ceil(F / columns) * P}


def grid_cycles(problem: Problem, choice: Dataflow) -> float:
    """Cycles of both products with all arrays of the grid at work."""
    return sum(product_cycles(problem, choice).values()) / problem.machine.arrays


def start_cycles(problem: Problem, choice: Dataflow, instances: int) -> float:
    """Cycles before work begins: a few a band, and the first tiles; an output not resident comes in too."""
    first = sum(held_words(problem, choice, name) for name in OPERANDS)
    first += 0 if "AV" in choice.resident else held_words(problem, choice, "AV")
    bands = instances * problem.bands(choice)
    return BAND_CYCLES * bands + problem.machine.dram_cycles(first * problem.machine.word_bytes)


def matmul_cycles(problem: Problem, choice: Dataflow, instances: int) -> float:
    """FLAT's own measure of a choice: both products, the softmax taken to be hidden behind them."""
    moved = words(problem, choice)
    total = moved.operands_read + moved.operands_written + moved.scores * problem.matmuls.total
    transfer = problem.machine.dram_cycles(total * problem.machine.word_bytes)
    busy = max(grid_cycles(problem, choice), transfer)
    return instances * busy + start_cycles(problem, choice, instances)


def best_dataflow(problem: Problem, instances: int) -> Dataflow:
    """The choice of the whole space that FLAT's measure likes best; of equals the first, so the plainest."""
    return min(choices(problem), key=lambda choice: matmul_cycles(problem, choice, instances))


def _comings(problem: Problem, choice: Dataflow, name: str, spilled: float) -> float:
    """How often an operand moves: a resident as seldom as it can, what of it is spilled like the rest."""
    visits = _visits(problem, choice, name)
    if name not in choice.resident:
        return float(visits)
    least = 1 if name in QUERIES else problem.bands(choice)
    return (1 - spilled) * least + spilled * visits


def _visits(problem: Problem, choice: Dataflow, name: str) -> int:
    """How often an operand moves that is never resident.

    With scores or sums in the grid, every tile of them takes a tile of both operands. With keys and values in
    the grid, these come once a band and queries once a tile of keys; partial sums come and go.
    """
    if name in KEYS:
        if choice.stationarity == "output":
            return math.ceil(problem.queries / problem.machine.columns)
        return problem.bands(choice)
    if name == "AV" and choice.stationarity == "output":
        return 1
    return math.ceil(problem.keys / problem.machine.rows)
