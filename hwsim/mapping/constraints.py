"""What a user fixes about loop nests."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Annotated

from pydantic import Discriminator, Field, NonNegativeFloat, PositiveInt, Tag, model_validator

from hwsim.mapping.cut import Axis
from hwsim.mapping.nest import ORDERS
from hwsim.spec.errors import InputError, Position, did_you_mean
from hwsim.spec.model import Spec, fault


class TileRange(Spec):
    """The tiles of one axis that are allowed; the whole axis where it is a multiple or there is none."""

    at_least: PositiveInt = 1
    """The smallest."""
    at_most: PositiveInt | None = None
    """The largest; left out, the whole axis."""
    multiple_of: PositiveInt = 1
    """Every tile is a multiple of this."""

    @model_validator(mode="after")
    def _something_is_left(self) -> TileRange:
        if self.at_most is not None and not self.multiples(self.at_most):
            message = f"no multiple of {self.multiple_of} is from {self.at_least} to {self.at_most}"
            raise fault(message, at=("at_least",))
        return self

    def multiples(self, size: int) -> range:
        """The tiles allowed of an axis of ``size``."""
        first = -(-self.at_least // self.multiple_of) * self.multiple_of
        return range(first, min(size, self.at_most or size) + 1, self.multiple_of)


def _sort_of(value: object) -> str:
    return "size" if isinstance(value, int) else "range"


Tile = Annotated[
    Annotated[PositiveInt, Tag("size")] | Annotated[TileRange, Tag("range")], Discriminator(_sort_of)
]


class TileSizes(Spec):
    """The tile along each axis: a size, or a range; an axis that is left out is free."""

    M: Tile | None = None
    """Rows of the result."""
    N: Tile | None = None
    """Columns of the result."""
    K: Tile | None = None
    """What is summed over."""

    def along(self, axis: Axis) -> int | TileRange | None:
        """What is fixed of one axis."""
        found: int | TileRange | None = getattr(self, axis)
        return found


class NestRule(Spec):
    """What is fixed about the loop nests of some contractions at one level of memory."""

    operators: tuple[str, ...] = Field(default=("*",), min_length=1)
    """Names of operators, or patterns with ``*``; all contractions by default."""
    level: PositiveInt = 1
    """Which memories on the chip: 1 are those below the outermost memory, 2 those below them."""
    order: tuple[Axis, Axis, Axis] | None = None
    """The loops from the outermost to the innermost."""
    tile: TileSizes = TileSizes()
    """The tiles that these memories hold."""
    min_utilization: NonNegativeFloat = Field(default=0.0, le=1.0)
    """The least share of the engine's multiply-accumulates that work while it computes."""

    @model_validator(mode="after")
    def _every_axis_once(self) -> NestRule:
        if self.order is not None and self.order not in ORDERS:
            raise fault(f"an order has M, N and K once each, not {' '.join(self.order)}", at=("order",))
        return self

    def takes(self, operator: str) -> bool:
        """Whether the rule is for an operator."""
        return any(fnmatchcase(operator, pattern) for pattern in self.operators)


class RuleError(InputError):
    """A rule that cannot be kept; ``where`` is its place in the mapping file."""

    def __init__(self, message: str, where: tuple[str | int, ...], hint: str | None = None) -> None:
        super().__init__(message, None, hint)
        self.where = where

    def at(self, position: Position) -> InputError:
        """The same error as one of a place in a file."""
        return InputError(self.message, position, self.hint)


def rules_of(rules: Sequence[NestRule], operator: str) -> dict[int, tuple[int, NestRule]]:
    """The rule of every level for an operator, with its number.

    Raises:
        RuleError: two rules are for the same level.
    """
    found: dict[int, tuple[int, NestRule]] = {}
    for number, rule in enumerate(rules):
        if not rule.takes(operator):
            continue
        if rule.level in found:
            other = found[rule.level][0] + 1
            message = f"constraints {other} and {number + 1} are both for {operator!r} at level {rule.level}"
            raise RuleError(message, ("constraints", number), "put them into one")
        found[rule.level] = (number, rule)
    return found


def check_rules(rules: Sequence[NestRule], contractions: Sequence[str]) -> None:
    """Refuse rules that are for no contraction at all.

    Raises:
        RuleError: a pattern that no contraction of the workload has; the hint names the nearest.
    """
    for number, rule in enumerate(rules):
        for place, pattern in enumerate(rule.operators):
            if not any(fnmatchcase(name, pattern) for name in contractions):
                where = ("constraints", number, "operators", place)
                message = f"no contraction of the workload is called {pattern!r}"
                raise RuleError(message, where, did_you_mean(pattern, contractions))
