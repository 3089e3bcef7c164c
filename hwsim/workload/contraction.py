"""Contractions as matrix multiplications: which ranks are M, N, K or batch is read off the Einsum."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from hwsim.workload.operator import Coordinate, Operator


@dataclass(frozen=True, slots=True)
class Window:
    """One sliding axis of a convolution: ``input = stride * out + dilation * tap - padding``."""

    out: int
    taps: int
    stride: int
    dilation: int
    extent: int


@dataclass(frozen=True, slots=True)
class Matmul:
    """``batch`` independent products of an M x K by a K x N matrix.

    For a convolution ``M`` is images times output pixels, ``windows`` describe the sliding axes, outermost
    first, ``images`` the rest of M; along K all taps of a channel lie together. ``windows`` is empty for a
    plain product.
    """

    batch: int
    M: int
    N: int
    K: int
    images: int = 1
    windows: tuple[Window, ...] = ()

    @property
    def taps(self) -> int:
        """Positions of the sliding window: the part of K that is not channels."""
        return math.prod(window.taps for window in self.windows)

    @property
    def points(self) -> int:
        """Multiply-accumulates of the dense iteration space."""
        return self.batch * self.M * self.N * self.K


@lru_cache(maxsize=4096)
def as_matmul(op: Operator, input_shape: tuple[int, ...] = ()) -> Matmul:
    """The matrix product that contraction ``op`` performs.

    A rank of the first operand and the output is part of M, of the second operand and the output part of N,
    of both operands but not the output part of K, of all three part of the batch. A rank of one operand alone
    that is summed belongs to K, one of the output alone cannot be.

    Args:
        op: a contraction with two operands.
        input_shape: shape of the first operand, where the operator is a convolution.
    """
    left, right, out = (part.ranks for part in (*op.inputs[:2], op.outputs[0]))
    windows = _windows(op, input_shape)
    sizes = dict(op.ranks)
    m_ranks = [rank for rank in sizes if rank in left and rank in out and rank not in right]
    slides = [coordinate for coordinate in op.inputs[0].coordinates if _is_window(op, coordinate)]
    sliding = {coordinate.ranks[0] for coordinate in slides}
    k_ranks = [rank for rank in sizes if rank not in out]
    return Matmul(
        batch=math.prod(sizes[rank] for rank in sizes if rank in left and rank in right and rank in out),
        M=math.prod(sizes[rank] for rank in m_ranks),
        N=math.prod(sizes[rank] for rank in sizes if rank in right and rank in out and rank not in left),
        K=math.prod(sizes[rank] for rank in k_ranks),
        images=math.prod(sizes[rank] for rank in m_ranks if rank not in sliding),
        windows=windows,
    )


def _windows(op: Operator, input_shape: tuple[int, ...]) -> tuple[Window, ...]:
    found = []
    for axis, coordinate in enumerate(op.inputs[0].coordinates):
        if _is_window(op, coordinate):
            found.append(_window(op, coordinate, input_shape[axis] if input_shape else 0))
    return tuple(found)


def _is_window(op: Operator, coordinate: Coordinate) -> bool:
    """Whether the coordinate is an output rank plus a tap; groups times channels per group is none."""
    if len(coordinate.terms) != 2:
        return False
    out, tap = coordinate.ranks
    weight, output = op.inputs[1].ranks, op.outputs[0].ranks
    return out in output and out not in weight and tap in weight and tap not in output


def _window(op: Operator, coordinate: Coordinate, extent: int) -> Window:
    (out, stride), (tap, dilation) = coordinate.terms
    out_size, taps = op.size(out), op.size(tap)
    reach = (out_size - 1) * stride + (taps - 1) * dilation + 1
    return Window(out_size, taps, stride, dilation, extent or reach)
