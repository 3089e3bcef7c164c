"""Attributes of sliding windows, shared by convolutions and pools."""

from __future__ import annotations

from pydantic import NonNegativeInt, PositiveInt

from hwsim.spec.errors import InputError
from hwsim.workload.graph import Shape
from hwsim.workload.kinds.base import OperatorSpec
from hwsim.workload.layers.conv import Sliding


class Windowed(OperatorSpec):
    """An operator that slides a window; one number stands for every axis."""

    kernel: PositiveInt | tuple[PositiveInt, ...] | None = None
    """Size of the window."""
    stride: PositiveInt | tuple[PositiveInt, ...] = 1
    """Step of the window."""
    padding: NonNegativeInt | tuple[NonNegativeInt, ...] = 0
    """Zeros around the input: one number, one an axis, or all before the axes followed by all behind."""
    dilation: PositiveInt | tuple[PositiveInt, ...] = 1
    """Distance between taps."""

    def sliding(self, kernel: Shape) -> Sliding:
        """The window of size ``kernel``.

        Raises:
            InputError: an attribute is given for another number of axes.
        """
        axes = len(kernel)
        padding = self.padding
        if not isinstance(padding, tuple) or len(padding) == axes:
            padding = per_axis(padding, axes) * 2
        return Sliding(
            kernel, per_axis(self.stride, axes), per_axis(padding, 2 * axes), per_axis(self.dilation, axes)
        )


def per_axis(value: int | tuple[int, ...], axes: int) -> Shape:
    """One value an axis.

    Raises:
        InputError: a list of another length.
    """
    if isinstance(value, int):
        return (value,) * axes
    if len(value) != axes:
        raise InputError(f"{list(value)} has {len(value)} values where {axes} are needed")
    return value
