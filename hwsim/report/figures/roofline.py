"""Roofline with one ceiling per memory level: what each operator reaches and what stops it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from plotly.graph_objects import Figure

from hwsim.report import chart, palette, units
from hwsim.report.document import Component, Run
from hwsim.report.grid import Cell, Grid, number
from hwsim.report.intensity import Point, Roof, points, roof

SECTION = "limits"
ORDER = 10
TITLE = "Roofline"
MOST = 200
TABLE_MOST = 40


def figure(run: Run) -> Figure | None:
    """A slanted ceiling a memory, a flat one a compute component, each operator a point per memory."""
    found = points(run, MOST)
    if not found:
        return None
    above = roof(run)
    across, up = _spans(found, above)
    axes = {"xaxis": _log_axis("MACs per byte", across), "yaxis": _log_axis("MACs per second", up)}
    drawn = chart.frame(540, **axes)
    colours = palette.components(run)
    for memory in above.memories:
        drawn.add_scatter(
            **_ceiling(memory, above.peak, across, up), **_line(colours[memory.name], memory.name)
        )
        mine = [point for point in found if point.memory == memory.name]
        if mine:
            drawn.add_scatter(**_cloud(mine), **_dots(mine, colours[memory.name], memory.name))
    for unit in above.computes:
        drawn.add_scatter(**_flat(unit, across))
    return drawn


def caption(run: Run) -> str:
    """How to read it, the ceilings, and what is not in it."""
    without = sum(1 for op in run.ops if not op.macs)
    note = f" {units.count(without)} operators without MACs are not shown." if without else ""
    above = roof(run)
    ceilings = [f"{memory.name} {_bandwidth(memory)}" for memory in above.memories]
    ceilings += [f"{unit.name} {_peak(unit)}" for unit in above.computes]
    how = "Each operator is one point per memory; its distance to the ceiling of that colour is left unused."
    return f"{how} Ceilings: {', '.join(ceilings)}.{note}"


def table(run: Run) -> Grid:
    """For the longest-running operators, what they reach and their intensity at each memory."""
    names = [memory.name for memory in roof(run).memories]
    by_label: dict[str, list[Point]] = {}
    for point in points(run, TABLE_MOST):
        by_label.setdefault(point.label, []).append(point)
    columns = ("Operator", "Time", "MACs per second", *(f"MACs per byte of {name}" for name in names))
    return Grid("Points of the roofline", columns, tuple(_row(mine, names) for mine in by_label.values()))


def _row(mine: Sequence[Point], names: Sequence[str]) -> tuple[Cell, ...]:
    first = mine[0]
    intensity = {point.memory: point.macs_per_byte for point in mine}
    reached = number(units.scaled(first.macs_per_s, "MAC/s"), first.macs_per_s)
    cells = (
        number(f"{intensity[name]:.3g}", intensity[name]) if name in intensity else None for name in names
    )
    return (first.label, number(units.seconds(first.latency_s), first.latency_s), reached, *cells)


def _spans(found: Sequence[Point], above: Roof) -> tuple[tuple[float, float], tuple[float, float]]:
    """The least and the greatest intensity and throughput to show: all points, all ridges, some air."""
    across = [point.macs_per_byte for point in found] + above.ridges
    up = [point.macs_per_s for point in found] + [unit.peak_macs_per_s or 0.0 for unit in above.computes]
    return (min(across) / 3, max(across) * 4), (min(up) / 5, max(up) * 3)


def _ceiling(memory: Component, peak: float, across: Sequence[float], up: Sequence[float]) -> dict[str, Any]:
    """The slanted line of a memory within the figure, named near its upper end."""
    bandwidth = memory.bandwidth_bytes_per_s or 0.0
    begin = max(across[0], up[0] / bandwidth)
    end = max(begin, min(across[1], (peak or up[1]) / bandwidth))
    xs = [begin, (begin * end**3) ** 0.25, end]
    return {
        "x": xs,
        "y": [x * bandwidth for x in xs],
        "text": ["", chart.plain(memory.name), ""],
        "hovertext": chart.says(memory.name, f"ceiling {_bandwidth(memory)}"),
    }


def _line(colour: str, group: str) -> dict[str, Any]:
    return {
        "name": chart.plain(f"{group} ceiling"),
        "legendgroup": group,
        "showlegend": False,
        "mode": "lines+text",
        "textposition": "top left",
        "line": {"color": colour, "width": 2},
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _flat(unit: Component, across: Sequence[float]) -> dict[str, Any]:
    peak = unit.peak_macs_per_s or 0.0
    return {
        "name": chart.named(f"peak of {unit.name}"),
        "mode": "lines",
        "x": list(across),
        "y": [peak, peak],
        "line": {"color": palette.NEUTRAL, "width": 2, "dash": "dash"},
        "hovertext": chart.says(unit.name, f"peak {_peak(unit)}"),
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _cloud(mine: Sequence[Point]) -> dict[str, Any]:
    return {
        "x": [point.macs_per_byte for point in mine],
        "y": [point.macs_per_s for point in mine],
        "hovertext": [_says(point) for point in mine],
    }


def _dots(mine: Sequence[Point], colour: str, group: str) -> dict[str, Any]:
    longest = max(point.latency_s for point in mine)
    sizes = [round(7 + 13 * math.sqrt(point.latency_s / longest), 1) for point in mine]
    edge = {"width": 1, "color": colour}
    return {
        "name": chart.named(group),
        "legendgroup": group,
        "mode": "markers",
        "hovertemplate": "%{hovertext}<extra></extra>",
        "marker": {"color": palette.translucent(colour, 0.7), "line": edge, "size": sizes},
    }


def _says(point: Point) -> str:
    return chart.says(
        point.label,
        f"{point.macs_per_byte:.3g} MACs per byte of {point.memory}",
        f"{units.scaled(point.macs_per_s, 'MAC/s')}, {units.seconds(point.latency_s)}",
        f"bound by {point.bound_by}",
    )


def _log_axis(title: str, span: tuple[float, float]) -> dict[str, Any]:
    ends = [math.log10(end) for end in span]
    step = 1 if ends[1] - ends[0] > 3.5 else "D2"  # every decade, or also its 2 and 5
    return chart.axis(title, type="log", rangemode="normal", range=ends, dtick=step)


def _bandwidth(memory: Component) -> str:
    return units.scaled(memory.bandwidth_bytes_per_s or 0.0, "B/s")


def _peak(unit: Component) -> str:
    return units.scaled(unit.peak_macs_per_s or 0.0, "MAC/s")
