"""The page: the figures of a schedule beside those of a naive one, its address map, what it moves when."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from plotly.graph_objects import Figure

from hwsim import __version__
from hwsim.report import units
from hwsim.report.grid import Cell, Grid, number, table
from hwsim.report.markup import Html, element, join
from hwsim.report.schedule.address_map import address_map
from hwsim.report.schedule.occupancy import occupancy, rooms
from hwsim.report.shell import Heading, Section, document
from hwsim.report.summary import Card, cards_list
from hwsim.schedule.naive import naive_schedule
from hwsim.schedule.problem import Problem, Schedule
from hwsim.schedule.scheduled import Scheduled, peak_bytes
from hwsim.schedule.stays import transfers
from hwsim.schedule.verify import verify
from hwsim.spec.files import write_atomically

_NAIVE = "the order of the file, furthest next use leaves first"


def write_schedule_report(found: Scheduled, path: Path) -> None:
    """Write the report of a schedule, complete or not at all.

    Raises:
        InputError: the file cannot be written.
    """
    write_atomically(path, render(found))


def render(found: Scheduled) -> str:
    """The report as HTML that opens offline."""
    naive = naive_schedule(found.problem)
    ours = found.result.steps
    figures = {
        "address-map": address_map(found.problem, ours),
        "naive-map": address_map(found.problem, naive),
        "occupancy": occupancy(found.problem, {"this schedule": ours, _NAIVE: naive}),
    }
    sections = [
        Section("summary", "Summary", join([_cards(found, naive), table(_comparison(found, naive))])),
        Section("addresses", "What lies where when", _maps()),
        Section("transfers", "What moves when", table(_moves(found.problem, ours), "moves-table")),
    ]
    title = Heading(f"Schedule of {found.problem.name or 'a graph'}", _subtitle(found))
    data = {name: _data(figure) for name, figure in figures.items()}
    return document(title, sections, data, f"Written by hwsim {__version__}.")


def _subtitle(found: Scheduled) -> str:
    count = len(found.problem.operators)
    return f"{count} operators in a scratchpad of {units.capacity(found.problem.scratchpad_bytes)}"


def _cards(found: Scheduled, naive: Schedule) -> Html:
    result = found.result
    cost, bound = result.noncompulsory_bytes or 0, result.lower_bound_bytes
    other = verify(found.problem, naive).noncompulsory_bytes or 0
    detail = "proved optimal" if result.status == "optimal" else f"gap {units.percent(result.gap or 0)}"
    cards = [
        Card("Non-compulsory traffic", units.traffic(cost), detail, (bound or 0) / cost if cost else 1.0),
        Card("Compulsory traffic", units.traffic(result.compulsory_bytes), "inputs, weights, outputs once"),
        Card("A naive order's", units.traffic(other), _NAIVE),
        Card(
            "Peak",
            units.capacity(peak_bytes(found.problem, result.steps)),
            f"of {units.capacity(found.problem.scratchpad_bytes)}",
        ),
    ]
    return cards_list(cards)


def _comparison(found: Scheduled, naive: Schedule) -> Grid:
    columns = ("", "This schedule", "Naive order")
    pairs = zip(_facts(found.problem, found.result.steps), _facts(found.problem, naive), strict=True)
    return Grid(
        "Beside a naive order", columns, tuple((name, ours, theirs) for (name, ours), (_, theirs) in pairs)
    )


def _facts(problem: Problem, steps: Schedule) -> Iterator[tuple[str, Cell]]:
    moved, room = transfers(problem, steps), rooms(problem, steps)
    broken = max(each.fragmentation for each in room)
    back = moved.fetched - moved.first_fetches
    yield "Fetched for the first time", number(units.traffic(moved.first_fetches), moved.first_fetches)
    yield "Fetched again", number(units.traffic(back), back)
    yield "Written back", number(units.traffic(moved.written_back), moved.written_back)
    yield "Peak address", number(units.capacity(peak_bytes(problem, steps)), peak_bytes(problem, steps))
    most = max(each.taken for each in room)
    yield "Most bytes taken", number(units.capacity(most), most)
    yield "Free room not in one piece, at worst", number(units.percent(broken), broken)


def _maps() -> Html:
    return join(
        [
            _figure("address-map", "This schedule", "Point at a tensor to see why it comes and goes."),
            _figure("naive-map", "A naive order", f"The same graph in {_NAIVE}."),
            _figure("occupancy", "Bytes taken", "Both schedules, step by step."),
        ]
    )


def _figure(identity: str, title: str, caption: str) -> Html:
    heading = element("h3", title, id=f"{identity}-title")
    plot = element("div", id=identity, class_="plot", role="group", aria_label=f"{title}. {caption}")
    return element(
        "figure", heading, element("figcaption", caption), plot, aria_labelledby=f"{identity}-title"
    )


def _moves(problem: Problem, steps: Schedule) -> Grid:
    rows = tuple(
        (number(str(place), place), step.op, _named(problem, step.fetch), _named(problem, step.writeback))
        for place, step in enumerate(steps)
        if step.fetch or step.writeback
    )
    return Grid("Transfers before each step", ("Step", "Operator", "Fetched", "Written back"), rows)


def _named(problem: Problem, names: tuple[str, ...]) -> str:
    return ", ".join(f"{name} ({units.traffic(problem.tensor[name].size)})" for name in names)


def _data(figure: Figure) -> Any:
    data = json.loads(figure.to_json(engine="json"))
    data["layout"].pop("template", None)  # the page has its own, for light and for dark
    return data
