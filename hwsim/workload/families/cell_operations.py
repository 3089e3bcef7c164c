"""The operations between the states of a searched cell."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Literal

from hwsim.workload.graph import Graph
from hwsim.workload.layers.conv import Sliding, convolution
from hwsim.workload.layers.move import move
from hwsim.workload.layers.vector import elementwise, pool
from hwsim.workload.tensor import Tensor

Operation = Literal[
    "identity",
    "sep_conv_3x3",
    "sep_conv_5x5",
    "sep_conv_7x7",
    "dil_conv_3x3",
    "conv_1x1",
    "conv_3x3",
    "conv_1x7_7x1",
    "max_pool_2x2",
    "max_pool_3x3",
    "avg_pool_3x3",
]
_BOTTLENECK = 4
"""AmoebaNet's wide convolutions work on a quarter of the channels (tensorflow/tpu, amoeba_net)."""


class CellBuilder:
    """Adds the operators of one cell, whose states have ``filters`` channels, to ``graph``."""

    def __init__(self, graph: Graph, name: str, filters: int, stride: int = 1) -> None:
        self.graph = graph
        self.name = name
        self.filters = filters
        self.stride = stride
        self._active: dict[str, Tensor] = {}

    def convolution(
        self,
        name: str,
        x: Tensor,
        filters: int,
        *kernel: int,
        stride: int = 1,
        dilation: int = 1,
        groups: int = 1,
    ) -> Tensor:
        """A convolution that keeps height and width apart from its stride; one kernel size is for both."""
        sizes = (kernel[0], kernel[-1])
        full = f"{self.name}.{name}"
        weight = self.graph.weight(f"{full}.weight", (filters, x.shape[1] // groups, *sizes))
        bias = self.graph.weight(f"{full}.bias", (filters,))
        sliding = _same(x, sizes, stride, dilation)
        return convolution(self.graph, full, x, weight, bias, sliding, groups)

    def pool(self, name: str, kind: str, x: Tensor, size: int, stride: int) -> Tensor:
        """A pool that keeps height and width apart from its stride, at the cell's width."""
        places = tuple(-(-extent // stride) for extent in x.shape[2:])
        out = pool(self.graph, f"{self.name}.{name}", kind, x, (*x.shape[:2], *places), size * size)
        return self._widened(name, out)

    def active(self, x: Tensor) -> Tensor:
        """The ReLU of a state, computed once in a cell."""
        if x.name not in self._active:
            short = x.name.removeprefix(f"{self.name}.")
            self._active[x.name] = elementwise(self.graph, f"{self.name}.{short}.relu", "relu", x)
        return self._active[x.name]

    def squeeze(self, name: str, x: Tensor) -> Tensor:
        """ReLU and a 1 x 1 convolution to the cell's width."""
        return self.convolution(name, self.active(x), self.filters, 1)

    def match(self, name: str, x: Tensor, side: int) -> Tensor:
        """``x`` at ``side`` places along an axis and the cell's width."""
        if x.shape[-1] != side:
            return self.reduce(name, x, side)
        return x if x.shape[1] == self.filters else self.squeeze(name, x)

    def reduce(self, name: str, x: Tensor, side: int) -> Tensor:
        """Halve height and width where they are not ``side``: two 1 x 1 convolutions, one shifted, joined."""
        if x.shape[-1] == side:
            return x
        active, half = self.active(x), self.filters // 2
        even = self.convolution(f"{name}.even", active, half, 1, stride=2)
        odd = self.convolution(f"{name}.odd", active, self.filters - half, 1, stride=2)
        return self.join(name, [even, odd])

    def join(self, name: str, parts: list[Tensor]) -> Tensor:
        """The concatenation of states along the channels."""
        batch, _, *places = parts[0].shape
        shape = (batch, sum(part.shape[1] for part in parts), *places)
        return move(self.graph, f"{self.name}.{name}", "concat", parts, shape)

    def _widened(self, name: str, x: Tensor) -> Tensor:
        if x.shape[1] == self.filters:
            return x
        return self.convolution(f"{name}.width", x, self.filters, 1)


def _same(x: Tensor, kernel: tuple[int, int], stride: int, dilation: int) -> Sliding:
    """The window that visits ``ceil(size / stride)`` places along each axis."""
    total = [
        max(0, (math.ceil(size / stride) - 1) * stride + dilation * (taps - 1) + 1 - size)
        for size, taps in zip(x.shape[2:], kernel, strict=True)
    ]
    before = [pad // 2 for pad in total]
    after = [pad - first for pad, first in zip(total, before, strict=True)]
    return Sliding(kernel, (stride, stride), (*before, *after), (dilation, dilation))


def _identity(cell: CellBuilder, name: str, x: Tensor, stride: int) -> Tensor:
    if stride > 1:
        return cell.reduce(name, x, -(-x.shape[-1] // stride))
    return x if x.shape[1] == cell.filters else cell.squeeze(name, x)


def _separable(size: int) -> Apply:
    """Twice: ReLU, a depthwise and a pointwise convolution."""

    def apply(cell: CellBuilder, name: str, x: Tensor, stride: int) -> Tensor:
        for step, stride_now in enumerate((stride, 1)):
            active, part = cell.active(x), f"{name}.{step}"
            wide = cell.convolution(
                f"{part}.depthwise", active, x.shape[1], size, stride=stride_now, groups=x.shape[1]
            )
            x = cell.convolution(f"{part}.pointwise", wide, cell.filters, 1)
        return x

    return apply


def _dilated(cell: CellBuilder, name: str, x: Tensor, stride: int) -> Tensor:
    active, channels = cell.active(x), x.shape[1]
    wide = cell.convolution(
        f"{name}.depthwise", active, channels, 3, stride=stride, dilation=2, groups=channels
    )
    return cell.convolution(f"{name}.pointwise", wide, cell.filters, 1)


def _pointwise(cell: CellBuilder, name: str, x: Tensor, stride: int) -> Tensor:
    return cell.convolution(name, cell.active(x), cell.filters, 1, stride=stride)


def _bottleneck(*kernels: tuple[int, int]) -> Apply:
    """To a quarter of the channels, the given convolutions, and back; a ReLU before each."""

    def apply(cell: CellBuilder, name: str, x: Tensor, stride: int) -> Tensor:
        narrow = cell.filters // _BOTTLENECK
        x = cell.convolution(f"{name}.narrow", cell.active(x), narrow, 1)
        for step, kernel in enumerate(kernels):
            step_stride = stride if step == 0 else 1
            x = cell.convolution(f"{name}.{step}", cell.active(x), narrow, *kernel, stride=step_stride)
        return cell.convolution(f"{name}.wide", cell.active(x), cell.filters, 1)

    return apply


def _pooling(kind: str, size: int) -> Apply:
    return lambda cell, name, x, stride: cell.pool(name, kind, x, size, stride)


Apply = Callable[[CellBuilder, str, Tensor, int], Tensor]
OPERATIONS: Mapping[Operation, Apply] = {
    "identity": _identity,
    "sep_conv_3x3": _separable(3),
    "sep_conv_5x5": _separable(5),
    "sep_conv_7x7": _separable(7),
    "dil_conv_3x3": _dilated,
    "conv_1x1": _pointwise,
    "conv_3x3": _bottleneck((3, 3)),
    "conv_1x7_7x1": _bottleneck((1, 7), (7, 1)),
    "max_pool_2x2": _pooling("max_pool", 2),
    "max_pool_3x3": _pooling("max_pool", 3),
    "avg_pool_3x3": _pooling("average_pool", 3),
}
"""How each operation of a genotype is built."""
