"""The best that can be reached for each pair of values of the two settings that matter most."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from plotly.graph_objects import Figure

from hwsim.report import chart
from hwsim.report.grid import Cell, Grid, number
from hwsim.report.studies.quantities import shown, spoken
from hwsim.report.studies.survey import Survey, importance, plain

ORDER = 30
TITLE = "Two settings together"


def figure(survey: Survey) -> Figure | None:
    """A field a pair, its colour the least of the first objective over everything else."""
    pair = _pair(survey)
    if pair is None:
        return None
    across, up = pair
    values = reached(survey, across, up)
    names = [[plain(each) for each in survey.levels(key)] for key in pair]
    drawn = chart.frame(
        160 + 34 * len(names[1]),
        xaxis={"title": {"text": across}, "type": "category", "automargin": True},
        yaxis={"title": {"text": up}, "type": "category", "automargin": True},
    )
    drawn.add_heatmap(
        x=names[0],
        y=names[1],
        z=[[None if np.isnan(each) else float(each) for each in row] for row in values],
        colorscale="Viridis",
        reversescale=True,
        colorbar={"title": {"text": chart.plain(spoken(survey.objective))}, "tickformat": "~s"},
        hovertemplate=f"{across} %{{x}}<br>{up} %{{y}}<br>%{{z:.4s}}<extra></extra>",
    )
    return drawn


def caption(survey: Survey) -> str:
    """Where the best field is."""
    pair = _pair(survey)
    if pair is None:
        return ""
    values = reached(survey, *pair)
    if np.isnan(values).all():
        return "No pair has a feasible point."
    row, column = np.unravel_index(int(np.nanargmin(values)), values.shape)
    across, up = (plain(survey.levels(key)[int(at)]) for key, at in zip(pair, (column, row), strict=True))
    least = shown(survey.objective, float(values[row, column]))
    return (
        f"Least {spoken(survey.objective)} of all feasible points with these two values: {least} at"
        f" {pair[0]} {across} and {pair[1]} {up}; empty fields have no feasible point."
    )


def table(survey: Survey) -> Grid:
    """The fields as numbers."""
    pair = _pair(survey) or ("", "")
    values = reached(survey, *pair)
    columns = (f"{pair[1]} / {pair[0]}", *(plain(each) for each in survey.levels(pair[0])))
    rows = tuple(
        (plain(level), *(_cell(survey, float(each)) for each in row))
        for level, row in zip(survey.levels(pair[1]), values, strict=True)
    )
    return Grid(f"Least {spoken(survey.objective)} of each pair", columns, rows)


def reached(survey: Survey, across: str, up: str) -> NDArray[np.float64]:
    """The least of the first objective for each pair of values; NaN where no point is feasible."""
    values = np.where(survey.feasible, survey.column(survey.objective), np.nan)
    found = np.full((len(survey.levels(up)), len(survey.levels(across))), np.inf)
    usable = ~np.isnan(values)
    np.minimum.at(found, (survey.codes(up)[usable], survey.codes(across)[usable]), values[usable])
    return np.where(np.isinf(found), np.nan, found)


def _cell(survey: Survey, value: float) -> Cell:
    return None if np.isnan(value) else number(shown(survey.objective, value), value)


def _pair(survey: Survey) -> tuple[str, str] | None:
    ranked = [key for key in importance(survey, survey.objective) if len(survey.levels(key)) > 1]
    return (ranked[0], ranked[1]) if len(ranked) > 1 else None
