"""What bounds the best point as the ordered setting that matters most changes."""

from __future__ import annotations

from plotly.graph_objects import Figure

from hwsim.report import chart, palette, units
from hwsim.report.grid import Grid, number
from hwsim.report.studies.survey import Survey, importance, is_ordered, plain
from hwsim.report.studies.verdict import turning

ORDER = 25
TITLE = "Where the limit changes"


def figure(survey: Survey) -> Figure | None:
    """A stacked bar a value of the setting: seconds by what bounds them."""
    line = _line(survey)
    if not line:
        return None
    names = _causes(survey, line)
    colours = palette.assign(names)
    series = [
        chart.Series(name, colours[name], [_bar(survey, row, place, name) for row, place in enumerate(line)])
        for name in names
    ]
    labels = [plain(survey.done[place].settings.get(_key(survey))) for place in line]
    return chart.stacked(labels, series, chart.axis("time", "s"))


def caption(survey: Survey) -> str:
    """The sentence about the setting."""
    said = " ".join(turning(survey, survey.best or 0, _key(survey)))
    return f"Time by what bounds it along {_key(survey)}, everything else as in the best point. {said}"


def table(survey: Survey) -> Grid:
    """Seconds by cause."""
    line = _line(survey)
    names = _causes(survey, line)
    rows = tuple(
        (
            plain(survey.done[place].settings.get(_key(survey))),
            *(
                number(units.seconds(_time(survey, place, name)), _time(survey, place, name))
                for name in names
            ),
        )
        for place in line
    )
    return Grid(f"Time by what bounds it along {_key(survey)}", (_key(survey), *names), rows)


def _key(survey: Survey) -> str:
    ordered = [key for key in importance(survey, survey.objective) if is_ordered(survey.levels(key))]
    moving = [key for key in ordered if _bounds(survey, key) > 1]
    return (moving or ordered or [""])[0]


def _bounds(survey: Survey, key: str) -> int:
    """How many different limits the best point meets along a setting."""
    if survey.best is None:
        return 0
    line = survey.neighbours(survey.best, key)
    return len({survey.done[place].outcome.details["bound_by"] for place in line})


def _line(survey: Survey) -> list[int]:
    if survey.best is None or not _key(survey):
        return []
    return list(survey.neighbours(survey.best, _key(survey)))


def _causes(survey: Survey, line: list[int]) -> list[str]:
    return list(
        dict.fromkeys(name for place in line for name in survey.done[place].outcome.details["time_by_bound"])
    )


def _time(survey: Survey, place: int, name: str) -> float:
    return float(survey.done[place].outcome.details["time_by_bound"].get(name, 0.0))


def _bar(survey: Survey, row: int, place: int, name: str) -> chart.Bar:
    seconds = _time(survey, place, name)
    return chart.Bar(row, seconds, chart.says(name, units.seconds(seconds)))
