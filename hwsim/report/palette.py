"""Colours of the data: each has a contrast of at least 3:1 to the light and to the dark page."""

from __future__ import annotations

from collections.abc import Iterable

from hwsim.report.document import Run

COLOURS = (
    "#3f7fd0",  # blue
    "#d9731a",  # orange
    "#2a9d74",  # green
    "#a56ad0",  # violet
    "#b8891a",  # gold
    "#d2567a",  # rose
    "#1f97b0",  # cyan
    "#97704d",  # brown
)
NEUTRAL = "#808a95"
COMPUTE = COLOURS[0]


def assign(names: Iterable[str]) -> dict[str, str]:
    """A colour for each name in the order given; the ninth begins again."""
    return {name: COLOURS[index % len(COLOURS)] for index, name in enumerate(dict.fromkeys(names))}


def bounds(run: Run) -> dict[str, str]:
    """A colour for each thing that bounds an operator: compute, the components as listed, others."""
    found = {op.bound_by for op in run.ops}
    known = [component.name for component in run.components if component.name in found]
    return assign(["compute", *known, *sorted(found)])


def translucent(colour: str, alpha: float) -> str:
    """``#rrggbb`` as rgba with the given opacity."""
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha:g})"
