"""FLAT: the best choice of its space for a layer, and what moves with it."""

from __future__ import annotations

from collections.abc import Iterable

from hwsim.einsum.cascade import Cascade
from hwsim.mapping.fused.configurations import Configuration
from hwsim.mapping.fused.dataflow import Dataflow, Problem, words
from hwsim.mapping.fused.machine import TwoArrayMachine
from hwsim.mapping.fused.shape import Sizes
from hwsim.mapping.fused.spills import Groups, moves_by_tensor, moves_of
from hwsim.mapping.fused.traffic import Movement, Traffic
from hwsim.mapping.fused.variants import BIAS


def flat_problem(
    machine: TwoArrayMachine, configuration: Configuration, cascade: Cascade, sizes: Sizes
) -> Problem:
    """The attention that a choice is made for.

    Scores that are spilled move between the steps of ``configuration``; scores that are not kept at all move
    between the grid and the lanes alone, as one row of them is. Where the arrays meet nowhere on the chip all
    of them are handed over in the DRAM (``handed``), and none count here.
    """
    return Problem(
        machine=machine,
        sizes=sizes,
        spilled=moves_by_tensor(cascade, configuration.steps),
        absent=moves_by_tensor(cascade, _kernels(configuration)) if machine.meets else {},
        matmuls=moves_of(cascade, configuration.grid & frozenset({"QK", "AV"})),
    )


def flat_movement(problem: Problem, cascade: Cascade, choice: Dataflow) -> Movement:
    """What moves for one attention with ``choice``, by tensor: operands, scores that do not stay, biases."""
    moved, word = words(problem, choice), problem.machine.word_bytes
    scores = problem.spilled if choice.scores_resident else problem.absent
    read = {name: each * word for name, each in moved.read.items() if each}
    read |= {name: each.reads * moved.scores * word for name, each in scores.items()}
    read |= dict.fromkeys(_biases(cascade.inputs), problem.scores * word)
    written = {name: each.writes * moved.scores * word for name, each in scores.items()}
    written |= {"AV": moved.written * word}
    traffic = Traffic(sum(read.values()), sum(written.values()))
    return Movement((traffic,), str(choice), read, written)


def _kernels(configuration: Configuration) -> Groups:
    """Every product on its own, all else together."""
    products = [name for name in configuration.einsums if name in ("QK", "AV")]
    softmax = tuple(name for name in configuration.einsums if name not in products)
    return (*((name,) for name in products), softmax)


def _biases(inputs: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in inputs if name.startswith(BIAS))
