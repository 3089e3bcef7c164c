"""One Einsum: what it writes, what it reads, and what happens to each of its indices."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from hwsim.einsum.terms import Access, Expression, Fixed, leaves
from hwsim.einsum.text.place import TextPlace
from hwsim.einsum.text.write import einsum_text


@dataclass(frozen=True, slots=True)
class Head:
    """The operator that takes a whole fiber of the listed indices: ``max(m0):``."""

    operator: str
    indices: tuple[str, ...]
    column: int = field(default=1, compare=False, repr=False)


@dataclass(frozen=True)
class Einsum:
    """``output = head: expression``; ``place`` says where it was written, if it was.

    The expression is evaluated at every point of the iteration space, which every index of a left or right
    coordinate spans. Indices that the head lists are combined by its operator, the rest of those on the right
    alone by a sum (the inner one).
    """

    output: Access
    expression: Expression
    head: Head | None = None
    place: TextPlace = field(default=TextPlace(), compare=False, repr=False)

    @cached_property
    def reads(self) -> tuple[Access, ...]:
        """Every access on the right, those in data-dependent coordinates included, from left to right."""
        operands = (leaf for leaf in leaves(self.expression) if isinstance(leaf, Access))
        return tuple(part for operand in operands for part in operand.nested())

    @cached_property
    def left_indices(self) -> tuple[str, ...]:
        """The indices of the output, in order."""
        return tuple(dict.fromkeys(self.output.indices()))

    @cached_property
    def right_indices(self) -> tuple[str, ...]:
        """The indices of the operands, in order of appearance."""
        operands = (leaf for leaf in leaves(self.expression) if isinstance(leaf, Access))
        return tuple(dict.fromkeys(index for operand in operands for index in operand.indices()))

    @cached_property
    def reduced(self) -> tuple[str, ...]:
        """The indices on the right that the output does not keep."""
        return tuple(index for index in self.right_indices if index not in self.left_indices)

    @cached_property
    def populated(self) -> tuple[str, ...]:
        """The indices of the head that the output keeps: whole fibers are seen before any of it is final."""
        return tuple(index for index in self.head.indices if index in self.left_indices) if self.head else ()

    @cached_property
    def is_initialisation(self) -> bool:
        """Whether it only sets one coordinate of a tensor that another Einsum produces."""
        return any(isinstance(coord, Fixed) for coord in self.output.coords)

    def __str__(self) -> str:
        return einsum_text(self)
