"""How each ONNX operator is said in our own format (https://onnx.ai/onnx/operators/)."""

from __future__ import annotations

from collections.abc import Callable

from hwsim.workload.importers.onnx_model import Node
from hwsim.workload.importers.onnx_products import PRODUCTS
from hwsim.workload.importers.onnx_reductions import REDUCTIONS
from hwsim.workload.importers.onnx_shapes import MOVEMENT
from hwsim.workload.importers.onnx_translation import Translation

Handler = Callable[[Translation, Node], None]

ELEMENTWISE = {
    "Add": "add",
    "Sum": "add",
    "Mean": "add",
    "Sub": "subtract",
    "Mul": "multiply",
    "Div": "divide",
    "Mod": "divide",
    "Max": "maximum",
    "Min": "minimum",
    "Exp": "exp",
    "Log": "log",
    "Sqrt": "sqrt",
    "Reciprocal": "reciprocal",
    "Neg": "negate",
    "Abs": "absolute",
    "Erf": "erf",
    "Sin": "sin",
    "Cos": "cos",
    "Floor": "round",
    "Ceil": "round",
    "Round": "round",
    "Sign": "compare",
    "Relu": "relu",
    "ThresholdedRelu": "relu",
    "LeakyRelu": "leaky_relu",
    "PRelu": "prelu",
    "Elu": "elu",
    "Selu": "elu",
    "Celu": "elu",
    "Sigmoid": "sigmoid",
    "HardSigmoid": "hard_sigmoid",
    "HardSwish": "hard_swish",
    "Swish": "silu",
    "Tanh": "tanh",
    "Softplus": "softplus",
    "Mish": "mish",
    "Equal": "compare",
    "Greater": "compare",
    "GreaterOrEqual": "compare",
    "Less": "compare",
    "LessOrEqual": "compare",
    "And": "compare",
    "Or": "compare",
    "Xor": "compare",
    "Not": "compare",
    "IsNaN": "compare",
    "IsInf": "compare",
    "Where": "where",
    "Cast": "cast",
    "CastLike": "cast",
    "QuantizeLinear": "quantize",
    "DequantizeLinear": "dequantize",
}
"""Element-wise operators and the kind each becomes."""

_FIRST_INPUT_ONLY = ("Cast", "CastLike", "Clip", "QuantizeLinear", "DequantizeLinear")


def elementwise(translation: Translation, node: Node) -> None:
    """An operator of :data:`ELEMENTWISE`; scales and limits are attributes in all but name."""
    inputs = [name for name in node.inputs if name]
    kept = inputs[:1] if node.operation in _FIRST_INPUT_ONLY else inputs
    translation.emit(node, ELEMENTWISE[node.operation], kept)


def clip(translation: Translation, node: Node) -> None:
    """Clip, whose limits (attributes or inputs) are constants."""
    translation.emit(node, "clip", node.inputs[:1])


def power(translation: Translation, node: Node) -> None:
    """Pow: a constant exponent of 2 or 0.5 is cheaper than any other."""
    exponent = translation.model.values(node.inputs[1])
    kind = {2.0: "square", 0.5: "sqrt"}.get(exponent[0]) if exponent and len(exponent) == 1 else None
    translation.emit(node, kind or "power", node.inputs[: 1 if kind else 2])


def gelu(translation: Translation, node: Node) -> None:
    """Gelu by the error function, or by tanh where it says so."""
    approximate = node.attributes.get("approximate", "none")
    translation.emit(node, "gelu_tanh" if approximate == "tanh" else "gelu", node.inputs[:1])


HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(ELEMENTWISE, elementwise),
    "Clip": clip,
    "Pow": power,
    "Gelu": gelu,
    "FastGelu": gelu,
    **PRODUCTS,
    **REDUCTIONS,
    **MOVEMENT,
}
"""The handler of every ONNX operator that hwsim knows."""
