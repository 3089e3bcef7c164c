"""All points under the roof of the best one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from plotly.graph_objects import Figure

from hwsim.report import chart, palette, units
from hwsim.report.grid import Grid, number
from hwsim.report.studies.survey import Survey

Column = NDArray[np.float64]
Places = NDArray[np.int64]
ORDER = 40
TITLE = "Roofline over all points"
_LISTED = 40
_SMOOTH = 4_000
"""More points than these are drawn with WebGL."""
MOST = 20_000
"""Points drawn; of more, evenly spread ones and the Pareto front."""


def figure(survey: Survey) -> Figure | None:
    """A point a design: multiply-accumulates by byte of outermost memory, and by second."""
    intensity, speed = _intensity(survey), _speed(survey)
    usable = np.isfinite(intensity) & np.isfinite(speed) & (intensity > 0) & (speed > 0)
    if survey.best is None or not usable.any():
        return None
    drawn = chart.frame(
        480,
        xaxis=chart.axis("MACs per byte of outermost memory", type="log", rangemode="normal"),
        yaxis=chart.axis("MACs per second", type="log", rangemode="normal"),
    )
    for name, mask, colour, size in (
        ("infeasible", ~survey.feasible, palette.NEUTRAL, 4),
        ("feasible", survey.feasible & ~survey.on_front, palette.COLOURS[0], 5),
        ("Pareto front", survey.on_front, palette.COLOURS[1], 9),
    ):
        chosen = thinned(np.flatnonzero(usable & mask), MOST)
        draw = drawn.add_scattergl if len(survey.done) > _SMOOTH else drawn.add_scatter
        draw(
            name=name,
            x=intensity[chosen].tolist(),
            y=speed[chosen].tolist(),
            mode="markers",
            marker={"color": colour, "size": size},
            hovertemplate="%{x:.3s} MAC/B<br>%{y:.3s} MAC/s<extra>" + name + "</extra>",
        )
    _roof(survey, drawn, intensity[usable])
    return drawn


def caption(survey: Survey) -> str:
    """How near the best point is to its roof, and which part of the roof it is under."""
    best = survey.best
    if best is None:
        return ""
    metrics = survey.done[best].outcome.metrics
    peak, rate = metrics["peak_macs_per_s"] or 0.0, metrics["dram_bytes_per_s"]
    intensity, speed = float(_intensity(survey)[best]), float(_speed(survey)[best])
    roof = min(peak, intensity * rate) if rate else peak
    side = "memory" if rate and intensity * rate < peak else "compute"
    share = 100 * speed / roof if roof else 0.0
    return f"The best point reaches {share:.0f} % of its roof, under the {side} part of it (the line drawn)."


def table(survey: Survey) -> Grid:
    """The points of the Pareto front."""
    intensity, speed = _intensity(survey), _speed(survey)
    rows = tuple(
        (
            survey.label(place),
            number(f"{intensity[place]:.3g}", float(intensity[place])),
            number(units.scaled(float(speed[place]), "MAC/s"), float(speed[place])),
        )
        for place in survey.front()[:_LISTED]
    )
    return Grid(
        "Points of the Pareto front in the roofline", ("Point", "MACs per byte", "MACs per second"), rows
    )


def thinned(places: Places, most: int) -> Places:
    """At most ``most`` of the places, evenly spread."""
    return places if len(places) <= most else places[np.linspace(0, len(places) - 1, most).astype(int)]


def _roof(survey: Survey, drawn: Figure, intensity: Column) -> None:
    metrics = survey.done[survey.best or 0].outcome.metrics
    peak, rate = metrics["peak_macs_per_s"], metrics["dram_bytes_per_s"]
    if not peak or not rate:
        return
    ridge = peak / rate
    across = [min(float(intensity.min()), ridge) / 2, ridge, max(float(intensity.max()), ridge) * 2]
    drawn.add_scatter(
        name="roof of the best point",
        x=across,
        y=[min(peak, each * rate) for each in across],
        mode="lines",
        line={"color": palette.COLOURS[1], "width": 2},
        hoverinfo="skip",
    )


def _intensity(survey: Survey) -> Column:
    return _quotient(survey, "dram_bytes")


def _speed(survey: Survey) -> Column:
    return _quotient(survey, "latency_s")


def _quotient(survey: Survey, metric: str) -> Column:
    """Multiply-accumulates over a metric; NaN where that is nothing."""
    below = survey.column(metric)
    found: Column = np.full(len(below), np.nan)
    np.divide(survey.column("macs"), below, out=found, where=below > 0)
    return found
