"""The matrix product behind a contraction, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping

from hwsim.spec.errors import InputError
from hwsim.workload.contraction import Matmul, as_matmul
from hwsim.workload.operator import Operator
from hwsim.workload.tensor import Tensor


def product_of(op: Operator, tensors: Mapping[str, Tensor]) -> Matmul:
    """The matrix product that contraction ``op`` performs.

    Raises:
        InputError: it has one operand only, or an output rank that neither operand has.
    """
    if len(op.inputs) < 2 or not op.outputs:
        raise InputError(
            f"operator {op.name!r} ({op.kind}) is a contraction of {len(op.inputs)} operand(s); "
            "a matrix engine multiplies two",
            hint="give it as vector work, such as a reduction",
        )
    left, right, out = (part.ranks for part in (*op.inputs[:2], op.outputs[0]))
    alone = sorted(out - left - right)
    if alone:
        raise InputError(
            f"operator {op.name!r} ({op.kind}) has output rank {alone[0]!r}, which neither operand has",
            hint="a matrix engine repeats no results",
        )
    return as_matmul(op, tensors[op.inputs[0].tensor].shape)
