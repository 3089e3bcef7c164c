"""Kinds that move elements, and those that only see them in another shape."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, NonNegativeInt, PositiveInt

from hwsim.spec.errors import InputError
from hwsim.workload.graph import Graph
from hwsim.workload.kinds.base import Dimension, Name, OperatorSpec, Sizes, axis_of, shape_of
from hwsim.workload.layers.move import cut, gather, move, resize
from hwsim.workload.layers.vector import broadcast

_MANY = 1000


class ReshapeSpec(OperatorSpec):
    """The same elements in the same order in another shape; costs nothing."""

    KINDS: ClassVar = ("reshape",)
    kind: Literal["reshape"]
    shape: tuple[Dimension | Literal[-1], ...]
    """The new shape; one size may be -1: what is left."""

    def build(self, graph: Graph, sizes: Sizes) -> None:
        """Add the view."""
        (x,) = self.operands(graph)
        known = shape_of(tuple(size for size in self.shape if size != -1), sizes)
        rest = x.elements
        for size in known:
            rest //= size
        shape = tuple(rest if size == -1 else shape_of((size,), sizes)[0] for size in self.shape)
        graph.view(self.name, x, shape)


class IdentitySpec(OperatorSpec):
    """The tensor itself under another name (dropout at inference); costs nothing."""

    KINDS: ClassVar = ("identity",)
    kind: Literal["identity"]

    def build(self, graph: Graph, sizes: Sizes) -> None:
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

    def build(self, graph: Graph, sizes: Sizes) -> None:
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

    def build(self, graph: Graph, sizes: Sizes) -> None:
        """Add the copy."""
        (x,) = self.operands(graph)
        if sorted(self.order) != list(range(len(x.shape))):
            raise InputError(f"'order' {list(self.order)} is no order of the axes of {list(x.shape)}")
        move(graph, self.name, "transpose", (x,), tuple(x.shape[axis] for axis in self.order))


class GatherSpec(OperatorSpec):
    """The rows of the first input that the second (indices) names; only these rows are read."""

    KINDS: ClassVar = ("gather",)
    INPUTS: ClassVar = (2, 2)
    kind: Literal["gather"]

    def build(self, graph: Graph, sizes: Sizes) -> None:
        """Add the look-up."""
        table, indices = self.operands(graph)
        gather(graph, self.name, table, indices)


class EmbeddingSpec(OperatorSpec):
    """The rows of a table of its own, NAME.weight [rows, width], that the input names."""

    KINDS: ClassVar = ("embedding",)
    kind: Literal["embedding"]
    rows: PositiveInt
    """How many rows the table has."""
    width: PositiveInt
    """How many values a row has."""

    def build(self, graph: Graph, sizes: Sizes) -> None:
        """Add the look-up."""
        (indices,) = self.operands(graph)
        gather(graph, self.name, graph.weight(f"{self.name}.weight", (self.rows, self.width)), indices)


class SliceSpec(OperatorSpec):
    """A part of a tensor: from ``start`` up to but without ``stop`` along each of ``axes``, each ``step``-th."""

    KINDS: ClassVar = ("slice",)
    kind: Literal["slice"]
    axes: tuple[int, ...]
    """The axes that are cut."""
    start: tuple[int, ...]
    """The first place along each; negative counts from the end."""
    stop: tuple[int, ...]
    """The place behind the last; negative counts from the end, too large means the end."""
    step: tuple[PositiveInt, ...] = ()
    """The distance between places (1 where none are given)."""

    def build(self, graph: Graph, sizes: Sizes) -> None:
        """Add the copy of the part."""
        (x,) = self.operands(graph)
        steps = self.step or (1,) * len(self.axes)
        if not len(self.axes) == len(self.start) == len(self.stop) == len(steps):
            raise InputError(f"{self.name!r} needs as many of 'start', 'stop' and 'step' as 'axes'")
        shape = list(x.shape)
        for axis, start, stop, step in zip(self.axes, self.start, self.stop, steps, strict=True):
            place = axis_of(axis, x)
            shape[place] = len(range(shape[place])[start:stop:step])
        cut(graph, self.name, "slice", x, tuple(shape))


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

    def build(self, graph: Graph, sizes: Sizes) -> None:
        """Add a copy for each part."""
        (x,) = self.operands(graph)
        axis = axis_of(self.axis, x)
        if sum(self.sizes) != x.shape[axis] or len(self.sizes) != len(self.outputs):
            raise InputError(f"{self.name!r}: parts {list(self.sizes)} of an axis of {x.shape[axis]}")
        for name, size in zip(self.outputs, self.sizes, strict=True):
            cut(graph, name, "split", x, (*x.shape[:axis], size, *x.shape[axis + 1 :]))


class PadSpec(OperatorSpec):
    """A tensor with elements added around it."""

    KINDS: ClassVar = ("pad",)
    kind: Literal["pad"]
    padding: tuple[NonNegativeInt, ...]
    """What is added before each axis, then what is added behind each."""

    def build(self, graph: Graph, sizes: Sizes) -> None:
        """Add the copy."""
        (x,) = self.operands(graph)
        count = len(x.shape)
        if len(self.padding) != 2 * count:
            raise InputError(f"'padding' needs {2 * count} numbers for {list(x.shape)}")
        begin, end = self.padding[:count], self.padding[count:]
        shape = tuple(sum(parts) for parts in zip(x.shape, begin, end, strict=True))
        move(graph, self.name, "pad", (x,), shape)


class ResizeSpec(OperatorSpec):
    """A tensor stretched to another shape."""

    KINDS: ClassVar = ("resize",)
    kind: Literal["resize"]
    scales: tuple[Annotated[float, Field(gt=0)], ...]
    """By how much each axis is stretched; sizes are rounded down."""
    mode: Literal["nearest", "linear"] = "nearest"
    """Whether an element is its nearest neighbour or interpolated between four."""

    def build(self, graph: Graph, sizes: Sizes) -> None:
        """Add the copy."""
        (x,) = self.operands(graph)
        if len(self.scales) != len(x.shape):
            raise InputError(f"'scales' needs {len(x.shape)} numbers for {list(x.shape)}")
        shape = tuple(int(size * scale) for size, scale in zip(x.shape, self.scales, strict=True))
        resize(graph, self.name, x, shape, self.mode)


class ExpandSpec(OperatorSpec):
    """A tensor repeated along its axes of size 1 (and new ones in front) to fill a shape."""

    KINDS: ClassVar = ("expand",)
    kind: Literal["expand"]
    shape: tuple[Dimension, ...]
    """The shape to fill."""

    def build(self, graph: Graph, sizes: Sizes) -> None:
        """Add the copy."""
        (x,) = self.operands(graph)
        move(graph, self.name, "expand", (x,), broadcast(x.shape, shape_of(self.shape, sizes)))


class UnknownSpec(OperatorSpec):
    """An operator hwsim knows nothing about: it reads its inputs and writes its outputs, and that is what counts."""

    KINDS: ClassVar = ("unknown",)
    INPUTS: ClassVar = (0, _MANY)
    kind: Literal["unknown"]
    operation: str
    """What it is called where it comes from."""
    shape: tuple[Dimension, ...]
    """The shape of its output."""

    def build(self, graph: Graph, sizes: Sizes) -> None:
        """Add the movement of its output."""
        operands = self.operands(graph)
        move(graph, self.name, "unknown", operands, shape_of(self.shape, sizes))
        graph.note(f"{self.operation} ({self.name}) is unknown: only its bytes are modelled")


