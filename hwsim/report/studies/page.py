"""The page of a study: its answer in sentences, figures to click and brush, every point as CSV."""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hwsim import __version__
from hwsim.explore.results import StudyResults
from hwsim.report.grid import Grid, number, table
from hwsim.report.markup import Html, element, join
from hwsim.report.shell import COMPILING, Heading, Section, asset, document
from hwsim.report.studies import figures
from hwsim.report.studies.against import against_section
from hwsim.report.studies.points_data import packed
from hwsim.report.studies.quantities import shown
from hwsim.report.studies.survey import Survey, plain
from hwsim.report.studies.verdict import verdict
from hwsim.spec.files import write_atomically

_LISTED = 200
_FAILED = 50


@dataclass(frozen=True, slots=True)
class Drawn:
    """A figure as the page shows it."""

    identity: str
    title: str
    caption: str
    grid: Grid
    data: dict[str, Any]


def write_study_report(found: StudyResults, path: Path, against: StudyResults | None = None) -> None:
    """Write the page of a study to ``path``, complete or not at all; see :func:`render`.

    Raises:
        InputError: the file cannot be written.
    """
    write_atomically(path, render(found, against))


def render(found: StudyResults, against: StudyResults | None = None) -> str:
    """The page as HTML that opens offline, the same for the same points; compared with ``against`` first."""
    survey = Survey(found)
    drawn = list(_drawn(survey)) if survey.done else []
    compared = [] if against is None else [against_section(found, against)]
    sections = [
        *compared,
        Section("answer", "The answer", _answer(survey)),
        *_explorer(survey),
        Section("why", "Why", join(_figure(each) for each in drawn)),
        Section("points", "Points", _points(survey)),
        Section("provenance", "Provenance", _provenance(found)),
    ]
    sections = [each for each in sections if each.body]
    data = {each.identity: each.data for each in drawn}
    heading = Heading(found.space.study.name, found.space.study.description or None, COMPILING)
    more = (
        element("script", Html(packed(survey)), type="application/octet-stream", id="points-data"),
        element("script", asset("study.js")),
    )
    footer = f"Written by hwsim {__version__} from {len(found.rows)} points."
    return document(heading, sections, data, footer, *(more if survey.done else ()))


def _answer(survey: Survey) -> Html:
    return join(
        element("p", each, class_="verdict" if not place else None)
        for place, each in enumerate(verdict(survey))
    )


def _drawn(survey: Survey) -> Iterator[Drawn]:
    names = sorted(each.name for each in pkgutil.iter_modules(figures.__path__))
    modules = [importlib.import_module(f"{figures.__name__}.{name}") for name in names]
    for module in sorted(modules, key=lambda each: each.ORDER):
        figure = module.figure(survey)
        if figure is not None:
            name = module.__name__.rpartition(".")[2].replace("_", "-")
            data = json.loads(figure.to_json(engine="json"))
            data["layout"].pop("template", None)
            yield Drawn(f"study-{name}", module.TITLE, module.caption(survey), module.table(survey), data)


def _figure(drawn: Drawn) -> Html:
    title = f"{drawn.identity}-title"
    spoken = f"{drawn.title}. {drawn.caption} The table below has the same figures."
    plot = element("div", id=drawn.identity, class_="plot", role="group", aria_label=spoken)
    data = element("details", element("summary", f"{drawn.title}: as a table"), table(drawn.grid))
    heading = element("h3", drawn.title, id=title)
    return element("figure", heading, element("figcaption", drawn.caption), plot, data, aria_labelledby=title)


def _explorer(survey: Survey) -> list[Section]:
    """The places where the page draws its own figures."""
    if not survey.done:
        return []
    body = join(
        [
            element("p", "Choose what to see; every figure and the download follow the filter."),
            element("form", id="filter", class_="controls", aria_label="Filter"),
            element("p", id="told", role="status"),
            _drawing(
                "front",
                "Pareto front",
                "The axes are those chosen below; the front is drawn of what the filter leaves.",
            ),
            _drawing(
                "parallel",
                "Parallel coordinates",
                "Brush along an axis: lines outside are left out, here and in the front.",
            ),
            element("p", element("button", "Download these points as CSV", id="download", type="button")),
        ]
    )
    return [Section("explore", "Explore", body)]


def _drawing(name: str, title: str, caption: str) -> Html:
    heading = element("h3", title, id=f"{name}-title")
    form = element("form", id=f"{name}-axes", class_="controls", aria_label=f"Axes of the {title}")
    plot = element("div", id=name, class_="plot tall", role="group", aria_label=f"{title}. {caption}")
    told = element("figcaption", caption, id=f"{name}-says")
    return element("figure", heading, told, form, plot, aria_labelledby=f"{name}-title")


def _points(survey: Survey) -> Html:
    """The front first, then the other feasible points by the first objective."""
    order = _order(survey)
    columns = ("Point", *survey.varied, *survey.metrics, "bound by", "status")
    rows = tuple(_row(survey, place) for place in order[:_LISTED])
    parts = (
        [table(Grid(f"The {len(rows)} best of {len(survey.done)} points", columns, rows), "study-points")]
        if rows
        else []
    )
    bad = [row for row in survey.found.rows if row.outcome.status == "failed"]
    if bad:
        listed = tuple((str(row.position), str(row.settings), row.outcome.message) for row in bad[:_FAILED])
        parts.append(table(Grid(f"{len(bad)} points failed", ("Point", "Settings", "Message"), listed)))
    return join(parts)


def _order(survey: Survey) -> list[int]:
    if not survey.done:
        return []
    costs = survey.costs(survey.found.objectives[0])
    return sorted(
        range(len(survey.done)), key=lambda place: (not survey.on_front[place], float(costs[place]), place)
    )


def _row(survey: Survey, place: int) -> tuple[Any, ...]:
    row = survey.done[place]
    status = (
        "Pareto front" if survey.on_front[place] else "feasible" if survey.feasible[place] else "infeasible"
    )
    metrics = (
        number(shown(name, row.outcome.metrics[name]), row.outcome.metrics[name]) for name in survey.metrics
    )
    settings = (plain(row.settings.get(key)) for key in survey.varied)
    return (str(row.position), *settings, *metrics, row.outcome.details["bound_by"], status)


def _provenance(found: StudyResults) -> Html:
    """What the study asked for, and with what it was run; nothing that changes from run to run."""
    study = found.space.study
    asked = {
        "machines": ", ".join(study.machines),
        "workloads": ", ".join(study.workloads),
        "mappings": ", ".join(study.mappings),
        "fidelity": study.fidelity,
        "constraints": ", ".join(study.constraints) or "none",
        "objectives": ", ".join(study.objectives),
        "source": study.source or "none given",
    }
    run = found.runs[-1] if found.runs else {}
    tools = {"hwsim": run.get("hwsim", ""), "model": run.get("model", ""), "python": run.get("python", "")}
    rows = tuple((key, str(value)) for key, value in {**asked, **tools, **run.get("libraries", {})}.items())
    note = (
        "Every point is one 'hwsim run' with these settings: its error bands, lower bounds and the sources"
        " of its constants are in the report of that run."
    )
    return join(
        [element("p", note), table(Grid("What was asked, and what answered", ("What", "Value"), rows))]
    )
