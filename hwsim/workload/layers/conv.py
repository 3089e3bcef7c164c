"""Convolutions over one, two or three axes as contractions with sliding windows."""

from __future__ import annotations

from dataclasses import dataclass

from hwsim.spec.errors import InputError
from hwsim.workload.graph import Graph, Shape
from hwsim.workload.layers.contract import contract
from hwsim.workload.operator import Coordinate, window
from hwsim.workload.tensor import Tensor

_OUT = ("Z", "P", "Q")
_IN = ("Z", "H", "W")
_TAP = ("T", "R", "S")


@dataclass(frozen=True, slots=True)
class Sliding:
    """How a window slides, one value an axis; ``padding`` is before the axes, then behind."""

    kernel: Shape
    stride: Shape
    padding: Shape
    dilation: Shape

    def begin(self, axis: int) -> int:
        """Padding before the axis."""
        return self.padding[axis]

    def output(self, size: int, axis: int) -> int:
        """Places of the window along an axis of ``size`` elements.

        Raises:
            InputError: the window does not fit once.
        """
        padded = size + self.padding[axis] + self.padding[axis + len(self.kernel)]
        reach = self.dilation[axis] * (self.kernel[axis] - 1) + 1
        if padded < reach:
            raise InputError(f"a window of {reach} does not fit into {padded} elements, padding included")
        return (padded - reach) // self.stride[axis] + 1


def convolution(
    graph: Graph, name: str, x: Tensor, weight: Tensor, bias: Tensor | None, sliding: Sliding, groups: int = 1
) -> Tensor:
    """Convolve ``x`` [B, C, spatial...] with ``weight`` [filters, C / groups, kernel...].

    Ranks: B images, G groups, N filters of a group, C channels of a group, Z P Q places, T R S taps.

    Raises:
        InputError: the shapes do not fit, or the window does not fit the input.
    """
    axes = len(sliding.kernel)
    filters, channels = weight.shape[0] // groups, weight.shape[1]
    _check(name, x, weight, sliding, groups)
    out, tap = _OUT[-axes:], _TAP[-axes:]
    places = [sliding.output(size, axis) for axis, size in enumerate(x.shape[2:])]
    slides = [
        window(out[axis], sliding.stride[axis], tap[axis], sliding.dilation[axis], sliding.begin(axis))
        for axis in range(axes)
    ]
    channel, filter_ = _grouped("C", channels, groups), _grouped("N", filters, groups)
    operands = [
        (x, (_rank("B"), channel, *slides)),
        (weight, (filter_, _rank("C"), *map(_rank, tap))),
        *([(bias, (filter_,))] if bias else []),
    ]
    sizes = {**dict(zip(out, places, strict=True)), "G": groups, "N": filters, "C": channels}
    output = (_rank("B"), filter_, *map(_rank, out))
    shape = (x.shape[0], weight.shape[0], *places)
    return contract(graph, name, operands, output, kind=f"conv{axes}d", sizes=sizes, shape=shape)


def transposed_convolution(
    graph: Graph, name: str, x: Tensor, weight: Tensor, bias: Tensor | None, sliding: Sliding, extra: Shape
) -> Tensor:
    """The adjoint of a convolution: each place of ``x`` [B, C, ...] adds a window of ``weight`` [C, N,
    kernel...].

    ``extra`` lengthens the output at the end of each axis. Every place and tap counts as a
    multiply-accumulate.
    """
    axes = len(sliding.kernel)
    place, tap = _IN[-axes:], _TAP[-axes:]
    reaches = [
        sliding.stride[axis] * (size - 1) + sliding.dilation[axis] * (sliding.kernel[axis] - 1) + 1
        for axis, size in enumerate(x.shape[2:])
    ]
    cut = [sliding.padding[axis] + sliding.padding[axis + axes] - extra[axis] for axis in range(axes)]
    slides = [
        window(place[axis], sliding.stride[axis], tap[axis], sliding.dilation[axis], sliding.begin(axis))
        for axis in range(axes)
    ]
    operands = [
        (x, tuple(map(_rank, ("B", "C", *place)))),
        (weight, tuple(map(_rank, ("C", "N", *tap)))),
        *([(bias, (_rank("N"),))] if bias else []),
    ]
    shape = (x.shape[0], weight.shape[1], *(reach - less for reach, less in zip(reaches, cut, strict=True)))
    output = (_rank("B"), _rank("N"), *slides)
    return contract(graph, name, operands, output, kind=f"conv_transpose{axes}d", shape=shape)


def _check(name: str, x: Tensor, weight: Tensor, sliding: Sliding, groups: int) -> None:
    axes = len(sliding.kernel)
    if len(x.shape) != axes + 2:
        raise InputError(
            f"{name!r} needs an input with {axes + 2} axes, {x.name!r} has shape {list(x.shape)}"
        )
    if weight.shape[2:] != sliding.kernel:
        raise InputError(
            f"{name!r}: kernel {list(sliding.kernel)}, but {weight.name!r} is {list(weight.shape)}"
        )
    if weight.shape[0] % groups or weight.shape[1] * groups != x.shape[1]:
        raise InputError(
            f"{name!r}: {groups} groups of {weight.shape[1]} channels for an input of {x.shape[1]} channels "
            f"and {weight.shape[0]} filters"
        )


def _rank(name: str) -> Coordinate:
    return Coordinate(((name, 1),))


def _grouped(rank: str, size: int, groups: int) -> Coordinate:
    """Axis of ``groups`` times ``size`` values; a group count or a size of 1 leaves its rank out."""
    if groups == 1:
        return _rank(rank)
    return _rank("G") if size == 1 else Coordinate((("G", size), (rank, 1)))
