"""What every operator in a workload's YAML has, and how kinds are found."""

from __future__ import annotations

import importlib
import pkgutil
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Annotated, ClassVar

from pydantic import Field, PositiveInt

from hwsim.spec.errors import InputError, did_you_mean
from hwsim.spec.model import Spec
from hwsim.workload.graph import Graph, Shape
from hwsim.workload.tensor import Tensor

Sizes = Mapping[str, int]
"""The whole-number parameters of the workload: ``batch`` in a shape stands for the parameter of that name."""
Dimension = PositiveInt | str
"""A size, or the name of a parameter."""
Name = Annotated[str, Field(min_length=1)]


class OperatorSpec(Spec):
    """An operator as the YAML gives it: who it is and what it reads; each kind adds its attributes."""

    KINDS: ClassVar[tuple[str, ...]] = ()
    INPUTS: ClassVar[tuple[int, int]] = (1, 1)

    name: Name
    """The operator's name, and that of the tensor it produces."""
    kind: str
    """What it does."""
    inputs: tuple[Name, ...] = ()
    """The tensors it reads, in order."""

    @property
    def produces(self) -> tuple[str, ...]:
        """The names of the tensors it produces."""
        return (self.name,)

    @abstractmethod
    def build(self, graph: Graph, sizes: Sizes) -> None:
        """Add the operator to ``graph``.

        Raises:
            InputError: the shapes do not fit.
        """

    def operands(self, graph: Graph) -> tuple[Tensor, ...]:
        """The input tensors.

        Raises:
            InputError: one is unknown, or there are too few or too many.
        """
        least, most = self.INPUTS
        if not least <= len(self.inputs) <= most:
            wanted = str(least) if least == most else f"{least} to {most}"
            raise InputError(f"{self.kind} takes {wanted} inputs, {self.name!r} has {len(self.inputs)}")
        return tuple(graph.find(name) for name in self.inputs)


@cache
def operator_kinds() -> dict[str, type[OperatorSpec]]:
    """Every kind and the class that describes it."""
    package = importlib.import_module("hwsim.workload.kinds")
    for module in pkgutil.iter_modules(package.__path__, "hwsim.workload.kinds."):
        importlib.import_module(module.name)
    return {kind: cls for cls in _subclasses(OperatorSpec) for kind in cls.KINDS}


def _subclasses(cls: type[OperatorSpec]) -> Iterator[type[OperatorSpec]]:
    for sub in cls.__subclasses__():
        yield sub
        yield from _subclasses(sub)


def size_of(dimension: int | str, sizes: Sizes) -> int:
    """The size a dimension stands for.

    Raises:
        InputError: no such parameter.
    """
    if isinstance(dimension, int):
        return dimension
    if dimension not in sizes:
        raise InputError(
            f"{dimension!r} is neither a size nor a parameter", hint=did_you_mean(dimension, sizes)
        )
    return sizes[dimension]


def shape_of(dimensions: tuple[int | str, ...], sizes: Sizes) -> Shape:
    """The shape that a list of dimensions stands for."""
    return tuple(size_of(dimension, sizes) for dimension in dimensions)


def axis_of(axis: int, x: Tensor) -> int:
    """``axis`` counted from 0, given counted from either end.

    Raises:
        InputError: the tensor has no such axis.
    """
    count = len(x.shape)
    if not -count <= axis < count:
        raise InputError(f"there is no axis {axis} in {x.name!r} of shape {list(x.shape)}")
    return axis % count
