"""A figure and what it is made of."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from hwsim.report.units import Format

_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Node:
    """A figure, the formula behind it, where it comes from, and the figures in the formula.

    ``value`` is in SI units, ``shown`` says it to a person. ``recomputed`` is what the formula gives for the
    figures in the result, so that ``adds_up`` tells whether the result is consistent.
    """

    label: str
    value: float | str | None = None
    shown: str = ""
    formula: str | None = None
    recomputed: float | None = None
    source: str | None = None
    children: tuple[Node, ...] = ()

    @property
    def adds_up(self) -> bool | None:
        """Whether the formula gives the value; None where it was not recomputed."""
        if self.recomputed is None or not isinstance(self.value, int | float):
            return None
        return math.isclose(self.value, self.recomputed, rel_tol=_TOLERANCE, abs_tol=1e-30)

    def as_json(self) -> dict[str, Any]:
        """The tree as JSON; keys without a value are left out."""
        fields = {
            "label": self.label,
            "value": self.value,
            "shown": self.shown or None,
            "formula": self.formula,
            "recomputed": self.recomputed,
            "adds_up": self.adds_up,
            "source": self.source,
            "parts": [child.as_json() for child in self.children] or None,
        }
        return {key: value for key, value in fields.items() if value is not None}


def leaf(label: str, value: float, shown: Format, source: str | None = None) -> Node:
    """A figure that is not made of others."""
    return Node(label, value, shown(value), source=source)


def fact(label: str, text: str | None, source: str | None = None) -> Node:
    """Something said in words; None says that it is not known."""
    return Node(label, text, text or "unknown", source=source)


def total(label: str, value: float, shown: Format, children: Sequence[Node], formula: str) -> Node:
    """A figure that is the sum of its children."""
    parts = math.fsum(child.value for child in children if isinstance(child.value, int | float))
    return Node(label, value, shown(value), formula, parts, children=tuple(children))


def with_asides(node: Node, *asides: Node) -> Node:
    """The node with more children that are no part of its formula."""
    return replace(node, children=(*node.children, *asides))
