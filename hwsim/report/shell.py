"""The frame of the page: head, navigation, scripts; everything it needs is in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from plotly.offline import get_plotlyjs

from hwsim.report.markup import Html, element, join, script_data

INLINE = "'unsafe-inline'"
"""The page runs the scripts that are in it."""
COMPILING = "'unsafe-inline' 'unsafe-eval'"
"""As ``INLINE``, and they may compile code: plotly.js does for what it draws with WebGL."""
# The page may show its own pictures; it may load nothing.
_POLICY = (
    "default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:; worker-src blob:"
)


@dataclass(frozen=True, slots=True)
class Heading:
    """What the page is about, and what its ``scripts`` may do."""

    title: str
    subtitle: str | None
    scripts: str = INLINE


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page that can be linked to; the navigation calls it by its ``identity``."""

    identity: str
    title: str
    body: Html


def document(
    heading: Heading, sections: Sequence[Section], figures: dict[str, Any], footer: str, *more: Html
) -> str:
    """The whole page; ``figures`` is what plotly.js draws, by the id of the element it draws in; ``more`` are
    data and scripts of its own.
    """
    body = element(
        "body",
        element("a", "Skip to the results", href="#results", class_="skip"),
        _header(heading),
        _navigation(sections),
        element("main", join(_section(one) for one in sections), id="results", tabindex="-1"),
        element("footer", footer),
        script_data(figures, "figures"),
        element("script", Html(get_plotlyjs())),
        element("script", asset("page.js")),
        *more,
    )
    return "<!doctype html>\n" + element("html", _head(heading), body, lang="en")


def _head(heading: Heading) -> Html:
    return element(
        "head",
        element("meta", charset="utf-8"),
        element(
            "meta", http_equiv="Content-Security-Policy", content=_POLICY.format(scripts=heading.scripts)
        ),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", f"{heading.title} – hwsim"),
        element("link", rel="icon", href="data:,"),
        element("style", asset("page.css")),
    )


def _header(heading: Heading) -> Html:
    kicker = element("p", "hwsim report", class_="kicker")
    below = [element("p", heading.subtitle, class_="against")] if heading.subtitle else []
    return element("header", kicker, element("h1", heading.title), *below, class_="top")


def _navigation(sections: Iterable[Section]) -> Html:
    links = (
        element("li", element("a", one.identity.capitalize(), href=f"#{one.identity}")) for one in sections
    )
    return element("nav", element("ul", join(links)), aria_label="Sections")


def _section(one: Section) -> Html:
    title = f"{one.identity}-heading"
    heading = element("h2", one.title, id=title)
    return element("section", heading, one.body, id=one.identity, tabindex="-1", aria_labelledby=title)


def asset(name: str) -> Html:
    """A style sheet or script of the page."""
    return Html((files("hwsim.report") / "assets" / name).read_text(encoding="utf-8"))
