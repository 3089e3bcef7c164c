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
from hwsim.workload.importers.onnx_inference import Sizes, inferred_shapes, size_of

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
        return {
            value.name: tuple(size_of(dim) for dim in value.type.tensor_type.shape.dim) for value in wanted
        }

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
        """The shape of tensor ``name``: numbers, parameters, or None for what is neither."""
        if name in self._initializers:
            return tuple(self._initializers[name].dims)
        return self._shapes.get(name)

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
    def _shapes(self) -> dict[str, Sizes]:
        return inferred_shapes(self._proto, self.parameters)

    def _open_sizes(self) -> None:
        """Give the first axis of all inputs the name ``batch``, and other open sizes usable names."""
        values = [value for value in self._proto.graph.input if value.name not in self._initializers]
        shapes = [value.type.tensor_type.shape.dim for value in values]
        firsts = {size_of(dims[0]) for dims in shapes if dims}
        self._batch = next((size for size in firsts if isinstance(size, int)), 1)
        for value, dims in zip(values, shapes, strict=True):
            for axis, dim in enumerate(dims):
                if axis == 0 and len(firsts) == 1 and len(dims) > 1:
                    dim.dim_param = BATCH
                elif not isinstance(size_of(dim), int):
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
    _forget_values(proto.graph)
    return proto


def _forget_values(graph: Any) -> None:
    """Drop the values of large constants: only shapes are needed, and inference copies the model."""
    data = ("raw_data", "float_data", "double_data", "int32_data", "int64_data", "uint64_data")
    for tensor in graph.initializer:
        for name in data if _elements(tensor) > _SMALL else ():
            tensor.ClearField(name)


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
