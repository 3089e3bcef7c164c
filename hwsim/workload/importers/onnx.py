"""ONNX graphs (https://onnx.ai/onnx/operators/): each node becomes operators of our own format."""

from __future__ import annotations

from pathlib import Path

from hwsim.spec.errors import InputError, did_you_mean
from hwsim.workload.importers.onnx_model import Model, Node
from hwsim.workload.importers.onnx_nodes import HANDLERS
from hwsim.workload.importers.onnx_translation import Translation
from hwsim.workload.text import workload_text

SUFFIXES = (".onnx",)

_NO_INPUTS_NEEDED = ("Constant", "ConstantOfShape", "RandomNormal", "RandomUniform", "Range", "EyeLike")


def import_text(path: Path, allow_unknown: bool) -> str:
    """The graph in the ONNX file at ``path`` as text in our own YAML.

    Args:
        path: the file.
        allow_unknown: describe an operator nobody knows as ``unknown`` (its bytes count).

    Raises:
        InputError: the package onnx is missing, the file is no sound model, or an operator is not known.
    """
    try:
        return _translated(Model(path), allow_unknown)
    except InputError:
        raise
    except Exception as error:
        # Nothing in a model is checked for its type or sense until it is used: what goes wrong is its fault.
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise InputError(
            f"{path}: the ONNX model is not sound: {reason}", hint="onnx.checker may tell more"
        ) from error


def _translated(model: Model, allow_unknown: bool) -> str:
    translation = Translation(model)
    for node in model.nodes:
        _translate(translation, node, allow_unknown)
    outputs = [translation.operand(name) for name in model.outputs]
    read = {name for operator in translation.operators for name in operator["inputs"]}
    head = {
        "name": model.path.stem.removeprefix("light_"),
        "source": f"imported from {model.path.name}",
        "notes": _notes(model),
        "parameters": model.parameters,
        "outputs": [name for name in outputs if name in read],
    }
    return workload_text(head, {"tensors": translation.tensors, "operators": translation.operators})


def _translate(translation: Translation, node: Node, allow_unknown: bool) -> None:
    if _is_known_before_the_run(translation, node):
        translation.fold(node)
        return
    handler = HANDLERS.get(node.operation, _unknown if allow_unknown else _refuse)
    try:
        handler(translation, node)
    except InputError as error:
        raise InputError(
            f"{translation.model.path}: {_place(node)}: {error.message}", hint=error.hint
        ) from error


def _refuse(_: Translation, node: Node) -> None:
    hint = f"{did_you_mean(node.operation, HANDLERS)} or --allow-unknown to count only its bytes"
    raise InputError("hwsim does not know this operator", hint=hint)


def _is_known_before_the_run(translation: Translation, node: Node) -> bool:
    """Whether ``node`` depends on constants and shapes alone."""
    if node.operation in ("Shape", "Size"):
        return True
    given = [name for name in node.inputs if name]
    return (bool(given) or node.operation in _NO_INPUTS_NEEDED) and all(map(translation.is_constant, given))


def _unknown(translation: Translation, node: Node) -> None:
    inputs = [name for name in node.inputs if name]
    for output in filter(None, node.outputs):
        shape = translation.shape(output)
        name = translation.emit(node, "unknown", inputs, operation=node.operation, shape=shape)
        translation.bind(output, name)


def _place(node: Node) -> str:
    return (
        f"node {node.name!r} ({node.operation})"
        if node.name
        else f"{node.operation} making {node.outputs[0]!r}"
    )


def _notes(model: Model) -> list[str]:
    fixed = [name for name in model.parameters if name != "batch"]
    return [f"{name} is open in {model.path.name}: {model.parameters[name]} unless set" for name in fixed]
