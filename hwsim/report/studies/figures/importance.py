"""Which setting decides which metric."""

from __future__ import annotations

from plotly.graph_objects import Figure

from hwsim.report import chart, palette
from hwsim.report.grid import Grid, number
from hwsim.report.studies.quantities import spoken
from hwsim.report.studies.survey import Survey, importance

ORDER = 10
TITLE = "What matters most"
_METRICS = 4


def figure(survey: Survey) -> Figure | None:
    """A group of bars a setting, one bar a metric."""
    if not survey.varied or len(survey.done) < 2:
        return None
    rows = _rows(survey)
    drawn = chart.frame(
        110 + 26 * len(rows) * len(_metrics(survey)),
        barmode="group",
        bargap=0.25,
        xaxis=chart.axis("share of the variance explained alone", tickformat=".0%", range=[0, 1]),
        yaxis=chart.rows_axis(rows),
    )
    for place, metric in enumerate(_metrics(survey)):
        shares = importance(survey, metric)
        drawn.add_bar(
            name=chart.named(spoken(metric)),
            orientation="h",
            y=list(range(len(rows))),
            x=[shares[key] for key in rows],
            marker={"color": palette.COLOURS[place]},
            hovertemplate="%{x:.1%}<extra>" + chart.named(spoken(metric)) + "</extra>",
        )
    return drawn


def caption(survey: Survey) -> str:
    """Which setting decides each metric."""
    said = []
    for metric in _metrics(survey):
        key, share = next(iter(importance(survey, metric).items()))
        said.append(f"{spoken(metric)} is decided most by {key} ({100 * share:.0f} %)")
    return f"{'; '.join(said)}. First-order Sobol indices of the logarithm over the points of this study."


def table(survey: Survey) -> Grid:
    """The shares as numbers."""
    columns = ("Setting", *(spoken(metric) for metric in _metrics(survey)))
    shares = [importance(survey, metric) for metric in _metrics(survey)]
    rows = tuple(
        (key, *(number(f"{100 * each[key]:.1f} %", each[key]) for each in shares)) for key in _rows(survey)
    )
    return Grid("Share of the variance each setting explains alone", columns, rows)


def _metrics(survey: Survey) -> tuple[str, ...]:
    return survey.metrics[:_METRICS]


def _rows(survey: Survey) -> list[str]:
    return list(importance(survey, survey.objective))
