"""An ONNX file as plain data: nodes, shapes with named sizes, weights and constants."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from hwsim.spec.errors import InputError
from hwsim.spec.files import read_bytes

Size = int | str | None
Sizes = tuple[Size, ...]

BATCH = "batch"
_SMALL = 4096


@dataclass(frozen=True, slots=True)
class Node:
    """One ONNX node; absent optional inputs are empty texts."""

    operation: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Any]

    def input(self, index: int) -> str:
        """The input at ``index``, empty where it is absent."""
        return self.inputs[index] if index < len(self.inputs) else ""


class Model:
    """The graph of an ONNX file.

    Sizes are whole numbers, names of parameters, or None where they cannot be inferred. The first axis of the
    inputs is the parameter ``batch`` where all inputs agree on it; other open sizes keep their names.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._proto = _load(path)
        graph = self._proto.graph
        self.nodes = tuple(_node(node) for node in graph.node)
        self.outputs = tuple(output.name for output in graph.output)
        self.opset = max(
            (each.version for each in self._proto.opset_import if each.domain in ("", "ai.onnx")), default=1
        )
        self._initializers = {tensor.name: tensor for tensor in graph.initializer}
        self._open_sizes()
        self._uses = Counter(name for node in self.nodes for name in node.inputs)

    @cached_property
    def inputs(self) -> dict[str, Sizes]:
        """The inputs that come from outside and that some node reads, with their shapes."""
        graph = self._proto.graph
        wanted = [
            value for value in graph.input if value.name not in self._initializers and self._uses[value.name]
        ]
        return {value.name: tuple(_size(dim) for dim in value.type.tensor_type.shape.dim) for value in wanted}

    @cached_property
    def parameters(self) -> dict[str, int]:
        """The value of every named size of the inputs."""
        names = [size for shape in self.inputs.values() for size in shape if isinstance(size, str)]
        return {name: self._batch if name == BATCH else 1 for name in dict.fromkeys(names)}

    def uses(self, name: str) -> int:
        """How many nodes read the tensor ``name``."""
        return self._uses[name]

    def is_initializer(self, name: str) -> bool:
        """Whether ``name`` is a constant stored in the file."""
        return name in self._initializers

    def shape(self, name: str) -> Sizes | None:
        """The shape of tensor ``name``: named sizes kept where they are inferred, else their value; None:
        unknown."""
        if name in self._initializers:
            return tuple(self._initializers[name].dims)
        named, valued = self._shapes
        if name not in valued:
            return named.get(name)
        known = named.get(name, ())
        if len(known) != len(valued[name]):
            return valued[name]
        pairs = zip(known, valued[name], strict=True)
        return tuple(
            size if isinstance(size, str) and size in self.parameters else value for size, value in pairs
        )

    def values(self, name: str) -> list[Any] | None:
        """The values of a small constant, flat; None where it is none."""
        return self._values.get(name)

    @cached_property
    def _values(self) -> dict[str, list[Any]]:
        from onnx import numpy_helper

        constants = dict(self._initializers)
        for node in self.nodes:
            if node.operation == "Constant" and "value" in node.attributes:
                constants[node.outputs[0]] = node.attributes["value"]
        small = {name: tensor for name, tensor in constants.items() if _elements(tensor) <= _SMALL}
        inline = {name: tensor for name, tensor in small.items() if tensor.data_location != 1}
        found = {name: numpy_helper.to_array(tensor).ravel().tolist() for name, tensor in inline.items()}
        return {**found, **dict(self._short_constants())}

    def _short_constants(self) -> Iterable[tuple[str, list[Any]]]:
        for node in self.nodes:
            for key in ("value_int", "value_ints", "value_float", "value_floats"):
                if node.operation == "Constant" and key in node.attributes:
                    value = node.attributes[key]
                    yield node.outputs[0], list(value) if isinstance(value, list | tuple) else [value]

    @cached_property
    def _shapes(self) -> tuple[dict[str, Sizes], dict[str, Sizes]]:
        """Inferred shapes, once with named sizes and once with their values."""
        named = _inferred(self._proto)
        for value in self._proto.graph.input:
            for dim in value.type.tensor_type.shape.dim:
                if _size(dim) in self.parameters:
                    dim.dim_value = self.parameters[dim.dim_param]
        return named, _inferred(self._proto)

    def _open_sizes(self) -> None:
        """Give the first axis of all inputs the name ``batch``, and other open sizes usable names."""
        values = [value for value in self._proto.graph.input if value.name not in self._initializers]
        shapes = [value.type.tensor_type.shape.dim for value in values]
        firsts = {_size(dims[0]) for dims in shapes if dims}
        self._batch = next((size for size in firsts if isinstance(size, int)), 1)
        for value, dims in zip(values, shapes, strict=True):
            for axis, dim in enumerate(dims):
                if axis == 0 and len(firsts) == 1 and len(dims) > 1:
                    dim.dim_param = BATCH
                elif not isinstance(_size(dim), int):
                    dim.dim_param = re.sub(r"\W", "_", dim.dim_param or f"{value.name}_{axis}")


def _load(path: Path) -> Any:
    content = read_bytes(path)
    try:
        import onnx
    except ImportError as error:
        hint = "install it: pip install 'hwsim[onnx]'"
        raise InputError(f"reading {str(path)!r} needs the package onnx", hint=hint) from error
    try:
        proto = onnx.load_model_from_string(content)
    except Exception as error:  # protobuf raises classes of its own, by implementation
        raise InputError(f"{path}: not an ONNX model, or cut off: {str(error).splitlines()[0]}") from error
    if not proto.graph.node:
        raise InputError(f"{path}: not an ONNX model: it has no graph", hint="is the file cut off?")
    return proto


def _inferred(proto: Any) -> dict[str, Sizes]:
    from onnx import shape_inference

    graph = shape_inference.infer_shapes(proto, data_prop=True).graph
    known = [
        value
        for value in (*graph.value_info, *graph.input, *graph.output)
        if value.type.HasField("tensor_type")
    ]
    shaped = [value for value in known if value.type.tensor_type.HasField("shape")]
    return {value.name: tuple(_size(dim) for dim in value.type.tensor_type.shape.dim) for value in shaped}


def _size(dim: Any) -> Size:
    if dim.HasField("dim_value"):
        return int(dim.dim_value)
    return dim.dim_param or None


def _elements(tensor: Any) -> int:
    count = 1
    for size in tensor.dims:
        count *= size
    return count


def _node(proto: Any) -> Node:
    from onnx import helper

    attributes = {
        each.name: helper.get_attribute_value(each) for each in proto.attribute if each.type not in (5, 10)
    }
    decoded = {
        key: value.decode() if isinstance(value, bytes) else value for key, value in attributes.items()
    }
    return Node(proto.op_type, proto.name, tuple(proto.input), tuple(proto.output), decoded)
