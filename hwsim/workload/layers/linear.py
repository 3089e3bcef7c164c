"""Matrix products."""

from __future__ import annotations

from hwsim.spec.errors import InputError
from hwsim.workload.graph import Graph, Shape
from hwsim.workload.layers.contract import Projection, contract, projection
from hwsim.workload.layers.vector import broadcast
from hwsim.workload.tensor import Tensor

_ROWS = ("B3", "B2", "B1", "B", "M")


def linear(graph: Graph, name: str, x: Tensor, features: int, bias: bool = False) -> Tensor:
    """``x`` [..., K] times a new weight ``name.weight`` [K, features], plus ``name.bias`` if ``bias``."""
    weight = graph.weight(f"{name}.weight", (x.shape[-1], features))
    offset = graph.weight(f"{name}.bias", (features,)) if bias else None
    return matmul(graph, name, x, weight, offset)


def matmul(
    graph: Graph,
    name: str,
    left: Tensor,
    right: Tensor,
    bias: Tensor | None = None,
    *,
    transpose_left: bool = False,
    transpose_right: bool = False,
) -> Tensor:
    """``left`` [..., M, K] times ``right`` [..., K, N], leading axes broadcast against each other.

    Args:
        graph: where to add it.
        name: the operator's and its output's name.
        left: the first operand, or [..., K, M] with ``transpose_left``.
        right: the second operand, or [..., N, K] with ``transpose_right``.
        bias: added to the product, broadcast to it.
        transpose_left: whether the first operand's last two axes are swapped.
        transpose_right: whether the second operand's last two axes are swapped.

    Raises:
        InputError: an operand has fewer than two axes or too many, or the shapes do not fit.
    """
    lead = _leading(name, left, right)
    ranks = (*_ROWS[-len(lead) - 1 :], "N")
    first = ("K", "M") if transpose_left else ("M", "K")
    second = ("N", "K") if transpose_right else ("K", "N")
    operands = [
        (left, projection((*_aligned(left.shape[:-2], lead, ranks[:-2]), *first))),
        (right, projection((*_aligned(right.shape[:-2], lead, ranks[:-2]), *second))),
    ]
    if bias is not None:
        output = (*lead, left.shape[-1 if transpose_left else -2], right.shape[-2 if transpose_right else -1])
        operands.append((bias, _added(name, bias, output, ranks)))
    return contract(graph, name, operands, projection(ranks))


def _leading(name: str, left: Tensor, right: Tensor) -> Shape:
    for tensor in (left, right):
        if not 2 <= len(tensor.shape) <= len(_ROWS) + 1:
            raise InputError(f"{name!r} multiplies matrices; {tensor.name!r} has shape {list(tensor.shape)}")
    return broadcast(left.shape[:-2], right.shape[:-2])


def _aligned(shape: Shape, full: Shape, ranks: tuple[str, ...]) -> tuple[str, ...]:
    """The coordinate of each axis of ``shape`` within ``full``; an axis of 1 that stretches stays at 0."""
    pairs = zip(reversed(shape), reversed(full), reversed(ranks), strict=False)
    return tuple(rank if size == whole else "0" for size, whole, rank in pairs)[::-1]


def _added(name: str, bias: Tensor, output: Shape, ranks: tuple[str, ...]) -> Projection:
    if len(bias.shape) > len(output) or broadcast(bias.shape, output) != output:
        raise InputError(f"{name!r} cannot add {bias.name!r} {list(bias.shape)} to {list(output)}")
    return projection(_aligned(bias.shape, output, ranks))
