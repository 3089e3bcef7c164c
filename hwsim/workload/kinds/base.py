"""What every operator in a workload's YAML has, and how kinds are found."""

from __future__ import annotations

import importlib
import pkgutil
from abc import abstractmethod
from collections.abc import Iterator
from functools import cache
from typing import Annotated, Any, ClassVar

from pydantic import Field, PositiveInt

from hwsim.spec.errors import InputError
from hwsim.spec.model import Spec
from hwsim.workload.graph import Graph
from hwsim.workload.tensor import Tensor

Dimension = PositiveInt | str
"""A size, or the name of a parameter."""
Name = Annotated[str, Field(min_length=1)]


class OperatorHead(Spec):
    """What every operator says: who it is, what it does and what it reads."""

    name: Name
    """The operator's name, and that of the tensor it produces."""
    kind: str
    """What it does."""
    inputs: tuple[Name, ...] = ()
    """The tensors it reads, in order."""


class OperatorSpec(OperatorHead):
    """An operator as the YAML gives it; each kind adds its attributes."""

    KINDS: ClassVar[tuple[str, ...]] = ()
    INPUTS: ClassVar[tuple[int, int]] = (1, 1)

    @property
    def produces(self) -> tuple[str, ...]:
        """The names of the tensors it produces."""
        return (self.name,)

    @abstractmethod
    def build(self, graph: Graph) -> None:
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


def _subclasses(cls: type[Any]) -> Iterator[type[OperatorSpec]]:
    for sub in cls.__subclasses__():
        yield sub
        yield from _subclasses(sub)


def axis_of(axis: int, x: Tensor) -> int:
    """``axis`` counted from 0, given counted from either end.

    Raises:
        InputError: the tensor has no such axis.
    """
    count = len(x.shape)
    if not -count <= axis < count:
        raise InputError(f"there is no axis {axis} in {x.name!r} of shape {list(x.shape)}")
    return axis % count
