"""ONNX operators that reduce: softmax, normalisations, reductions, pools."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hwsim.spec.errors import InputError
from hwsim.workload.importers.onnx_model import Node
from hwsim.workload.importers.onnx_products import window_attributes
from hwsim.workload.importers.onnx_translation import Translation

_REDUCTIONS = {
    "ReduceSum": "reduce_sum",
    "ReduceMean": "reduce_mean",
    "ReduceMax": "reduce_max",
    "ReduceMin": "reduce_min",
    "ReduceProd": "reduce_product",
    "ReduceSumSquare": "reduce_sum_square",
    "ReduceL1": "reduce_l1",
    "ReduceL2": "reduce_l2",
}
_NORMS = {
    "LayerNormalization": "layernorm",
    "RMSNormalization": "rmsnorm",
    "SimplifiedLayerNormalization": "rmsnorm",
}
_POOLS = {
    "MaxPool": "max_pool",
    "AveragePool": "average_pool",
    "GlobalMaxPool": "global_max_pool",
    "GlobalAveragePool": "global_average_pool",
}
_SOFTMAX_BY_AXIS = 13


def softmax(translation: Translation, node: Node) -> None:
    """Softmax and LogSoftmax; before opset 13 all axes from ``axis`` (by default 1) sum to one together."""
    kind = "softmax" if node.operation == "Softmax" else "logsoftmax"
    by_axis = translation.model.opset >= _SOFTMAX_BY_AXIS
    axis = node.attributes.get("axis", -1 if by_axis else 1)
    shape = translation.shape(node.inputs[0])
    place = axis % len(shape)
    if by_axis or all(size == 1 for size in shape[place + 1 :]) or place == len(shape) - 1:
        translation.emit(node, kind, node.inputs[:1], axis=None if place == len(shape) - 1 else place)
        return
    flat = translation.emit(node, "reshape", node.inputs[:1], shape=[*shape[:place], -1])
    translation.bind(node.inputs[0] + ":flat", flat)
    normed = translation.emit(node, kind, [node.inputs[0] + ":flat"])
    translation.bind(node.outputs[0] + ":flat", normed)
    translation.emit(node, "reshape", [node.outputs[0] + ":flat"], shape=list(shape))


def norm(translation: Translation, node: Node) -> None:
    """Layer and root-mean-square normalisation of the axes from ``axis`` on."""
    axis = node.attributes.get("axis", -1)
    kind = _NORMS[node.operation]
    rank = len(translation.shape(node.inputs[0]))
    parameters = [name for name in node.inputs[1:] if name]
    own = len(parameters) == (2 if kind == "layernorm" else 1) and all(
        map(translation.own_weight, parameters)
    )
    inputs = node.inputs[:1] if own else [name for name in node.inputs if name]
    translation.emit(node, kind, inputs, axis=None if axis in (-1, rank - 1) else axis)


def batchnorm(translation: Translation, node: Node) -> None:
    """Batch normalisation at inference."""
    own = all(map(translation.own_weight, node.inputs[1:5]))
    translation.emit(node, "batchnorm", node.inputs[: 1 if own else 5])


def groupnorm(translation: Translation, node: Node) -> None:
    """Group normalisation; one group a channel is instance normalisation."""
    channels = translation.shape(node.inputs[0])[1]
    own = all(map(translation.own_weight, node.inputs[1:3]))
    groups = node.attributes.get("num_groups", channels)
    translation.emit(node, "groupnorm", node.inputs[: 1 if own else 3], groups=groups)


def local_response(translation: Translation, node: Node) -> None:
    """Local response normalisation."""
    translation.emit(node, "local_response", node.inputs[:1], size=node.attributes["size"])


def reduction(translation: Translation, node: Node) -> None:
    """A reduction whose axes are an attribute or a constant input."""
    axes = _axes(translation, node)
    if axes is None and node.attributes.get("noop_with_empty_axes"):
        translation.same(node)
        return
    drops = not node.attributes.get("keepdims", 1)
    translation.emit(node, _REDUCTIONS[node.operation], node.inputs[:1], axes=axes, drop_axes=drops)


def argmax(translation: Translation, node: Node) -> None:
    """ArgMax and ArgMin along one axis."""
    drops = not node.attributes.get("keepdims", 1)
    translation.emit(node, "argmax", node.inputs[:1], axes=[node.attributes.get("axis", 0)], drop_axes=drops)


def cumulative_sum(translation: Translation, node: Node) -> None:
    """CumSum along a constant axis."""
    axis = translation.model.values(node.inputs[1])
    if not axis:
        raise InputError("the axis is not a constant")
    translation.emit(node, "cumulative_sum", node.inputs[:1], axis=axis[0])


def top_k(translation: Translation, node: Node) -> None:
    """TopK along the last axis."""
    shape = translation.shape(node.inputs[0])
    if node.attributes.get("axis", -1) not in (-1, len(shape) - 1):
        raise InputError("only the last axis is supported")
    name = translation.emit(node, "top_k", node.inputs[:1], k=translation.shape(node.outputs[0])[-1])
    translation.bind(node.outputs[1], f"{name}.indices")


def pool(translation: Translation, node: Node) -> None:
    """Pools over windows and over whole channels."""
    attributes: dict[str, Any] = {}
    if "kernel_shape" in node.attributes:
        kernel = node.attributes["kernel_shape"]
        attributes = {"kernel": _one(kernel), **window_attributes(translation, node, tuple(kernel))}
        attributes["ceil"] = bool(node.attributes.get("ceil_mode", 0))
    if len(node.outputs) > 1 and translation.model.uses(node.outputs[1]):
        raise InputError("the places of the largest elements are not supported as an output")
    translation.emit(node, _POOLS[node.operation], node.inputs[:1], **attributes)


def _one(values: list[int]) -> int | list[int]:
    return values[0] if len(set(values)) == 1 else list(values)


def _axes(translation: Translation, node: Node) -> list[int] | None:
    if "axes" in node.attributes:
        return list(node.attributes["axes"])
    if not node.input(1):
        return None
    axes = translation.model.values(node.inputs[1])
    if axes is None:
        raise InputError("the axes are not constants")
    return axes or None


REDUCTIONS: dict[str, Callable[[Translation, Node], None]] = {
    "Softmax": softmax,
    "LogSoftmax": softmax,
    **dict.fromkeys(_NORMS, norm),
    "BatchNormalization": batchnorm,
    "GroupNormalization": groupnorm,
    "InstanceNormalization": groupnorm,
    "LRN": local_response,
    **dict.fromkeys(_REDUCTIONS, reduction),
    "ArgMax": argmax,
    "ArgMin": argmax,
    "CumSum": cumulative_sum,
    "TopK": top_k,
    **dict.fromkeys(_POOLS, pool),
}
"""The handlers of this module by ONNX operator."""
