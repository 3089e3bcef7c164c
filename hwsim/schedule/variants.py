"""Problems made from problems: the named variants of the cost model."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hwsim.schedule.problem import Operator, Prices, Problem, TensorKind
from hwsim.spec.errors import InputError


@dataclass(frozen=True, slots=True)
class Variants:
    """What to change about a problem; as it stands, nothing.

    ``weights``: whether weights are part of it. ``alignment``: bytes of which every address is a multiple.
    ``banks``: equal banks of the scratchpad, none shared by two tensors; None: it is one.
    """

    weights: bool = True
    alignment: int = 1
    banks: int | None = None
    prices: Prices | None = None


def varied(problem: Problem, variants: Variants) -> Problem:
    """The problem with all its variants.

    Raises:
        InputError: an alignment or a number of banks that is not positive or does not divide the scratchpad.
    """
    changed = problem if variants.weights else activations_only(problem)
    if variants.prices is not None:
        changed = replace(changed, prices=variants.prices)
    if variants.alignment < 1:
        raise InputError(f"--alignment: {variants.alignment} is not a positive number of bytes")
    if variants.alignment > 1:
        changed = aligned(changed, variants.alignment)
    return changed if variants.banks is None else banked(changed, variants.banks)


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
    """Every address a multiple of ``alignment`` bytes, every tensor in whole multiples."""
    return replace(problem, alignment=alignment)


def banked(problem: Problem, banks: int) -> Problem:
    """The scratchpad in ``banks`` equal banks; a tensor takes whole banks, so that no two meet in one.

    Raises:
        InputError: the banks are not whole multiples of the alignment.
    """
    bank, rest = divmod(problem.scratchpad_bytes, banks) if banks > 0 else (0, 1)
    if rest or bank % problem.alignment:
        raise InputError(
            f"--banks: {problem.scratchpad_bytes} bytes are not {banks} equal banks of aligned addresses"
        )
    return replace(problem, alignment=bank)


def in_place(problem: Problem, elementwise: frozenset[str]) -> Problem:
    """The operators named write their first output over an input of its size that nobody else reads."""
    return replace(
        problem,
        operators=tuple(
            replace(operator, in_place=_shared(problem, operator)) if operator.id in elementwise else operator
            for operator in problem.operators
        ),
    )


def _shared(problem: Problem, operator: Operator) -> str | None:
    if operator.in_place or not operator.outputs:
        return operator.in_place
    size = problem.tensor[operator.outputs[0]].size
    fitting = (
        tensor
        for tensor in operator.inputs
        if problem.tensor[tensor].size == size
        and problem.tensor[tensor].kind is not TensorKind.WEIGHT
        and problem.consumers[tensor] == (operator.id,)
    )
    return next(fitting, None)
