"""The chains of a rank that no other undercuts, with their numbers; and pairs of chains of a window's ranks.

They depend on sizes and on what is asked only, and are remembered: most skeletons ask the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from hwsim.mapping.exact.chains import Column, Growth, chains, places, steps, tile_after, visits
from hwsim.mapping.exact.cuts import Cut
from hwsim.mapping.exact.front import front
from hwsim.mapping.exact.windows import Window, neighbours, slid
from hwsim.mapping.loopnest.machine import Array

Numbers: TypeAlias = npt.NDArray[np.float64]
MOST_PAIRS = 16
"""So many pairs are held against the others: later ones undercut few, and the search leaves out more."""
MORE_IS_BETTER = ("places", "neighbours", "slid")


class Key(NamedTuple):
    """A number of a chain: its kind, how many cuts it looks at, which of them it takes together, and the
    delay of a window's rank.
    """

    kind: Literal["visits", "places", "steps", "elements", "tile", "neighbours", "slid"]
    number: int
    together: frozenset[int] = frozenset()
    delay: int = 0


@dataclass(frozen=True, slots=True)
class Shape:
    """Where a rank is cut: for each cut the width of its array, 0 for a temporal loop."""

    widths: tuple[int, ...]
    ends_in_places: bool
    in_common: bool


class Question(NamedTuple):
    """What is asked of a rank: a key (or 1) for each factor; ``wanted`` are the different ones."""

    size: int
    shape: Shape
    keys: tuple[Key | None, ...]
    wanted: tuple[Key, ...]


@dataclass(frozen=True)
class Chosen:
    """Chains and a column for each number, and how many chains were looked at."""

    tiles: Column
    columns: dict[Key, Column]
    enumerated: int

    def factors(self, keys: tuple[Key | None, ...]) -> Numbers:
        """Numbers by chain and key; 1 where there is no key."""
        ones = np.ones(len(self.tiles))
        found = [ones if key is None else self.columns[key].astype(np.float64) for key in keys]
        return np.column_stack(found) if found else np.empty((len(self.tiles), 0))


@lru_cache(maxsize=512)
def chosen(size: int, shape: Shape, wanted: tuple[Key, ...]) -> Chosen:
    """The chains of the front, and their numbers; the same for all skeletons that cut and ask alike."""
    cuts = tuple(Cut(0, Array("", width, "") if width else None) for width in shape.widths)
    by_number = not shape.in_common and not any(key.kind in ("slid", "neighbours") for key in wanted)
    growth = Growth(
        shape.ends_in_places, by_number, lambda inner, number: _pruned(size, cuts, wanted, inner, number)
    )
    found, seen = chains(size, cuts, growth)
    numbers = _numbers(size, found, cuts, wanted)
    kept = front(numbers * _signs(wanted), found[:, 0] if shape.in_common else None)
    return Chosen(found[kept], dict(zip(wanted, numbers[kept].T, strict=True)), seen)


@lru_cache(maxsize=512)
def paired(
    window: Window, first: Question, second: Question, joint: tuple[bool, ...]
) -> tuple[Column, Numbers, int]:
    """Pairs of chains of a window's ranks, few of which others undercut: tiles, factors, how many pairs.

    ``joint``: the factors that both ranks have together, as elements of the window.
    """
    sides = [chosen(each.size, each.shape, each.wanted) for each in (first, second)]
    rows, others = (grid.ravel() for grid in np.indices([len(side.tiles) for side in sides]))
    columns = [
        _together(window, (first, second), at, sides) if both else _product((first, second), at, sides)
        for at, both in enumerate(joint)
    ]
    factors = np.column_stack([column.ravel() for column in columns])
    kept = front(factors, most=MOST_PAIRS)
    tiles = np.hstack([sides[0].tiles[rows[kept]], sides[1].tiles[others[kept]]])
    return tiles, factors[kept].astype(np.float64), len(rows)


def _product(questions: tuple[Question, Question], at: int, sides: list[Chosen]) -> Column:
    """A factor that is one number of each rank, by pair."""
    one, other = (_column(side, question.keys[at]) for question, side in zip(questions, sides, strict=True))
    return np.outer(one, other)


def _column(side: Chosen, key: Key | None) -> Column:
    return np.ones(len(side.tiles), dtype=np.int64) if key is None else side.columns[key]


def _together(window: Window, questions: tuple[Question, Question], at: int, sides: list[Chosen]) -> Column:
    """Elements of tiles, or of all visits: the whole less what neighbours have in common."""
    keys = [question.keys[at] for question in questions]
    one, other = (side.columns[key] for side, key in zip(sides, keys, strict=True) if key is not None)
    if keys[0] is not None and keys[0].kind == "tile":
        return window.elements((one[:, None], other[None, :]))
    found: Column = questions[0].size * questions[1].size - np.outer(one, other)
    return found


def _pruned(size: int, cuts: tuple[Cut, ...], wanted: tuple[Key, ...], inner: Column, number: int) -> Column:
    """Of chains from cut ``number`` inwards with one outermost tile, those that no other undercuts.

    What stands around them sees nothing of them but that tile. Only where no array stands around them: its
    places would take part in their numbers.
    """
    if any(cut.array for cut in cuts[: number + 1]):
        return inner
    keys = tuple(
        key._replace(number=key.number - number, together=frozenset(each - number for each in key.together))
        for key in wanted
        if key.number > number
    )
    numbers = _numbers(size, inner, cuts[number:], keys)
    return inner[front(numbers * _signs(keys), inner[:, 0])]


def _numbers(size: int, found: Column, cuts: tuple[Cut, ...], keys: tuple[Key, ...]) -> Column:
    """A column for each key."""
    return np.column_stack([_number(size, found, cuts, key) for key in keys]) if keys else found[:, :0]


def _signs(keys: tuple[Key, ...]) -> Column:
    """-1 where more is better."""
    return np.array([-1 if key.kind in MORE_IS_BETTER else 1 for key in keys], dtype=np.int64)


def _number(size: int, found: Column, cuts: tuple[Cut, ...], key: Key) -> Column:
    kind, number, together, delay = key
    if kind in ("neighbours", "slid"):
        return (neighbours if kind == "neighbours" else slid)(size, found, number, delay)
    match kind:
        case "tile":
            return tile_after(size, found, number)
        case "places":
            return places(size, found, cuts, number)
        case "steps":
            return steps(size, found, cuts)
        case "elements":
            return _elements(size, found, cuts, together)
    marked = tuple(cuts[each] for each in together if 0 <= each < len(cuts))
    return visits(size, found, cuts, number, lambda cut: any(cut is each for each in marked))


def _elements(size: int, found: Column, cuts: tuple[Cut, ...], together: frozenset[int]) -> Column:
    """Single elements walked, those of cuts taken together once."""
    marked = tuple(
        Cut(each.event, each.array if number in together else None) for number, each in enumerate(cuts)
    )
    return steps(size, found, marked)
