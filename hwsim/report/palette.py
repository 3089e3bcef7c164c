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


def assign(names: Iterable[str], colours: tuple[str, ...] = COLOURS) -> dict[str, str]:
    """A colour for each name in the order given; where they run out they begin again."""
    return {name: colours[index % len(colours)] for index, name in enumerate(dict.fromkeys(names))}


def components(run: Run) -> dict[str, str]:
    """A colour for each component: that of compute where it has a peak of MACs, else in order."""
    computing = {one.name: COMPUTE for one in run.components if one.peak_macs_per_s}
    named = [one.name for one in run.components] + [op.component for op in run.ops]
    named += [action.component for action in run.actions]
    return assign((name for name in named if name not in computing), COLOURS[1:]) | computing


def bounds(run: Run) -> dict[str, str]:
    """A colour for each thing that bounds an operator: compute, the components, other things."""
    found = {op.bound_by for op in run.ops if op.latency_s}
    known = {name: colour for name, colour in components(run).items() if name in found}
    left = tuple(colour for colour in reversed(COLOURS[1:]) if colour not in known.values())
    others = assign(sorted(found - {"compute", *known}), left or COLOURS)
    return {"compute": COMPUTE} | known | others


def translucent(colour: str, alpha: float) -> str:
    """``#rrggbb`` as rgba with the given opacity."""
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha:g})"
