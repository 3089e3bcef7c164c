"""NIR's nodes without a state as linear maps, with the shape of what they give and their constant part."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from hwsim.workload.spiking.graph.linear_map import LinearMap, entries, identity
from hwsim.workload.spiking.graph.network_graph import Node
from hwsim.workload.spiking.graph.windows import Windows, windows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Shape = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Operation:
    """What a node does to an input of a certain shape: y = map x + ``constant``."""

    map: LinearMap
    constant: Floats
    shape: Shape


def operation_of(node: Node, shape: Shape) -> Operation:
    """The operation of a node without a state on an input of ``shape``.

    Raises:
        InputError: the node is at fault, or does not go with the shape.
    """
    return _OPERATIONS[node.type](node, shape)


def _affine(node: Node, shape: Shape) -> Operation:
    """y = W x + b over the last dimension."""
    weight = node.value("weight")
    if weight.ndim != 2:
        raise node.wrong(f"weight has {weight.ndim} dimensions; a matrix (outputs, inputs) is understood")
    outputs, inputs = weight.shape
    if shape[-1] != inputs and prod(shape) == inputs:
        shape = (inputs,)
    if shape[-1] != inputs:
        raise node.wrong(f"gets {_said(shape)}, its weight has {inputs} inputs")
    rows = prod(shape[:-1])
    target, source = np.divmod(np.arange(weight.size, dtype=np.int64), inputs)
    row = np.repeat(np.arange(rows, dtype=np.int64), weight.size)
    found = entries(
        np.tile(source, rows) + row * inputs,
        np.tile(target, rows) + row * outputs,
        np.tile(weight.reshape(-1), rows),
        rows * outputs,
        word=np.tile(np.arange(weight.size, dtype=np.int64), rows),
    )
    bias = node.values.get("bias", np.zeros(1)).reshape(-1)
    if len(bias) not in (1, outputs):
        raise node.wrong(f"bias has {len(bias)} entries, its weight {outputs} outputs")
    return Operation(found, np.tile(np.broadcast_to(bias, (outputs,)), rows), (*shape[:-1], outputs))


def _scale(node: Node, shape: Shape) -> Operation:
    """y = s x, entry by entry."""
    scale = fitted(node, "scale", shape)
    every = np.arange(len(scale), dtype=np.int64)
    return Operation(entries(every, every, scale, len(scale)), np.zeros(len(scale)), shape)


def _delay(node: Node, shape: Shape) -> Operation:
    """y(t) = x(t - delay)."""
    delay = fitted(node, "delay", shape)
    if (delay < 0).any():
        raise node.wrong("a delay is negative")
    every = np.arange(len(delay), dtype=np.int64)
    found = entries(every, every, np.ones(len(delay)), len(delay), delay=delay)
    return Operation(found, np.zeros(len(delay)), shape)


def _flatten(node: Node, shape: Shape) -> Operation:
    """The same numbers, dimensions ``start_dim`` to ``end_dim`` as one."""
    start, end = (int(node.value(name)) % len(shape) for name in ("start_dim", "end_dim"))
    given = int(node.value("start_dim"))
    start = min(given, len(shape) - 1) if given > 0 else start
    flat = (*shape[:start], prod(shape[start : end + 1]), *shape[end + 1 :])
    return Operation(identity(prod(shape)), np.zeros(prod(shape)), flat)


def _identity(node: Node, shape: Shape) -> Operation:
    del node
    return Operation(identity(prod(shape)), np.zeros(prod(shape)), shape)


def _convolution(node: Node, shape: Shape) -> Operation:
    """Cross-correlation as in PyTorch: one or two dimensions, strides, padding, dilation, groups."""
    weight = node.value("weight")
    flat = 1 if node.type == "Conv1d" else 2
    if weight.ndim != flat + 2:
        raise node.wrong(f"weight has {weight.ndim} dimensions, not {flat + 2}")
    (groups,) = node.whole("groups", 1, 1)
    outputs, per_group, *kernel = weight.shape
    if outputs % groups:
        raise node.wrong(f"{outputs} output channels do not divide into {groups} groups")
    size = _spatial(node, shape, per_group * groups, flat)
    stride, dilation = node.whole("stride", 1, flat), node.whole("dilation", 1, flat)
    seen = windows(size, tuple(kernel), stride, _padding(node, tuple(kernel), dilation), dilation)
    if not prod(seen.shape):
        raise node.wrong(f"a kernel of {_said(tuple(kernel))} does not fit an input of {_said(size)}")
    bias = node.value("bias").reshape(-1)
    if len(bias) not in (1, outputs):
        raise node.wrong(f"bias has {len(bias)} entries for {outputs} output channels")
    constant = np.repeat(np.broadcast_to(bias, (outputs,)), prod(seen.shape))
    return Operation(_shared(weight, groups, prod(size), seen), np.asarray(constant), (outputs, *seen.shape))


def _shared(weight: Floats, groups: int, positions: int, seen: Windows) -> LinearMap:
    """The entries of a convolution, each with the kernel's number as its word."""
    outputs, per_group = weight.shape[:2]
    out, inner = (each.reshape(-1) for each in np.indices((outputs, per_group)))
    channel = inner + out // (outputs // groups) * per_group
    word = (out * per_group + inner)[:, None] * prod(weight.shape[2:]) + seen.offset
    return entries(
        (channel[:, None] * positions + seen.position).reshape(-1),
        (out[:, None] * prod(seen.shape) + seen.output).reshape(-1),
        weight.reshape(-1)[word.reshape(-1)],
        outputs * prod(seen.shape),
        word=word.reshape(-1),
    )


