"""Kinds that move elements, and those that only see them in another shape."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

from pydantic import NonNegativeInt, PositiveInt

from hwsim.spec.errors import InputError
from hwsim.workload.graph import Graph
from hwsim.workload.kinds.base import Dimension, Name, OperatorSpec, axis_of
from hwsim.workload.layers.move import cut, gather, move, resize

_MANY = 1000


class ReshapeSpec(OperatorSpec):
    """The same elements in the same order in another shape; costs nothing."""

    KINDS: ClassVar = ("reshape",)
    kind: Literal["reshape"]
    shape: tuple[Dimension | Literal[-1], ...]
    """The new shape; one size may be -1: what is left."""

    def build(self, graph: Graph) -> None:
        """Add the view."""
        (x,) = self.operands(graph)
        known = graph.shape(tuple(size for size in self.shape if size != -1))
        rest = x.elements
        for size in known:
            rest //= size
        shape = tuple(rest if size == -1 else graph.shape((size,))[0] for size in self.shape)
        graph.view(self.name, x, shape)


class IdentitySpec(OperatorSpec):
    """The tensor itself under another name (dropout at inference); costs nothing."""

    KINDS: ClassVar = ("identity",)
    kind: Literal["identity"]

    def build(self, graph: Graph) -> None:
        """Add the view."""
        (x,) = self.operands(graph)
        graph.view(self.name, x, x.shape)


class ConcatSpec(OperatorSpec):
    """Tensors one behind the other along an axis."""

    KINDS: ClassVar = ("concat",)
    INPUTS: ClassVar = (1, _MANY)
    kind: Literal["concat"]
    axis: int
    """The axis along which they are joined."""

    def build(self, graph: Graph) -> None:
        """Add the copy."""
        parts = self.operands(graph)
        axis = axis_of(self.axis, parts[0])
        others = {(*part.shape[:axis], *part.shape[axis + 1 :]) for part in parts}
        if len(others) > 1 or any(len(part.shape) != len(parts[0].shape) for part in parts):
            shapes = ", ".join(str(list(part.shape)) for part in parts)
            raise InputError(f"{self.name!r} cannot join {shapes} along axis {axis}")
        joined = sum(part.shape[axis] for part in parts)
        shape = (*parts[0].shape[:axis], joined, *parts[0].shape[axis + 1 :])
        move(graph, self.name, "concat", parts, shape)


class TransposeSpec(OperatorSpec):
    """The axes in another order, in memory too."""

    KINDS: ClassVar = ("transpose",)
    kind: Literal["transpose"]
    order: tuple[NonNegativeInt, ...]
    """For each axis of the output the axis of the input."""

    def build(self, graph: Graph) -> None:
        """Add the copy."""
        (x,) = self.operands(graph)
        if sorted(self.order) != list(range(len(x.shape))):
            raise InputError(f"'order' {list(self.order)} is no order of the axes of {list(x.shape)}")
        move(graph, self.name, "transpose", (x,), tuple(x.shape[axis] for axis in self.order))


class GatherSpec(OperatorSpec):
    """The slices of the first input that the second (indices) names; only these are read."""

    KINDS: ClassVar = ("gather",)
    INPUTS: ClassVar = (2, 2)
    kind: Literal["gather"]
    axis: int = 0
    """The axis that the indices count along."""

    def build(self, graph: Graph) -> None:
        """Add the look-up."""
        table, indices = self.operands(graph)
        gather(graph, self.name, table, indices, axis_of(self.axis, table))


class EmbeddingSpec(OperatorSpec):
    """The rows of a table of its own, NAME.weight [rows, width], that the input names."""

    KINDS: ClassVar = ("embedding",)
    kind: Literal["embedding"]
    rows: PositiveInt
    """How many rows the table has."""
    width: PositiveInt
    """How many values a row has."""

    def build(self, graph: Graph) -> None:
        """Add the look-up."""
        (indices,) = self.operands(graph)
        gather(graph, self.name, graph.weight(f"{self.name}.weight", (self.rows, self.width)), indices)


class ShapedSpec(OperatorSpec):
    """An operator that moves elements into a given shape."""

    shape: tuple[Dimension, ...]
    """The shape of its output."""


class SliceSpec(ShapedSpec):
    """A part of a tensor; only the part is read. Where it begins makes no difference to the cost."""

    KINDS: ClassVar = ("slice",)
    kind: Literal["slice"]

    def build(self, graph: Graph) -> None:
        """Add the copy of the part."""
        (x,) = self.operands(graph)
        shape = graph.shape(self.shape)
        if math.prod(shape) > x.elements:
            raise InputError(f"{list(shape)} is no part of {x.name!r} of shape {list(x.shape)}")
        cut(graph, self.name, "slice", x, shape)


class SplitSpec(OperatorSpec):
    """A tensor cut along an axis into the tensors ``outputs``, of ``sizes``."""

    KINDS: ClassVar = ("split",)
    kind: Literal["split"]
    axis: int
    """The axis that is cut."""
    sizes: tuple[PositiveInt, ...]
    """How much of the axis each part has."""
    outputs: tuple[Name, ...]
    """The names of the parts."""

    @property
    def produces(self) -> tuple[str, ...]:
        """The names of the parts."""
        return self.outputs

    def build(self, graph: Graph) -> None:
        """Add a copy for each part."""
        (x,) = self.operands(graph)
        axis = axis_of(self.axis, x)
        if sum(self.sizes) != x.shape[axis] or len(self.sizes) != len(self.outputs):
            raise InputError(f"{self.name!r}: parts {list(self.sizes)} of an axis of {x.shape[axis]}")
        for name, size in zip(self.outputs, self.sizes, strict=True):
            cut(graph, name, "split", x, (*x.shape[:axis], size, *x.shape[axis + 1 :]))


class RearrangeSpec(ShapedSpec):
    """Elements moved one by one into another shape: padded, repeated, interleaved."""

    KINDS: ClassVar = ("pad", "expand", "rearrange", "scatter")
    INPUTS: ClassVar = (1, 3)
    kind: Literal["pad", "expand", "rearrange", "scatter"]

    def build(self, graph: Graph) -> None:
        """Add the copy."""
        move(graph, self.name, self.kind, self.operands(graph), graph.shape(self.shape))


class ResizeSpec(ShapedSpec):
    """A tensor stretched to another shape."""

    KINDS: ClassVar = ("resize",)
    kind: Literal["resize"]
    mode: Literal["nearest", "linear"] = "nearest"
    """Whether an element is its nearest neighbour or interpolated between four."""

    def build(self, graph: Graph) -> None:
        """Add the copy."""
        (x,) = self.operands(graph)
        resize(graph, self.name, x, graph.shape(self.shape), self.mode)


class UnknownSpec(ShapedSpec):
    """An operator hwsim knows nothing about: that it reads its inputs and writes its output counts."""

    KINDS: ClassVar = ("unknown",)
    INPUTS: ClassVar = (0, _MANY)
    kind: Literal["unknown"]
    operation: str
    """What it is called where it comes from."""

    def build(self, graph: Graph) -> None:
        """Add the movement of its output."""
        move(graph, self.name, "unknown", self.operands(graph), graph.shape(self.shape))
        graph.note(f"{self.operation} ({self.name}) is unknown: only its bytes are modelled")
