"""Kinds that multiply and accumulate."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, NonNegativeInt, PositiveInt

from hwsim.spec.errors import InputError
from hwsim.workload.graph import Graph
from hwsim.workload.kinds.base import Dimension, OperatorSpec
from hwsim.workload.kinds.windows import Windowed, per_axis
from hwsim.workload.layers.contract import contract, projection
from hwsim.workload.layers.conv import convolution, transposed_convolution
from hwsim.workload.layers.linear import linear, matmul
from hwsim.workload.tensor import Tensor


class MatmulSpec(OperatorSpec):
    """The product of two tensors [..., M, K] and [..., K, N], plus a third if given."""

    KINDS: ClassVar = ("matmul",)
    INPUTS: ClassVar = (2, 3)
    kind: Literal["matmul"]
    transpose_left: bool = False
    """Whether the first input is [..., K, M]."""
    transpose_right: bool = False
    """Whether the second input is [..., N, K]."""

    def build(self, graph: Graph) -> None:
        """Add the product."""
        left, right, *bias = self.operands(graph)
        matmul(
            graph,
            self.name,
            left,
            right,
            *bias,
            transpose_left=self.transpose_left,
            transpose_right=self.transpose_right,
        )


class LinearSpec(OperatorSpec):
    """A fully connected layer with its own NAME.weight [K, features] and, with ``bias``, NAME.bias."""

    KINDS: ClassVar = ("linear",)
    kind: Literal["linear"]
    features: PositiveInt
    """Size of the last axis of the output."""
    bias: bool = False
    """Whether a vector is added."""

    def build(self, graph: Graph) -> None:
        """Add the product."""
        (x,) = self.operands(graph)
        linear(graph, self.name, x, self.features, self.bias)


class ConvSpec(Windowed):
    """A convolution over [B, C, axes...] with weights [filters, C / groups, kernel...].

    With one input the weights are its own (NAME.weight, NAME.bias), of ``filters`` and ``kernel``; else they
    are the second input, a bias the third.
    """

    KINDS: ClassVar = ("conv1d", "conv2d", "conv3d")
    INPUTS: ClassVar = (1, 3)
    kind: Literal["conv1d", "conv2d", "conv3d"]
    filters: PositiveInt | None = None
    """How many channels the output has."""
    groups: PositiveInt = 1
    """Into how many groups channels and filters are split; as many as channels: depthwise."""
    bias: bool = False
    """Whether a vector of its own is added."""

    def build(self, graph: Graph) -> None:
        """Add the convolution."""
        x, *rest = self.with_axes(graph)
        weight, bias = self.weights(graph, x, rest, (self.filters, x.shape[1] // self.groups))
        sliding = self.sliding(weight.shape[2:])
        convolution(graph, self.name, x, weight, bias, sliding, self.groups)

    def with_axes(self, graph: Graph) -> tuple[Tensor, ...]:
        """The input tensors, the first of which has as many axes as the kind says.

        Raises:
            InputError: it has not.
        """
        operands = self.operands(graph)
        wanted, shape = int(self.kind[-2]) + 2, list(operands[0].shape)
        if len(shape) != wanted:
            raise InputError(f"{self.kind} needs an input of {wanted} axes, {operands[0].name!r} is {shape}")
        return operands

    def weights(
        self, graph: Graph, x: Tensor, given: list[Tensor], channels: tuple[int | None, int | None]
    ) -> tuple[Tensor, Tensor | None]:
        """The weights and the bias: given as inputs, or made of ``channels`` and the kernel."""
        if given:
            return given[0], given[1] if len(given) > 1 else None
        if self.filters is None or self.kernel is None:
            raise InputError(f"{self.name!r} needs 'filters' and 'kernel', or its weights as a second input")
        first, second = (size or 0 for size in channels)
        weight = graph.weight(
            f"{self.name}.weight", (first, second, *per_axis(self.kernel, len(x.shape) - 2))
        )
        return weight, graph.weight(f"{self.name}.bias", (self.filters,)) if self.bias else None


class ConvTransposeSpec(ConvSpec):
    """The adjoint of a convolution, over [B, C, axes...] with weights [C, filters, kernel...]."""

    KINDS: ClassVar = ("conv_transpose1d", "conv_transpose2d", "conv_transpose3d")
    kind: Literal["conv_transpose1d", "conv_transpose2d", "conv_transpose3d"]  # type: ignore[assignment]
    groups: Literal[1] = 1
    """Only 1 is supported."""
    output_padding: NonNegativeInt | tuple[NonNegativeInt, ...] = 0
    """Elements added at the end of each axis of the output."""

    def build(self, graph: Graph) -> None:
        """Add the transposed convolution."""
        x, *rest = self.with_axes(graph)
        weight, bias = self.weights(graph, x, rest, (x.shape[1], self.filters))
        sliding = self.sliding(weight.shape[2:])
        extra = per_axis(self.output_padding, len(sliding.kernel))
        transposed_convolution(graph, self.name, x, weight, bias, sliding, extra)


class ContractionSpec(OperatorSpec):
    """Any contraction of two tensors, by their coordinates: affine sums of ranks such as ``2*P+R-3``."""

    KINDS: ClassVar = ("contraction",)
    INPUTS: ClassVar = (2, 3)
    kind: Literal["contraction"]
    projections: tuple[tuple[str, ...], ...]
    """The coordinates of each input's axes, in order, and last those of the output."""
    ranks: dict[str, Dimension] = Field(default_factory=dict)
    """Sizes of the ranks that no axis of an input tells."""
    macs: PositiveInt | None = None
    """Multiply-accumulates that matter, where they are fewer than the iteration space has points."""

    def build(self, graph: Graph) -> None:
        """Add the contraction."""
        operands = self.operands(graph)
        if len(self.projections) != len(operands) + 1:
            raise InputError(
                f"{self.name!r} needs {len(operands) + 1} projections: one an input and the output's"
            )
        *parts, output = (projection(words) for words in self.projections)
        ranks = dict(zip(self.ranks, graph.shape(tuple(self.ranks.values())), strict=True))
        pairs = list(zip(operands, parts, strict=True))
        contract(graph, self.name, pairs, output, kind=self.kind, sizes=ranks, macs=self.macs)