def _pool(node: Node, shape: Shape) -> Operation:
    """Sums, or averages over whole windows (padding counts as zeros), of each channel."""
    if len(shape) != 3:
        raise node.wrong(f"gets {_said(shape)}; channels, height and width are needed")
    kernel, stride = node.whole("kernel_size", 1, 2), node.whole("stride", 1, 2)
    padding = tuple((each, each) for each in node.whole("padding", 0, 2))
    seen = windows(shape[1:], kernel, stride, padding, (1, 1))
    if not prod(seen.shape):
        raise node.wrong(f"a window of {_said(kernel)} does not fit an input of {_said(shape)}")
    channel = np.arange(shape[0], dtype=np.int64)[:, None]
    source = (channel * prod(shape[1:]) + seen.position).reshape(-1)
    target = (channel * prod(seen.shape) + seen.output).reshape(-1)
    weight = np.full(len(source), 1.0 / prod(kernel) if node.type == "AvgPool2d" else 1.0)
    outputs = shape[0] * prod(seen.shape)
    word = np.zeros(len(source), dtype=np.int64)
    found = entries(source, target, weight, outputs, word=word)
    return Operation(found, np.zeros(outputs), (shape[0], *seen.shape))


def _spatial(node: Node, shape: Shape, channels: int, flat: int) -> Shape:
    """The input's size without its channels: its own, or where it comes flat that of ``input_shape``."""
    if len(shape) != flat + 1 and "input_shape" in node.values:
        shape = (
            (channels, *node.whole("input_shape", 1, flat)) if _same(node, shape, channels, flat) else shape
        )
    if len(shape) != flat + 1 or shape[0] != channels:
        raise node.wrong(f"gets {_said(shape)}; {channels} channels of {flat} dimensions are needed")
    return shape[1:]


def _same(node: Node, shape: Shape, channels: int, flat: int) -> bool:
    return prod(shape) == channels * prod(node.whole("input_shape", 1, flat))


def _padding(node: Node, kernel: Shape, dilation: Shape) -> tuple[tuple[int, int], ...]:
    """Zeros before and after each dimension; ``same`` keeps the size at stride 1, the odd one behind."""
    word = node.words.get("padding")
    if word == "valid":
        return ((0, 0),) * len(kernel)
    if word == "same":
        if set(node.whole("stride", 1, len(kernel))) != {1}:
            raise node.wrong("padding 'same' needs stride 1")
        whole = [apart * (taps - 1) for taps, apart in zip(kernel, dilation, strict=True)]
        return tuple((each // 2, each - each // 2) for each in whole)
    if word is not None:
        raise node.wrong(f"padding {word!r} is not known", "it is 'same', 'valid' or numbers")
    return tuple((each, each) for each in node.whole("padding", 0, len(kernel)))


def fitted(node: Node, attribute: str, shape: Shape) -> Floats:
    """An attribute with a number for each entry of ``shape``, one number standing for all.

    Raises:
        InputError: it has another size.
    """
    given = node.value(attribute)
    if given.size == 1:
        return np.full(prod(shape), float(given.reshape(-1)[0]))
    if given.size == prod(shape):
        return np.asarray(given.reshape(-1), dtype=np.float64)
    try:
        return np.array(np.broadcast_to(given, shape), dtype=np.float64).reshape(-1)
    except ValueError:
        raise node.wrong(f"{attribute} has {_said(given.shape)}, the input {_said(shape)}") from None


def _said(shape: Shape) -> str:
    return " x ".join(map(str, shape)) or "one number"


_OPERATIONS: Mapping[str, Callable[[Node, Shape], Operation]] = {
    "Affine": _affine,
    "Linear": _affine,
    "Scale": _scale,
    "Conv1d": _convolution,
    "Conv2d": _convolution,
    "SumPool2d": _pool,
    "AvgPool2d": _pool,
    "Flatten": _flatten,
    "Delay": _delay,
    "Identity": _identity,
}
