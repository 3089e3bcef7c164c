"""Where the energy of the best points goes."""

from __future__ import annotations

from plotly.graph_objects import Figure

from hwsim.report import chart, palette, units
from hwsim.report.grid import Grid, number
from hwsim.report.studies.survey import Survey

ORDER = 50
TITLE = "Energy of the Pareto front"
_MOST = 20


def figure(survey: Survey) -> Figure | None:
    """A stacked bar a point, a colour a component."""
    places = survey.front()[:_MOST]
    names = _components(survey, places)
    if not names:
        return None
    colours = palette.assign(names)
    series = [
        chart.Series(
            name,
            colours[name],
            [
                chart.Bar(row, _energy(survey, place, name), _says(survey, place, name))
                for row, place in enumerate(places)
            ],
        )
        for name in names
    ]
    return chart.stacked([survey.label(place) for place in places], series, chart.axis("energy", "J"))


def caption(survey: Survey) -> str:
    """What takes most of the best point's energy."""
    places = survey.front()[:_MOST]
    energies = survey.done[places[0]].outcome.details["energy_by_component"]
    total = sum(energies.values()) or 1.0
    name = max(energies, key=lambda each: energies[each])
    more = f" The first {_MOST} of {len(survey.front())} points." if len(survey.front()) > _MOST else ""
    share = 100 * energies[name] / total
    return f"In the first point {name} takes {share:.0f} % of the energy, leakage included.{more}"


def table(survey: Survey) -> Grid:
    """Joules by component."""
    places = survey.front()[:_MOST]
    names = _components(survey, places)
    rows = tuple(
        (
            survey.label(place),
            *(
                number(units.joules(_energy(survey, place, name)), _energy(survey, place, name))
                for name in names
            ),
        )
        for place in places
    )
    return Grid("Energy by component", ("Point", *names), rows)


def _components(survey: Survey, places: list[int]) -> list[str]:
    found = dict.fromkeys(
        name for place in places for name in survey.done[place].outcome.details["energy_by_component"]
    )
    return [name for name in found if any(_energy(survey, place, name) for place in places)]


def _energy(survey: Survey, place: int, name: str) -> float:
    return float(survey.done[place].outcome.details["energy_by_component"].get(name, 0.0))


def _says(survey: Survey, place: int, name: str) -> str:
    return chart.says(name, units.joules(_energy(survey, place, name)), survey.label(place))
