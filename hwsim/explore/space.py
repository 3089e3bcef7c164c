"""All points of a study, one after another, never all at once."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice, product
from typing import Any

from hwsim.explore.amounts import exact, written
from hwsim.explore.expression import Expression, number_of
from hwsim.explore.point import PLACES, Point
from hwsim.explore.study import AxisValue, StudyFile
from hwsim.spec.document import Document
from hwsim.spec.errors import InputError


@dataclass(frozen=True, slots=True)
class Dimension:
    """One attribute that varies, its values, and the condition under which it does."""

    key: str
    values: tuple[AxisValue, ...]
    when: Expression | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """An attribute that follows from others, in ``unit``."""

    key: str
    formula: Expression
    unit: str


@dataclass(frozen=True, slots=True)
class Space:
    """What a study varies. ``bases`` are the values a machine has where nothing is set, for formulas.

    Points come in the order of machines, workloads, mappings, then the attributes as they stand in the file,
    the last one fastest.
    """

    study: StudyFile
    document: Document
    dimensions: tuple[Dimension, ...]
    links: tuple[Link, ...]
    where: tuple[Expression, ...]
    constraints: tuple[Expression, ...]
    bases: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def candidates(self) -> int:
        """Combinations before conditions take some away."""
        count = len(self.study.machines) * len(self.study.workloads) * len(self.study.mappings)
        for dimension in self.dimensions:
            count *= len(dimension.values)
        return count

    @property
    def keys(self) -> tuple[str, ...]:
        """The names of everything that a point chooses."""
        own = (dimension.key for dimension in self.dimensions)
        return (*PLACES, *self.study.settings, *own, *(link.key for link in self.links))

    @property
    def choices(self) -> dict[str, tuple[AxisValue, ...]]:
        """What there is to choose from, by name; machines, workloads and mappings too."""
        places = (self.study.machines, self.study.workloads, self.study.mappings)
        return {
            **{name: tuple(each) for name, each in zip(PLACES, places, strict=True)},
            **{dimension.key: dimension.values for dimension in self.dimensions},
        }

    def points(self, most: int | None = None) -> Iterator[Point]:
        """Every point of all combinations, or of the first ``most``, made as it is asked for.

        Raises:
            InputError: a formula cannot be computed.
        """
        combinations = product(*self.choices.values())
        for position, chosen in enumerate(islice(combinations, most)):
            point = self.point(dict(zip(self.choices, chosen, strict=True)), position)
            if point is not None:
                yield point

    def place(self, chosen: Mapping[str, int]) -> int:
        """The position of the point that takes, of each of :attr:`choices`, the value at this place."""
        position = 0
        for name, values in self.choices.items():
            position = position * len(values) + chosen[name]
        return position

    def point(self, chosen: dict[str, Any], position: int) -> Point | None:
        """The point of these choices, None where a condition refuses it or another point stands for it.

        Raises:
            InputError: a formula cannot be computed.
        """
        place = {name: chosen[name] for name in PLACES}
        settings = {**self.study.settings, **{each.key: chosen[each.key] for each in self.dimensions}}
        values = {
            **self.bases.get(place["machine"], {}),
            **place,
            **{key: number_of(value) for key, value in settings.items()},
        }
        for each in self.dimensions:
            if each.when is not None and not each.when(values):
                if chosen[each.key] != each.values[0]:
                    return None
                del settings[each.key]
        for link in self.links:
            settings[link.key] = _linked(link, values)
            values[link.key] = number_of(settings[link.key])
        if not all(condition(values) for condition in self.where):
            return None
        return Point(
            position,
            place["machine"],
            place["workload"],
            place["mapping"],
            self.study.fidelity,
            tuple(settings.items()),
        )


def _linked(link: Link, values: dict[str, Any]) -> Any:
    found = link.formula(values)
    if isinstance(found, float) and not math.isfinite(found):
        raise InputError(f"{link.formula.text!r} is {found}", link.formula.position)
    if not link.unit or isinstance(found, str | bool):
        return int(found) if isinstance(found, float) and found.is_integer() else found
    try:
        return written(exact(found)[0], link.unit)
    except InputError as error:
        raise (error.at(link.formula.position) if link.formula.position else error) from error
