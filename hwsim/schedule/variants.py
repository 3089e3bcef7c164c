"""Problems made from problems: the named variants of the cost model."""

from __future__ import annotations

from dataclasses import replace

from hwsim.schedule.problem import Problem, TensorKind


def activations_only(problem: Problem) -> Problem:
    """The same graph with weights outside the problem: they take no room and cost nothing."""
    weights = {tensor.id for tensor in problem.tensors if tensor.kind is TensorKind.WEIGHT}
    return replace(
        problem,
        tensors=tuple(tensor for tensor in problem.tensors if tensor.id not in weights),
        operators=tuple(
            replace(operator, inputs=tuple(t for t in operator.inputs if t not in weights))
            for operator in problem.operators
        ),
    )


def aligned(problem: Problem, alignment: int) -> Problem:
    """Every address a multiple of ``alignment`` bytes (banks, bus words), every tensor in whole multiples."""
    return replace(problem, alignment=alignment)
