"""ONNX operators that multiply and accumulate."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from hwsim.spec.errors import InputError
from hwsim.workload.importers.onnx_model import Node
from hwsim.workload.importers.onnx_translation import Translation


def conv(translation: Translation, node: Node) -> None:
    """Conv: weights that only this node reads become the operator's own."""
    weight = translation.shape(node.inputs[1])
    groups = node.attributes.get("group", 1)
    _convolve(translation, node, f"conv{len(weight) - 2}d", weight, weight[0], groups=_not(groups, 1))


def conv_transpose(translation: Translation, node: Node) -> None:
    """ConvTranspose without groups."""
    if node.attributes.get("group", 1) != 1:
        raise InputError("a transposed convolution with groups is not supported")
    weight = translation.shape(node.inputs[1])
    extra = _short(node.attributes.get("output_padding"), 0)
    _convolve(translation, node, f"conv_transpose{len(weight) - 2}d", weight, weight[1], output_padding=extra)


def gemm(translation: Translation, node: Node) -> None:
    """Gemm: a linear layer where the weight is a constant of its own, else a product."""
    left, right, bias = node.inputs[0], node.inputs[1], node.input(2)
    transposed = bool(node.attributes.get("transB", 0)), bool(node.attributes.get("transA", 0))
    rows, columns = translation.shape(right)
    features = rows if transposed[0] else columns
    plain = not transposed[1] and translation.own_weight(right) and _is_vector(translation, bias, features)
    if plain:
        translation.emit(node, "linear", [left], right, features=features, bias=bool(bias))
        return
    inputs = [name for name in (left, right, bias) if name]
    translation.emit(
        node, "matmul", inputs, right, transpose_left=transposed[1], transpose_right=transposed[0]
    )


def matmul(translation: Translation, node: Node) -> None:
    """MatMul; a constant matrix of its own on the right makes it a linear layer."""
    left, right = node.inputs[:2]
    shape = translation.shape(right)
    if len(shape) == 2 and translation.own_weight(right) and not translation.is_constant(left):
        translation.emit(node, "linear", [left], right, features=shape[1])
    else:
        translation.emit(node, "matmul", [left, right], right if translation.is_constant(right) else "")


def einsum(translation: Translation, node: Node) -> None:
    """Einsum of two operands whose indices are single letters."""
    equation = str(node.attributes.get("equation", "")).replace(" ", "")
    left, arrow, output = equation.partition("->")
    parts = left.split(",")
    if not arrow or len(parts) != 2 or "." in equation:
        raise InputError(
            f"the equation {equation!r} is not supported", hint="two operands, an arrow, no dots"
        )
    projections = [list(part.upper()) for part in (*parts, output)]
    translation.emit(node, "contraction", node.inputs, projections=projections)


def _convolve(
    translation: Translation,
    node: Node,
    kind: str,
    weight: tuple[int | str, ...],
    filters: int | str,
    **more: Any,
) -> None:
    bias = node.input(2)
    kernel = weight[2:]
    attributes = {**window_attributes(translation, node, kernel), **more}
    own = translation.own_weight(node.inputs[1]) and (not bias or translation.own_weight(bias))
    if own:
        attributes = {"filters": filters, "kernel": _short(kernel, 0), **attributes, "bias": bool(bias)}
        translation.emit(node, kind, node.inputs[:1], node.inputs[1], **attributes)
    else:
        translation.emit(node, kind, [name for name in node.inputs if name], node.inputs[1], **attributes)


def window_attributes(translation: Translation, node: Node, kernel: tuple[int | str, ...]) -> dict[str, Any]:
    """Stride, padding and dilation of a sliding window, as short as our format allows."""
    sizes = [int(size) for size in kernel]
    strides = list(node.attributes.get("strides", [1] * len(sizes)))
    dilations = list(node.attributes.get("dilations", [1] * len(sizes)))
    pads = _padding(translation, node, sizes, strides, dilations)
    return {"stride": _short(strides, 1), "padding": _short(pads, 0), "dilation": _short(dilations, 1)}


def _padding(
    translation: Translation, node: Node, kernel: list[int], strides: list[int], dilations: list[int]
) -> list[int]:
    """Explicit padding; ``auto_pad`` SAME pads to ceil(size / stride) places, an odd one behind if UPPER."""
    mode = node.attributes.get("auto_pad", "NOTSET")
    if mode not in ("SAME_UPPER", "SAME_LOWER"):
        return list(node.attributes.get("pads", [0] * 2 * len(kernel)))
    sizes = [int(size) for size in translation.shape(node.inputs[0])[2:]]
    totals = [
        max(0, (math.ceil(size / stride) - 1) * stride + dilation * (taps - 1) + 1 - size)
        for size, taps, stride, dilation in zip(sizes, kernel, strides, dilations, strict=True)
    ]
    smaller, larger = [total // 2 for total in totals], [total - total // 2 for total in totals]
    return smaller + larger if mode == "SAME_UPPER" else larger + smaller


def _short(values: Any, default: int) -> Any:
    """One number for a list of equal ones, None for the default."""
    if not values:
        return None
    if any(value != values[0] for value in values):
        return list(values)
    return _not(values[0], default)


def _not(value: Any, default: int) -> Any:
    return None if value == default else value


def _is_vector(translation: Translation, bias: str, features: int | str) -> bool:
    return not bias or (translation.own_weight(bias) and translation.shape(bias) == (features,))


PRODUCTS: dict[str, Callable[[Translation, Node], None]] = {
    "Conv": conv,
    "ConvTranspose": conv_transpose,
    "Gemm": gemm,
    "MatMul": matmul,
    "Einsum": einsum,
}
"""The handlers of this module by ONNX operator."""
