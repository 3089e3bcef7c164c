"""ONNX operators that move elements or only rename shapes."""

from __future__ import annotations

from collections.abc import Callable

from hwsim.spec.errors import InputError
from hwsim.workload.importers.onnx_model import Node
from hwsim.workload.importers.onnx_translation import Translation


def reshape(translation: Translation, node: Node) -> None:
    """Operators that keep every element in its order: nothing moves."""
    shape = translation.with_batch(translation.open_shape(node.outputs[0]), node.inputs[0])
    if tuple(shape) == translation.model.shape(node.inputs[0]):
        translation.same(node)
    else:
        translation.bind(node.outputs[0], translation.emit(node, "reshape", node.inputs[:1], shape=shape))


def same(translation: Translation, node: Node) -> None:
    """Operators that do nothing at inference."""
    if len(node.outputs) > 1 and translation.model.uses(node.outputs[1]):
        raise InputError("its second output is read, which is for training only")
    translation.same(node)


def concat(translation: Translation, node: Node) -> None:
    """Concat."""
    translation.emit(node, "concat", node.inputs, axis=node.attributes["axis"])


def transpose(translation: Translation, node: Node) -> None:
    """Transpose; without an order the axes are reversed."""
    count = len(translation.shape(node.inputs[0]))
    order = list(node.attributes.get("perm", range(count)[::-1]))
    translation.emit(node, "transpose", node.inputs, order=order)


def gather(translation: Translation, node: Node) -> None:
    """Gather; a single constant index is a slice."""
    axis = node.attributes.get("axis", 0)
    index = translation.model.values(node.inputs[1])
    if index is not None and len(index) == 1 and not translation.is_constant(node.inputs[0]):
        moved(translation, node, "slice")
        return
    translation.emit(node, "gather", node.inputs, axis=axis or None)


def split(translation: Translation, node: Node) -> None:
    """Split into parts whose sizes are those of the outputs."""
    axis = node.attributes.get("axis", 0)
    sizes = [translation.shape(output)[axis] for output in node.outputs]
    name = translation.emit(node, "split", node.inputs[:1], axis=None)
    parts = [f"{name}.{number}" for number in range(len(sizes))]
    translation.operators[-1].update(axis=axis, sizes=sizes, outputs=parts)
    for output, part in zip(node.outputs, parts, strict=True):
        translation.bind(output, part)


def resize(translation: Translation, node: Node) -> None:
    """Resize and Upsample; cubic interpolation is not supported."""
    mode = node.attributes.get("mode", "nearest")
    if mode not in ("nearest", "linear"):
        raise InputError(f"the mode {mode!r} is not supported", hint="'nearest' and 'linear' are")
    linear = {"mode": mode} if mode == "linear" else {}
    translation.emit(node, "resize", node.inputs[:1], shape=_target(translation, node), **linear)


def moved(translation: Translation, node: Node, kind: str) -> None:
    """An operator of ``kind`` that puts its first input into the shape of its output."""
    translation.emit(node, kind, node.inputs[:1], shape=_target(translation, node))


def _mover(kind: str) -> Callable[[Translation, Node], None]:
    def handler(translation: Translation, node: Node) -> None:
        moved(translation, node, kind)

    return handler


def scatter(translation: Translation, node: Node) -> None:
    """Elements put into (or taken from) places that another input names."""
    translation.emit(node, "scatter", node.inputs[:3], shape=_target(translation, node))


def _target(translation: Translation, node: Node) -> list[int | str]:
    return translation.with_batch(translation.shape(node.outputs[0]), node.inputs[0])


MOVEMENT: dict[str, Callable[[Translation, Node], None]] = {
    **dict.fromkeys(("Reshape", "Flatten", "Squeeze", "Unsqueeze"), reshape),
    **dict.fromkeys(("Identity", "Dropout"), same),
    "Concat": concat,
    "Transpose": transpose,
    "Gather": gather,
    "Split": split,
    "Resize": resize,
    "Upsample": resize,
    "Slice": _mover("slice"),
    "Pad": _mover("pad"),
    "Expand": _mover("expand"),
    **dict.fromkeys(
        ("Tile", "DepthToSpace", "SpaceToDepth", "ReverseSequence", "Trilu"), _mover("rearrange")
    ),
    **dict.fromkeys(("ScatterND", "ScatterElements", "GatherElements", "GatherND"), scatter),
}
"""The handlers of this module by ONNX operator."""
