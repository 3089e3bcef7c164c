"""The component tree: every kind of machine is a tree of components, each with a class and attributes.

A component class is a subclass of :class:`Attributes` registered under its YAML name. Compute classes are
defined beside the engine that runs them; memories are in :mod:`hwsim.arch.memory`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from pydantic import Field

from hwsim.arch.technology import Price, Technology
from hwsim.spec.errors import Position
from hwsim.spec.model import Spec
from hwsim.spec.quantity import Area, Energy, Frequency, Power

MOST_SIDE_BY_SIDE = 65_536
"""Limit of the models: how many like things one attribute may count (rows, lanes, fanout)."""
MOST_CYCLES = 10_000
"""Limit of the models: how many cycles, and what fraction of one, a function may take on one element."""

Count = Annotated[int, Field(gt=0, le=MOST_SIDE_BY_SIDE)]
"""How many like things stand side by side."""
CyclesPerElement = Annotated[float, Field(ge=1 / MOST_CYCLES, le=MOST_CYCLES)]
"""Cycles a function takes on one element."""


class Attributes(Spec):
    """What every component class has; subclasses add their own and say what their actions cost."""

    class_name: ClassVar[str] = ""
    """The YAML value of ``class:``; an empty name marks a base class."""

    clock: Frequency | None = None
    """The component's own clock; by default the machine's."""
    source: str | None = None
    """Where the attributes come from; a value's own source goes before it."""
    energy: dict[str, Energy] = Field(default_factory=dict)
    """Energy of one action, by action name; goes before the technology table."""
    area: Area | None = None
    """Area of one instance; goes before the technology table."""
    leakage: Power | None = None
    """Static power of one instance; goes before the technology table."""

    def action_energies(self, technology: Technology) -> Mapping[str, Price]:
        """Joules of one action, by action name, from the technology table."""
        del technology
        return {}

    def area_price(self, technology: Technology) -> Price | None:
        """Square metres of one instance from the technology table, None where it has no figure."""
        del technology
        return None

    def leakage_price(self, technology: Technology) -> Price | None:
        """Watts leaked by one instance from the technology table, None where it has no figure."""
        del technology
        return None


class Container(Attributes):
    """A grouping of components without a cost of its own (chip, core, tile)."""

    class_name: ClassVar[str] = "container"


@dataclass(frozen=True, slots=True)
class Component:
    """One node of the tree.

    ``fanout`` is how many identical instances stand side by side under one instance of the parent;
    ``instances`` counts them over the whole machine. ``clock`` is in hertz.
    """

    name: str
    attributes: Attributes
    clock: float
    fanout: int = 1
    instances: int = 1
    children: tuple[Component, ...] = ()
    sources: tuple[tuple[str, str], ...] = ()
    positions: tuple[tuple[str, Position], ...] = field(default=(), compare=False, repr=False)
    """Where the values stand that the file gives."""

    @property
    def class_name(self) -> str:
        """The YAML class of the component."""
        return self.attributes.class_name

    def walk(self) -> Iterator[Component]:
        """The component and everything below it, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()

    def position_of(self, *attributes: str) -> Position | None:
        """Where the first of ``attributes`` that the file gives stands."""
        given = dict(self.positions)
        return next((given[each] for each in attributes if each in given), None)

    def source_of(self, attribute: str) -> str:
        """Where the value of ``attribute`` (dotted below a mapping) comes from, as far as the file says."""
        return dict(self.sources).get(attribute) or self.attributes.source or "no source given"
