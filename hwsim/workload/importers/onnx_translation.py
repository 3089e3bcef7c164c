"""The state of a translation from ONNX: what each of their tensors became, and the operators so far."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from hwsim.spec.errors import InputError
from hwsim.workload.importers.onnx_model import BATCH, Model, Node

_MEANINGLESS = re.compile(r"n?\d*|.*_token_\d+|.+_\d+")
_SAME_ELEMENTS = ("Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Cast", "Identity")
_WEIGHT_SUFFIX = re.compile(r"[._/]?(w|weight|W|kernel)(_?\d+)?$")


class Translation:
    """Operators and tensors in our own format, growing node by node."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.tensors: dict[str, dict[str, Any]] = {}
        self.operators: list[dict[str, Any]] = []
        self._ours: dict[str, str] = {}
        self._constants: dict[str, str] = {}
        self._batched: set[str] = {name for name, shape in model.inputs.items() if shape[:1] == (BATCH,)}
        self._names: set[str] = set()
        self._prefix = _common_prefix([*model.inputs, *model.outputs])
        for name, shape in model.inputs.items():
            self._ours[name] = self._unique(self._short(name))
            self.tensors[self._ours[name]] = {"shape": list(shape), "kind": "input"}

    def is_constant(self, name: str) -> bool:
        """Whether tensor ``name`` is known before the run."""
        return self.model.is_initializer(name) or name in self._constants

    def fold(self, node: Node) -> None:
        """Take what ``node`` computes for known before the run; a reshaped weight keeps its name."""
        kept = node.inputs[0] if node.operation in _SAME_ELEMENTS else ""
        for output in node.outputs:
            self._constants[output] = self._constants.get(kept, kept) or output

    def own_weight(self, name: str) -> bool:
        """Whether ``name`` is a constant that only one node reads."""
        return self.is_constant(name) and self.model.uses(name) == 1

    def operand(self, name: str) -> str:
        """Our name of their tensor ``name``; a constant is declared as a weight.

        Raises:
            InputError: nothing defines it.
        """
        if name not in self._ours:
            if not self.is_constant(name):
                raise InputError(f"{self.model.path}: nothing produces the tensor {name!r}")
            shape = self.shape(name)
            self._ours[name] = self._unique(self._short(self._constants.get(name, name)))
            self.tensors[self._ours[name]] = {"shape": list(shape), "kind": "weight"}
        return self._ours[name]

    def shape(self, name: str) -> tuple[int | str, ...]:
        """The shape of their tensor ``name``.

        Raises:
            InputError: it cannot be inferred.
        """
        shape = self.model.shape(name)
        if shape is None or None in shape:
            hint = "export the model with fixed sizes, or run ONNX shape inference on it first"
            raise InputError(f"{self.model.path}: the shape of {name!r} cannot be inferred", hint=hint)
        return tuple(size for size in shape if size is not None)

    def open_shape(self, name: str) -> tuple[int | str, ...]:
        """The shape of ``name`` in which one size that cannot be inferred is -1: what is left.

        Raises:
            InputError: more than one cannot be inferred.
        """
        shape = self.model.shape(name)
        if shape is not None and shape.count(None) == 1:
            return tuple(-1 if size is None else size for size in shape)
        return self.shape(name)

    def with_batch(self, shape: Sequence[int | str], like: str) -> list[int | str]:
        """``shape`` with its first size made ``batch`` where that is the first size of ``like``."""
        keeps = like in self._batched and tuple(shape[:1]) == (self.model.parameters[BATCH],)
        return [BATCH, *shape[1:]] if keeps else list(shape)

    def same(self, node: Node) -> None:
        """Let the output of ``node`` be its first input under another name."""
        self._ours[node.outputs[0]] = self.operand(node.inputs[0])
        self._follow_batch(node, node.inputs[:1])

    def emit(self, node: Node, kind: str, inputs: Sequence[str], weight: str = "", **attributes: Any) -> str:
        """Add an operator for ``node`` that reads their tensors ``inputs``; empty attributes are left out."""
        ours = [self.operand(name) for name in inputs]
        name = self._name(node, kind, ours, weight)
        given = {key: value for key, value in attributes.items() if value not in (None, False, [], ())}
        self.operators.append({"name": name, "kind": kind, "inputs": ours, **given})
        self.bind(node.outputs[0], name)
        if attributes.get("order", (0,))[0] == 0:
            self._follow_batch(node, inputs)
        return name

    def bind(self, theirs: str, ours: str) -> None:
        """Let our tensor ``ours`` be their tensor ``theirs``."""
        self._ours[theirs] = ours

    def _follow_batch(self, node: Node, inputs: Sequence[str]) -> None:
        """Outputs have the batch as first axis where an input has, unless their size says otherwise."""
        sizes = {BATCH, self.model.parameters.get(BATCH)}
        if not self._batched.isdisjoint(inputs):
            self._batched.update(
                name for name in node.outputs if {*(self.model.shape(name) or ())[:1]} <= sizes
            )

    def _name(self, node: Node, kind: str, inputs: Sequence[str], weight: str) -> str:
        if not _MEANINGLESS.fullmatch(node.name):
            return self._unique(node.name.strip("/"))
        if weight:
            root = self._short(self._constants.get(weight, weight))
            return self._unique(_WEIGHT_SUFFIX.sub("", root) or kind)
        made = [name for name in inputs if name not in self.tensors]
        return self._unique(f"{made[0].partition('.')[0]}.{kind}" if made else kind)

    def _unique(self, name: str) -> str:
        number, candidate = 1, name
        while candidate in self._names:
            number += 1
            candidate = f"{name}.{number}"
        self._names.add(candidate)
        return candidate

    def _short(self, name: str) -> str:
        return name.removeprefix(self._prefix).strip("/") or name


def _common_prefix(names: Sequence[str]) -> str:
    """What stands before the first slash of every name."""
    heads = {name.partition("/")[0] + "/" for name in names if name}
    return heads.pop() if len(heads) == 1 and all("/" in name for name in names) else ""
