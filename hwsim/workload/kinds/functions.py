"""Kinds of vector work: element-wise functions, normalisations, reductions and pools."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

from pydantic import PositiveInt

from hwsim.spec.errors import InputError
from hwsim.workload.graph import Graph
from hwsim.workload.kinds.base import OperatorSpec, axis_of
from hwsim.workload.kinds.windows import Windowed, per_axis
from hwsim.workload.layers.conv import Sliding
from hwsim.workload.layers.vector import (
    batchnorm,
    elementwise,
    local_response,
    normalize,
    pool,
    reduce,
    top_k,
)
from hwsim.workload.layers.work import ELEMENTWISE, FIBERWISE


class ElementwiseSpec(OperatorSpec):
    """A function of elements at one place; several inputs are broadcast against each other."""

    KINDS: ClassVar = tuple(ELEMENTWISE)
    INPUTS: ClassVar = (1, 1000)

    def build(self, graph: Graph) -> None:
        """Add the function."""
        elementwise(graph, self.name, self.kind, *self.operands(graph))


class SoftmaxSpec(OperatorSpec):
    """Softmax or its logarithm along an axis."""

    KINDS: ClassVar = ("softmax", "logsoftmax")
    kind: Literal["softmax", "logsoftmax"]
    axis: int = -1
    """The axis that sums to one."""

    def build(self, graph: Graph) -> None:
        """Add the softmax."""
        (x,) = self.operands(graph)
        normalize(graph, self.name, self.kind, x, x.shape[axis_of(self.axis, x)])


class NormSpec(OperatorSpec):
    """Layer or root-mean-square normalisation of the axes from ``axis`` on.

    With one input gain and (layernorm) bias are its own; else they are the further inputs.
    """

    KINDS: ClassVar = ("layernorm", "rmsnorm")
    INPUTS: ClassVar = (1, 3)
    kind: Literal["layernorm", "rmsnorm"]
    axis: int = -1
    """The first axis normalised."""

    def build(self, graph: Graph) -> None:
        """Add the normalisation."""
        x, *parameters = self.operands(graph)
        shape = x.shape[axis_of(self.axis, x) :]
        names = ("weight", "bias") if self.kind == "layernorm" else ("weight",)
        own = parameters or [graph.weight(f"{self.name}.{name}", shape) for name in names]
        normalize(graph, self.name, self.kind, x, math.prod(shape), own)


class GroupNormSpec(OperatorSpec):
    """Normalisation of groups of channels of [B, C, axes...]: one a channel is instance norm."""

    KINDS: ClassVar = ("groupnorm",)
    INPUTS: ClassVar = (1, 3)
    kind: Literal["groupnorm"]
    groups: PositiveInt
    """How many groups the channels are split into."""

    def build(self, graph: Graph) -> None:
        """Add the normalisation."""
        x, *parameters = self.operands(graph)
        if len(x.shape) < 2 or x.shape[1] % self.groups:
            raise InputError(f"{list(x.shape)} cannot be split into {self.groups} groups of channels")
        own = parameters or [graph.weight(f"{self.name}.{name}", x.shape[1:2]) for name in ("weight", "bias")]
        normalize(graph, self.name, "layernorm", x, math.prod(x.shape[1:]) // self.groups, own)


class BatchNormSpec(OperatorSpec):
    """Batch normalisation at inference of the channels of [B, C, axes...]."""

    KINDS: ClassVar = ("batchnorm",)
    INPUTS: ClassVar = (1, 5)
    kind: Literal["batchnorm"]

    def build(self, graph: Graph) -> None:
        """Add the normalisation."""
        x, *parameters = self.operands(graph)
        if len(x.shape) < 2:
            raise InputError(f"batchnorm needs an axis of channels, {x.name!r} has shape {list(x.shape)}")
        names = ("weight", "bias", "mean", "variance")
        own = parameters or [graph.weight(f"{self.name}.{name}", x.shape[1:2]) for name in names]
        batchnorm(graph, self.name, x, own)


class LocalResponseSpec(OperatorSpec):
    """Local response normalisation across channels."""

    KINDS: ClassVar = ("local_response",)
    kind: Literal["local_response"]
    size: PositiveInt
    """How many neighbouring channels are summed."""

    def build(self, graph: Graph) -> None:
        """Add the normalisation."""
        (x,) = self.operands(graph)
        local_response(graph, self.name, x, self.size)


class ReduceSpec(OperatorSpec):
    """A reduction over axes (all axes where none are given)."""

    KINDS: ClassVar = tuple(kind for kind in FIBERWISE if kind.startswith("reduce_") or kind == "argmax")
    axes: tuple[int, ...] = ()
    """The axes reduced."""
    drop_axes: bool = False
    """Whether reduced axes are dropped; else they stay, with size 1."""

    def build(self, graph: Graph) -> None:
        """Add the reduction."""
        (x,) = self.operands(graph)
        gone = {axis_of(axis, x) for axis in self.axes} or set(range(len(x.shape)))
        kept = tuple(1 if axis in gone else size for axis, size in enumerate(x.shape))
        shape = (
            tuple(size for axis, size in enumerate(x.shape) if axis not in gone) if self.drop_axes else kept
        )
        reduce(graph, self.name, self.kind, x, shape, "int32" if self.kind == "argmax" else None)


class CumulativeSumSpec(OperatorSpec):
    """A running sum along an axis."""

    KINDS: ClassVar = ("cumulative_sum",)
    kind: Literal["cumulative_sum"]
    axis: int = -1
    """The axis summed along."""

    def build(self, graph: Graph) -> None:
        """Add the sum."""
        (x,) = self.operands(graph)
        normalize(graph, self.name, self.kind, x, x.shape[axis_of(self.axis, x)])


class TopKSpec(OperatorSpec):
    """The ``k`` largest elements along the last axis, and their places as NAME.indices."""

    KINDS: ClassVar = ("top_k",)
    kind: Literal["top_k"]
    k: PositiveInt
    """How many are kept."""

    @property
    def produces(self) -> tuple[str, ...]:
        """The elements and their places."""
        return (self.name, f"{self.name}.indices")

    def build(self, graph: Graph) -> None:
        """Add the selection."""
        (x,) = self.operands(graph)
        if not x.shape or self.k > x.shape[-1]:
            raise InputError(f"cannot take {self.k} of the last axis of {list(x.shape)}")
        top_k(graph, self.name, x, self.k)


class PoolSpec(Windowed):
    """The largest element or the mean of each window of [B, C, axes...]."""

    KINDS: ClassVar = ("max_pool", "average_pool")
    kind: Literal["max_pool", "average_pool"]
    kernel: PositiveInt | tuple[PositiveInt, ...]
    """Size of the window."""
    ceil: bool = False
    """Whether a window that reaches over the end counts."""

    def build(self, graph: Graph) -> None:
        """Add the pool."""
        (x,) = self.operands(graph)
        axes = len(x.shape) - 2
        if axes < 1:
            raise InputError(f"{self.kind} needs an input [B, C, axes...], {x.name!r} is {list(x.shape)}")
        sliding = self.sliding(per_axis(self.kernel, axes))
        places = tuple(self._places(sliding, size, axis) for axis, size in enumerate(x.shape[2:]))
        shape = (*x.shape[:2], *places)
        pool(graph, self.name, self.kind, x, shape, math.prod(sliding.kernel))

    def _places(self, sliding: Sliding, size: int, axis: int) -> int:
        if not self.ceil:
            return sliding.output(size, axis)
        stride = sliding.stride[axis]
        places = sliding.output(size + stride - 1, axis)
        starts_inside = (places - 1) * stride < size + sliding.padding[axis]
        return places if starts_inside else places - 1


class GlobalPoolSpec(OperatorSpec):
    """One value a channel of [B, C, axes...], as [B, C, 1...]."""

    KINDS: ClassVar = ("global_max_pool", "global_average_pool")
    kind: Literal["global_max_pool", "global_average_pool"]

    def build(self, graph: Graph) -> None:
        """Add the pool."""
        (x,) = self.operands(graph)
        if len(x.shape) < 3:
            raise InputError(f"{self.kind} needs an input [B, C, axes...], {x.name!r} is {list(x.shape)}")
        shape = (*x.shape[:2], *(1 for _ in x.shape[2:]))
        pool(graph, self.name, self.kind.removeprefix("global_"), x, shape, math.prod(x.shape[2:]))
