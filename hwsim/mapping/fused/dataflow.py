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
from hwsim.mapping.fused.spills import Moves

OPERANDS = ("Q", "K", "V", "AV")
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
        return f"bands of {self.rows} queries, {self.stationarity} stationary, on chip: {', '.join(kept)}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One attention on one machine: sizes, and how often spilled and absent scores move."""

    machine: TwoArrayMachine
    sizes: Mapping[str, int]
    spilled: Moves
    absent: Moves
    matmuls: Moves

    @property
    def capacity(self) -> int:
        """Words of the buffer."""
        return self.machine.buffer_bytes // self.machine.word_bytes

    @property
    def scores(self) -> int:
        """Elements of the scores."""
        return self.sizes["M"] * self.sizes["P"]


@dataclass(frozen=True, slots=True)
class Words:
    """Words of operands from and to the DRAM, and how many of the scores are not on chip."""

    operands_read: float
    operands_written: float
    scores: float


def choices(problem: Problem) -> Iterator[Dataflow]:
    """FLAT's whole space: coarse bands before fine ones, few residents before many."""
    queries, columns = problem.sizes["P"], problem.machine.columns
    bands = [queries] + [n * columns for n in BAND_COLUMNS if queries % (n * columns) == 0]
    subsets = product((False, True), repeat=len(OPERANDS))
    kept = [frozenset(n for n, there in zip(OPERANDS, each, strict=True) if there) for each in subsets]
    for rows, stationarity, resident, scores in product(
        dict.fromkeys(bands), STATIONARITIES, kept, (True, False)
    ):
        yield Dataflow(rows, stationarity, resident, scores)


def spilled_fraction(problem: Problem, choice: Dataflow) -> float:
    """The part of what is resident that does not fit: tiles of operands are held twice, scores once."""
    scores = problem.sizes["M"] * choice.rows if choice.scores_resident else 2 * problem.machine.grid.units
    need = scores + sum(2 * held_words(problem, choice, name) for name in OPERANDS)
    return 1 - min(1.0, problem.capacity / need)


def held_words(problem: Problem, choice: Dataflow, name: str) -> int:
    """Words of an operand in the buffer: its part of the band if resident, else a tile of the grid."""
    width = problem.sizes["F" if name in ("V", "AV") else "E"]
    if name not in choice.resident:
        return problem.machine.columns * width
    return width * (choice.rows if name in ("Q", "AV") else problem.sizes["M"])


def words(problem: Problem, choice: Dataflow) -> Words:
    """What moves for one attention."""
    spilled = spilled_fraction(problem, choice)
    partial = {name: spilled if name in choice.resident else 1.0 for name in OPERANDS}
    again = {
        name: (1 - partial[name]) * _least_visits(problem, choice, name)
        + partial[name] * _visits(problem, choice, name)
        for name in OPERANDS
    }
    size = {name: _size(problem, name) for name in OPERANDS}
    return Words(
        operands_read=sum(size[n] * again[n] for n in ("Q", "K", "V")) + size["AV"] * (again["AV"] - 1),
        operands_written=size["AV"] * again["AV"],
        scores=problem.scores * (spilled if choice.scores_resident else 1.0),
    )


def grid_cycles(problem: Problem, choice: Dataflow) -> int:
    """Cycles in which the grid does both products, columns and rows without work included."""
    M, P, E, F = (problem.sizes[rank] for rank in "MPEF")
    rows, columns = problem.machine.rows, problem.machine.columns
    if choice.stationarity == "output":
        scores = math.ceil(M / rows) * math.ceil(P / columns) * E
        return scores + math.ceil(F / rows) * math.ceil(P / columns) * M
    return (math.ceil(E / rows) * math.ceil(M / columns) + math.ceil(M / rows) * math.ceil(F / columns)) * P


def start_cycles(problem: Problem, choice: Dataflow, instances: int) -> float:
    """Cycles before work begins: a few a band, and the first tiles; an output not resident comes in too."""
    first = sum(held_words(problem, choice, name) for name in OPERANDS)
    first += 0 if "AV" in choice.resident else held_words(problem, choice, "AV")
    bands = instances * problem.sizes["P"] // choice.rows
    return BAND_CYCLES * bands + problem.machine.dram_cycles(first * problem.machine.word_bytes)


def matmul_cycles(problem: Problem, choice: Dataflow, instances: int) -> float:
    """FLAT's own measure of a choice: both products, the softmax taken to be hidden behind them."""
    moved = words(problem, choice)
    total = moved.operands_read + moved.operands_written + moved.scores * problem.matmuls.total
    transfer = problem.machine.dram_cycles(total * problem.machine.word_bytes)
    busy = max(float(grid_cycles(problem, choice)), transfer)
    return instances * busy + start_cycles(problem, choice, instances)


def best_dataflow(problem: Problem, instances: int) -> Dataflow:
    """The choice of the whole space that FLAT's measure likes best; of equals the first, so the plainest."""
    return min(choices(problem), key=lambda choice: matmul_cycles(problem, choice, instances))


def _size(problem: Problem, name: str) -> int:
    along = problem.sizes["P" if name in ("Q", "AV") else "M"]
    return along * problem.sizes["F" if name in ("V", "AV") else "E"]


def _least_visits(problem: Problem, choice: Dataflow, name: str) -> int:
    """How often an operand that is resident for a band moves."""
    return 1 if name in ("Q", "AV") else problem.sizes["P"] // choice.rows


def _visits(problem: Problem, choice: Dataflow, name: str) -> int:
    """How often an operand moves that is never resident.

    With scores or sums in the grid, every tile of them takes a tile of both operands. With keys and values in
    the grid, these come once a band and queries once a tile of keys; partial sums come and go.
    """
    keys, queries = problem.sizes["M"] // problem.machine.rows, problem.sizes["P"] // problem.machine.columns
    if choice.stationarity == "output":
        return {"Q": keys, "K": queries, "V": queries, "AV": 1}[name]
    band = problem.sizes["P"] // choice.rows
    return {"Q": keys, "K": band, "V": band, "AV": keys}[name]
