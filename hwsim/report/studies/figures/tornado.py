"""Sensitivity: what each setting alone does to the best point."""

from __future__ import annotations

from dataclasses import dataclass

from plotly.graph_objects import Figure

from hwsim.report import chart, palette
from hwsim.report.grid import Grid, number
from hwsim.report.studies.quantities import shown, spoken
from hwsim.report.studies.survey import Survey, plain
from hwsim.report.studies.verdict import turning

ORDER = 20
TITLE = "Around the best point"


@dataclass(frozen=True, slots=True)
class Reach:
    """The least and the greatest value along one setting, and where they are."""

    key: str
    least: float
    most: float
    least_at: str
    most_at: str


def reaches(survey: Survey) -> list[Reach]:
    """What each setting alone does, the widest reach first."""
    found = []
    values = survey.column(survey.objective)
    for key in survey.varied if survey.best is not None else ():
        line = list(survey.neighbours(survey.best or 0, key))
        along = values[line]
        names = [plain(survey.done[place].settings.get(key)) for place in line]
        low, high = int(along.argmin()), int(along.argmax())
        found.append(Reach(key, float(along[low]), float(along[high]), names[low], names[high]))
    return sorted(found, key=lambda each: (each.least - each.most, each.key))


def figure(survey: Survey) -> Figure | None:
    """A bar a setting from its least to its greatest value, the best point as a line."""
    found = reaches(survey)
    if not found or survey.best is None:
        return None
    metric, best = survey.objective, float(survey.column(survey.objective)[survey.best])
    drawn = chart.frame(
        120 + 30 * len(found),
        xaxis=chart.axis(spoken(metric), rangemode="normal"),
        yaxis=chart.rows_axis([each.key for each in found]),
        showlegend=False,
    )
    drawn.add_bar(
        orientation="h",
        y=list(range(len(found))),
        base=[each.least for each in found],
        x=[each.most - each.least for each in found],
        marker={"color": palette.COLOURS[0]},
        hovertext=[_says(metric, each) for each in found],
        hovertemplate="%{hovertext}<extra></extra>",
    )
    drawn.add_vline(x=best, line={"color": palette.COLOURS[1], "width": 2})
    return drawn


def caption(survey: Survey) -> str:
    """In words, for the setting that matters most here."""
    found = reaches(survey)
    if survey.best is None or not found:
        return ""
    said = " ".join(turning(survey, survey.best, found[0].key))
    return f"Each bar changes one setting of the best point and keeps the others. {said}"


def table(survey: Survey) -> Grid:
    """The ends of the bars."""
    metric = survey.objective
    rows = tuple(
        (
            each.key,
            number(shown(metric, each.least), each.least),
            each.least_at,
            number(shown(metric, each.most), each.most),
            each.most_at,
        )
        for each in reaches(survey)
    )
    return Grid(f"Reach of {spoken(metric)} by setting", ("Setting", "Least", "at", "Most", "at "), rows)


def _says(metric: str, each: Reach) -> str:
    ends = (
        f"{shown(metric, each.least)} at {each.least_at}",
        f"{shown(metric, each.most)} at {each.most_at}",
    )
    return chart.says(each.key, *ends)
