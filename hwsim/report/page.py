"""The report: one HTML file that opens offline and is the same, byte for byte, for the same result."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from plotly.offline import get_plotlyjs

from hwsim.report.comparison import comparison
from hwsim.report.document import Run, as_run
from hwsim.report.gallery import SECTIONS, Drawing, contrasts, drawings
from hwsim.report.grid import table
from hwsim.report.markup import Html, element, join, script_data
from hwsim.report.operator_table import operator_grid
from hwsim.report.provenance import action_grid, component_grid, constant_grid
from hwsim.report.summary import summary
from hwsim.spec.files import write_atomically

# The page may run its own scripts and show its own pictures; it may load nothing.
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:; worker-src blob:"
)


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page that can be linked to."""

    identity: str
    title: str
    body: Html


def write_report(result: dict[str, Any], path: Path, against: dict[str, Any] | None = None) -> None:
    """Write the report of ``result`` to ``path``, complete or not at all; see ``render``.

    Raises:
        InputError: not a result, or the file cannot be written.
    """
    write_atomically(path, render(result, against))


def render(result: dict[str, Any], against: dict[str, Any] | None = None) -> str:
    """The report of a result document as HTML; with ``against``, that run is compared first.

    Raises:
        NotAResultError: a document is not a result of ``hwsim run --json``.
    """
    run = as_run(result)
    other = None if against is None else as_run(against)
    single = drawings(run)
    compared = [] if other is None else contrasts(run, other)
    sections = [*_opening(run, other, compared), *_figures(single), *_closing(run)]
    return "<!doctype html>\n" + _document(run, sections, [*compared, *single])


def _opening(run: Run, other: Run | None, compared: Sequence[Drawing]) -> list[Section]:
    first = Section("summary", "Summary", summary(run))
    if other is None:
        return [first]
    figures = join(_figure(drawing) for drawing in compared)
    return [Section("comparison", "Comparison", comparison(run, other, figures)), first]


def _figures(single: Sequence[Drawing]) -> list[Section]:
    by_section = {key: [one for one in single if one.section == key] for key in SECTIONS}
    return [
        Section(key, SECTIONS[key], join(_figure(one) for one in found))
        for key, found in by_section.items()
        if found
    ]


def _closing(run: Run) -> list[Section]:
    provenance = join(
        [
            element(
                "p", "Each energy is a count times the energy of one action; the counts are those of the run."
            ),
            table(action_grid(run), "actions-table"),
            table(component_grid(run), "components-table"),
            table(constant_grid(run), "constants-table"),
        ]
    )
    operators = table(operator_grid(run), "operators-table")
    return [Section("operators", "All operators", operators), Section("provenance", "Provenance", provenance)]


def _figure(drawing: Drawing) -> Html:
    title = f"{drawing.identity}-title"
    plot = element("div", id=drawing.identity, class_="plot", role="group", aria_label=_spoken(drawing))
    data = element("details", element("summary", f"{drawing.title}: as a table"), table(drawing.grid))
    heading = element("h3", drawing.title, id=title)
    caption = element("figcaption", drawing.caption)
    return element("figure", heading, caption, plot, data, aria_labelledby=title)


def _spoken(drawing: Drawing) -> str:
    return f"{drawing.title}. {drawing.caption} The table below has the same figures."


def _document(run: Run, sections: Sequence[Section], drawn: Sequence[Drawing]) -> Html:
    body = element(
        "body",
        element("a", "Skip to the results", href="#results", class_="skip"),
        _header(run),
        _navigation(sections),
        element("main", join(_section(one) for one in sections), id="results", tabindex="-1"),
        element("footer", f"Written by hwsim {run.hwsim}, result schema {run.schema_}."),
        script_data({one.identity: one.data for one in drawn}, "figures"),
        element("script", Html(get_plotlyjs())),
        element("script", _asset("page.js")),
    )
    return element("html", _head(run), body, lang="en")


def _head(run: Run) -> Html:
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name_="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name_="color-scheme", content="light dark"),
        element("title", f"{run.title} – hwsim"),
        element("link", rel="icon", href="data:,"),
        element("style", _asset("page.css")),
    )


def _header(run: Run) -> Html:
    where = element("p", "hwsim report", class_="kicker")
    return element("header", where, element("h1", run.title), class_="top")


def _navigation(sections: Iterable[Section]) -> Html:
    links = (element("li", element("a", one.title, href=f"#{one.identity}")) for one in sections)
    return element("nav", element("ul", join(links)), aria_label="Sections")


def _section(one: Section) -> Html:
    title = f"{one.identity}-heading"
    heading = element("h2", one.title, id=title)
    return element("section", heading, one.body, id=one.identity, tabindex="-1", aria_labelledby=title)


def _asset(name: str) -> Html:
    return Html((files("hwsim.report") / "assets" / name).read_text(encoding="utf-8"))
