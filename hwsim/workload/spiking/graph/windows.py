"""Sliding windows over one or two dimensions: which input position each output position sees where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Windows:
    """Pairs within bounds: ``position`` of the input, ``output`` position, ``offset`` in the kernel, all
    flat; ``shape`` of the output.
    """

    position: Ints
    output: Ints
    offset: Ints
    shape: tuple[int, ...]


def windows(
    size: tuple[int, ...],
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    padding: tuple[tuple[int, int], ...],
    dilation: tuple[int, ...],
) -> Windows:
    """Every pair of a window over ``size``; padding is (before, after) of each dimension.

    The output has floor((size + padding - dilation (kernel - 1) - 1) / stride) + 1 positions.
    """
    axes = [_axis(*each) for each in zip(size, kernel, stride, padding, dilation, strict=True)]
    shape = tuple(axis[3] for axis in axes)
    position, output, offset = axes[0][:3]
    for axis, inputs, taps, outputs in zip(axes[1:], size[1:], kernel[1:], shape[1:], strict=True):
        position = (position[:, None] * inputs + axis[0]).reshape(-1)
        output = (output[:, None] * outputs + axis[1]).reshape(-1)
        offset = (offset[:, None] * taps + axis[2]).reshape(-1)
    return Windows(position, output, offset, shape)


def _axis(
    size: int, kernel: int, stride: int, padding: tuple[int, int], dilation: int
) -> tuple[Ints, Ints, Ints, int]:
    """Pairs of one dimension: input position, output position, kernel offset; and the output's size."""
    outputs = max(0, (size + sum(padding) - dilation * (kernel - 1) - 1) // stride + 1)
    output = np.repeat(np.arange(outputs, dtype=np.int64), kernel)
    offset = np.tile(np.arange(kernel, dtype=np.int64), outputs)
    position = output * stride - padding[0] + offset * dilation
    inside = (position >= 0) & (position < size)
    return position[inside], output[inside], offset[inside], outputs
