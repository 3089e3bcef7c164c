"""What an Einsum is made of: coordinates, accesses and expressions.

All are frozen and compare by content; ``column`` (from 1, within the Einsum's text) is for messages only and
takes no part in comparisons.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Index:
    """A streaming coordinate: the index takes every coordinate of its rank."""

    index: str


@dataclass(frozen=True, slots=True)
class Shifted:
    """``index + offset``: an iteration before or after, or a neighbour in a halo; ``offset`` is not 0."""

    index: str
    offset: int


@dataclass(frozen=True, slots=True)
class Window:
    """``index + tap``: a sliding window, as in a convolution; its rank is that of ``index``."""

    index: str
    tap: str


@dataclass(frozen=True, slots=True)
class Fixed:
    """One coordinate given as a number."""

    value: int


@dataclass(frozen=True, slots=True)
class Last:
    """The last coordinate of an iterative rank: the state after the whole walk."""

    rank: str


@dataclass(frozen=True, slots=True)
class Gather:
    """A coordinate that is data: the value read by ``access``."""

    access: Access


Coord = Index | Shifted | Window | Fixed | Last | Gather
Streaming = Index | Shifted | Window


@dataclass(frozen=True, slots=True)
class Access:
    """A tensor and the coordinates it is read or written at; none for a tensor without ranks."""

    tensor: str
    coords: tuple[Coord, ...] = ()
    column: int = field(default=1, compare=False, repr=False)
    coord_columns: tuple[int, ...] = field(default=(), compare=False, repr=False)

    def indices(self) -> Iterator[str]:
        """The indices in the coordinates, those inside data-dependent coordinates included."""
        for coord in self.coords:
            yield from coord_indices(coord)

    def nested(self) -> Iterator[Access]:
        """This access and those in its data-dependent coordinates."""
        yield self
        for coord in self.coords:
            if isinstance(coord, Gather):
                yield from coord.access.nested()

    def column_of(self, number: int) -> int:
        """The column of coordinate ``number`` (from 0)."""
        return self.coord_columns[number] if number < len(self.coord_columns) else self.column


@dataclass(frozen=True, slots=True)
class Number:
    """A number, possibly infinite, never negative: the sign is a ``Negative`` around it."""

    value: float


@dataclass(frozen=True, slots=True)
class Size:
    """``size(K)``: how many coordinates a rank or family has."""

    rank: str
    column: int = field(default=1, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class IndexValue:
    """``coord(k)``: the value of an index."""

    index: str
    column: int = field(default=1, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Negative:
    """Minus the operand."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class Binary:
    """``left operator right`` with one of ``+ - * /``."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Call:
    """An element function of its arguments."""

    function: str
    arguments: tuple[Expression, ...]


Leaf = Access | Number | Size | IndexValue
Expression = Leaf | Negative | Binary | Call


def coord_indices(coord: Coord) -> Iterator[str]:
    """The indices a coordinate is made of."""
    match coord:
        case Index(index) | Shifted(index, _):
            yield index
        case Window(index, tap):
            yield from (index, tap)
        case Gather(access):
            yield from access.indices()


def leaves(expression: Expression) -> Iterator[Leaf]:
    """The operands of an expression from left to right, not those inside data-dependent coordinates."""
    pending = [expression]
    while pending:
        match pending.pop():
            case Negative(operand):
                pending.append(operand)
            case Binary(_, left, right):
                pending.extend((right, left))
            case Call(_, arguments):
                pending.extend(reversed(arguments))
            case leaf:
                yield leaf
