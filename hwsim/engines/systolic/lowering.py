"""Convolution as matrix multiplication: which M, N and K a layer puts on the array."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Gemm:
    """``groups`` independent products of an M x K by a K x N matrix.

    M counts output pixels (times batch) or tokens, N filters or output features, K the reduction.
    """

    M: int
    N: int
    K: int
    groups: int = 1

    @property
    def macs(self) -> int:
        """Multiply-accumulates of the whole operator."""
        return self.groups * self.M * self.N * self.K


@dataclass(frozen=True, slots=True)
class Conv:
    """A two-dimensional convolution over an input that is padded already.

    Sizes in elements. ``channels`` and ``filters`` are those of the whole layer; with ``groups`` > 1 each
    group sees ``channels / groups`` of the first and makes ``filters / groups`` of the second (depthwise:
    groups = channels).
    """

    ifmap_h: int
    ifmap_w: int
    filter_h: int
    filter_w: int
    channels: int
    filters: int
    stride_h: int = 1
    stride_w: int = 1
    groups: int = 1
    batch: int = 1

    @property
    def out_h(self) -> int:
        """Rows of the output, see :func:`output_size`."""
        return output_size(self.ifmap_h, self.filter_h, self.stride_h)

    @property
    def out_w(self) -> int:
        """Columns of the output, see :func:`output_size`."""
        return output_size(self.ifmap_w, self.filter_w, self.stride_w)

    @property
    def channels_per_group(self) -> int:
        """Input channels that one filter reduces over."""
        return self.channels // self.groups

    def lowered(self) -> Gemm:
        """The layer as a product: M = batch x output pixels, N = filters and K = window of one group."""
        return Gemm(
            M=self.batch * self.out_h * self.out_w,
            N=self.filters // self.groups,
            K=self.filter_h * self.filter_w * self.channels_per_group,
            groups=self.groups,
        )


def output_size(ifmap: int, window: int, stride: int) -> int:
    """Windows along one axis: ``ceil((ifmap - window + stride) / stride)``.

    Rounds up, as SCALE-Sim does: a last window that reaches over the edge counts, its outside reads nothing.
    Where the stride divides ``ifmap - window`` (or the caller cut the input to fit) this is the usual size.
    """
    return -(-(ifmap - window + stride) // stride)
