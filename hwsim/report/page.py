"""The report: one HTML file that opens offline and is the same, byte for byte, for the same result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from hwsim.report.comparison import comparison, names
from hwsim.report.document import Run, as_run
from hwsim.report.gallery import SECTIONS, Drawing, contrasts, drawings
from hwsim.report.grid import table
from hwsim.report.loop_nests import loop_nests
from hwsim.report.markup import Html, element, join
from hwsim.report.operator_table import operator_grid
from hwsim.report.provenance import action_grid, component_grid, constant_grid
from hwsim.report.shell import Heading, Section, document
from hwsim.report.summary import summary
from hwsim.spec.files import write_atomically


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
    sections = [*_opening(run, other, compared), *_figures(run, single), *_closing(run)]
    footer = f"Written by hwsim {run.hwsim}, result schema {run.schema_}."
    return document(_heading(run, other), sections, _data([*compared, *single]), footer)


def _heading(run: Run, other: Run | None) -> Heading:
    if other is None:
        return Heading(run.title, None)
    return Heading(run.title, f"compared with {names(run, other)[1]}")


def _data(drawn: Sequence[Drawing]) -> dict[str, Any]:
    return {drawing.identity: drawing.data for drawing in drawn}


def _opening(run: Run, other: Run | None, compared: Sequence[Drawing]) -> list[Section]:
    first = Section("summary", "Summary", summary(run))
    if other is None:
        return [first]
    figures = join(_figure(drawing) for drawing in compared)
    return [Section("comparison", "Comparison", comparison(run, other, figures)), first]


def _figures(run: Run, single: Sequence[Drawing]) -> list[Section]:
    by_section = {key: [one for one in single if one.section == key] for key in SECTIONS}
    texts = {"attention": loop_nests}
    return [
        Section(key, SECTIONS[key], join([*(_figure(one) for one in found), *_text(texts.get(key), run)]))
        for key, found in by_section.items()
        if found
    ]


def _text(write: Callable[[Run], Html] | None, run: Run) -> list[Html]:
    return [] if write is None else [write(run)]


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
