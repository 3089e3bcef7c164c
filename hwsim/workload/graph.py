"""Building a workload operator by operator: tensors, views of tensors, operators in order."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from hwsim.spec.errors import InputError, did_you_mean
from hwsim.workload.operator import Access, Operator
from hwsim.workload.tensor import Tensor, TensorKind
from hwsim.workload.workload import Parameter, Workload, make_workload

Shape = tuple[int, ...]

MOST_ELEMENTS = 2**63 - 1
"""What a tensor may have at most: counts of elements stay within 64 bits."""
MOST_OPERATORS = 100_000
"""What a workload may have at most: several times the largest model with the most uneven routing."""

INDEX_DATATYPE = "int32"
"""The datatype of token numbers and other indices."""


class Graph:
    """A workload under construction.

    A view (reshape, flatten, dropout at inference ...) is another name and shape for the same elements in the
    same order: it costs nothing, and operators that read it read the tensor below. Contractions index their
    operands, so a tensor takes the shape in which a contraction first sees it; seen in a second shape it is
    copied by an operator of kind ``reshape``.

    ``sizes`` are the parameters that :meth:`shape` knows by name.
    """

    def __init__(self, sizes: Mapping[str, int] | None = None) -> None:
        self._sizes = dict(sizes or {})
        self._tensors: dict[str, Tensor] = {}
        self._operators: list[Operator] = []
        self._views: dict[str, tuple[str, Shape]] = {}
        self._indexed: set[str] = set()
        self._declared: dict[str, Shape] = {}
        self._notes: dict[str, None] = {}

    def declare(
        self,
        name: str,
        shape: Shape,
        kind: TensorKind = "activation",
        datatype: str | None = None,
        density: float = 1.0,
    ) -> Tensor:
        """A new tensor.

        Raises:
            InputError: the name is taken, a size is below 1, or there are too many elements.
        """
        if name in self._tensors or name in self._views:
            raise InputError(f"two tensors are called {name!r}")
        if any(size < 1 for size in shape):
            raise InputError(f"tensor {name!r} would have shape {list(shape)}; every size must be at least 1")
        if math.prod(shape) > MOST_ELEMENTS:
            raise InputError(f"tensor {name!r} would have shape {list(shape)}: more than 2^63 elements")
        self._tensors[name] = Tensor(name, shape, kind, datatype, density)
        return self._tensors[name]

    def shape(self, dimensions: tuple[int | str, ...]) -> Shape:
        """The shape that sizes and names of parameters stand for.

        Raises:
            InputError: no such parameter.
        """
        for dimension in dimensions:
            if isinstance(dimension, str) and dimension not in self._sizes:
                hint = did_you_mean(dimension, self._sizes)
                raise InputError(f"{dimension!r} is neither a size nor a parameter", hint=hint)
        return tuple(self._sizes[size] if isinstance(size, str) else size for size in dimensions)

    def weight(self, name: str, shape: Shape) -> Tensor:
        """A new tensor of learned values."""
        return self.declare(name, shape, "weight")

    def find(self, name: str) -> Tensor:
        """The tensor or view called ``name``, in the shape in which its readers see it.

        Raises:
            InputError: there is none.
        """
        if name in self._views:
            storage, shape = self._views[name]
            return replace(self._tensors[storage], name=name, shape=shape)
        if name not in self._tensors:
            known = [*self._tensors, *self._views]
            raise InputError(f"unknown tensor {name!r}", hint=did_you_mean(name, known))
        tensor = self._tensors[name]
        return replace(tensor, shape=self._declared[name]) if name in self._declared else tensor

    def view(self, name: str, tensor: Tensor, shape: Shape) -> Tensor:
        """``tensor`` under another name, in another shape with as many elements.

        Raises:
            InputError: the name is taken, or the number of elements differs.
        """
        if math.prod(shape) != tensor.elements:
            raise InputError(
                f"cannot see {list(tensor.shape)} as {list(shape)}: the number of elements differs"
            )
        if name in self._tensors or name in self._views:
            raise InputError(f"two tensors are called {name!r}")
        self._views[name] = (self.storage(tensor), shape)
        return self.find(name)

    def storage(self, tensor: Tensor) -> str:
        """The name of the tensor that holds the elements of ``tensor``."""
        return self._views[tensor.name][0] if tensor.name in self._views else tensor.name

    def whole(self, tensor: Tensor) -> Access:
        """Access to all of ``tensor``, in whatever shape."""
        return Access(self.storage(tensor))

    def indexed(self, tensor: Tensor) -> Tensor:
        """The stored tensor that a contraction may index with the coordinates of ``tensor``."""
        stored = self._tensors[self.storage(tensor)]
        if stored.name in self._indexed and stored.shape != tensor.shape:
            return self._copied(tensor)
        if stored.shape != tensor.shape:
            self._declared.setdefault(stored.name, stored.shape)
            stored = self._tensors[stored.name] = replace(stored, shape=tensor.shape)
        self._indexed.add(stored.name)
        return stored

    def add_missing_weights(self, other: Graph) -> None:
        """Declare the weights of ``other`` that this graph lacks: they take room, nothing reads them."""
        for tensor in other._tensors.values():
            if tensor.kind == "weight" and tensor.name not in self._tensors:
                self._tensors[tensor.name] = tensor

    def add(self, operator: Operator) -> None:
        """Append an operator whose tensors exist.

        Raises:
            InputError: there are too many.
        """
        if len(self._operators) == MOST_OPERATORS:
            raise InputError(f"the model has more than {MOST_OPERATORS:,} operators")
        self._operators.append(operator)

    def note(self, text: str) -> None:
        """Remember an assumption for the result to repeat."""
        self._notes[text] = None

    def mark_output(self, tensor: Tensor) -> None:
        """Make ``tensor`` an output of the workload where it is an activation."""
        name = self.storage(tensor)
        if self._tensors[name].kind == "activation":
            self._tensors[name] = replace(self._tensors[name], kind="output")

    def finish(
        self,
        name: str,
        parameters: Mapping[str, Parameter],
        notes: tuple[str, ...] = (),
        content_hash: str = "",
    ) -> Workload:
        """The checked workload; activations that nothing reads are its outputs."""
        read = {part.tensor for op in self._operators for part in op.inputs}
        for tensor in list(self._tensors.values()):
            if tensor.name not in read:
                self.mark_output(tensor)
        return make_workload(
            name, self._tensors, tuple(self._operators), parameters, (*notes, *self._notes), content_hash
        )

    def _copied(self, tensor: Tensor) -> Tensor:
        name = f"{tensor.name}.reshaped"
        if name not in self._tensors:
            copy = self.declare(name, tensor.shape, datatype=tensor.datatype, density=tensor.density)
            moved = (("move", tensor.elements),)
            self.add(Operator(name, "reshape", (self.whole(tensor),), (Access(name),), functions=moved))
            self._indexed.add(copy.name)
            self.note(f"{tensor.name!r} is read in two shapes and therefore copied once")
        return self._tensors[name]
