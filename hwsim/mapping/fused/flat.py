"""FLAT: the best choice of its space for a layer, and what moves with it."""

from __future__ import annotations

from collections.abc import Mapping

from hwsim.einsum.cascade import Cascade
from hwsim.mapping.fused.configurations import Configuration
from hwsim.mapping.fused.dataflow import Problem, best_dataflow, words
from hwsim.mapping.fused.machine import TwoArrayMachine
from hwsim.mapping.fused.spills import moves_between, moves_of
from hwsim.mapping.fused.traffic import Movement, Traffic


def flat_problem(
    machine: TwoArrayMachine, configuration: Configuration, cascade: Cascade, sizes: Mapping[str, int]
) -> Problem:
    """The attention that a choice is made for.

    Scores that are spilled move between the steps of ``configuration``; scores that are not kept at all move
    between the grid and the lanes alone, as one row of them is.
    """
    grid = configuration.grid
    softmax = tuple(name for name in configuration.einsums if name not in grid)
    kernels = (*((name,) for name in configuration.einsums if name in grid), softmax)
    return Problem(
        machine=machine,
        sizes=sizes,
        spilled=moves_between(cascade, configuration.steps),
        absent=moves_between(cascade, kernels),
        matmuls=moves_of(cascade, grid),
    )


def flat_movement(problem: Problem, instances: int) -> Movement:
    """What moves for one attention with the choice that is best for ``instances`` of them."""
    choice = best_dataflow(problem, instances)
    moved = words(problem, choice)
    moves = problem.spilled if choice.scores_resident else problem.absent
    read = moved.operands_read + moved.scores * moves.reads
    written = moved.operands_written + moved.scores * moves.writes
    word = problem.machine.word_bytes
    return Movement((Traffic(read * word, written * word),), str(choice))
