"""Shapes of an ONNX graph with its open sizes kept: inferred twice, the second time with telling values.

A size that changes between the two from an open size's value to its probe is that open size. ONNX's own
inference of named sizes loses them at every constant shape and every product of sizes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Size = int | str | None
Sizes = tuple[Size, ...]

_FIRST_PROBE = 7919  # the thousandth prime: no size that a model is likely to have
_PROBE_STEP = 2


def inferred_shapes(proto: Any, values: Mapping[str, int]) -> dict[str, Sizes]:
    """The shape of every tensor of the model ``proto``, whose inputs' open sizes are named in ``values``.

    A size is a number, a name of ``values``, or None where it depends on them in another way. The sizes of
    the inputs in ``proto`` are overwritten.
    """
    places = [(dim, dim.dim_param) for dim in _input_sizes(proto) if dim.dim_param in values]
    probes = {name: _FIRST_PROBE + _PROBE_STEP * number for number, name in enumerate(values)}
    _set(places, values)
    usual = _infer(proto)
    _forget_shapes(proto)
    _set(places, probes)
    told: dict[tuple[Size, Size], str] = {(values[name], probe): name for name, probe in probes.items()}
    return _merged(usual, _infer(proto), told)


def size_of(dim: Any) -> Size:
    """The size that an ONNX dimension gives: a number, a name, or None."""
    if dim.HasField("dim_value"):
        return int(dim.dim_value)
    return dim.dim_param or None


def _input_sizes(proto: Any) -> Iterable[Any]:
    return (dim for value in proto.graph.input for dim in value.type.tensor_type.shape.dim)


def _set(places: list[tuple[Any, str]], values: Mapping[str, int]) -> None:
    for dim, name in places:
        dim.dim_value = values[name]


def _forget_shapes(proto: Any) -> None:
    """Drop the shapes that the file states for its tensors: they hold for the usual sizes alone."""
    del proto.graph.value_info[:]
    for output in proto.graph.output:
        output.type.tensor_type.ClearField("shape")


def _infer(proto: Any) -> dict[str, Sizes]:
    from onnx import shape_inference

    graph = shape_inference.infer_shapes(proto, data_prop=True).graph
    values = (*graph.value_info, *graph.input, *graph.output)
    tensors = [value for value in values if value.type.HasField("tensor_type")]
    shaped = [value for value in tensors if value.type.tensor_type.HasField("shape")]
    return {value.name: tuple(size_of(dim) for dim in value.type.tensor_type.shape.dim) for value in shaped}


def _merged(
    usual: dict[str, Sizes], probed: dict[str, Sizes], told: Mapping[tuple[Size, Size], str]
) -> dict[str, Sizes]:
    shapes = {}
    for name, sizes in usual.items():
        other = probed.get(name, sizes)
        pairs = list(zip(sizes, other if len(other) == len(sizes) else sizes, strict=True))
        shapes[name] = tuple(told.get(pair, pair[0] if _fixed(pair) else None) for pair in pairs)
    return shapes


def _fixed(pair: tuple[Size, Size]) -> bool:
    """Whether no open size changes the size; where it is not inferred again, it is taken for fixed."""
    usual, probed = pair
    return isinstance(usual, int) and (usual == probed or not isinstance(probed, int))
