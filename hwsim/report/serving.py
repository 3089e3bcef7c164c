"""Served traces: the answer, in a terminal, and on a page that compares the machines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.table import Table

from hwsim.energy.serving import energy_of
from hwsim.report import units
from hwsim.simulation.serving.question import Answer
from hwsim.simulation.serving.requests import Request
from hwsim.simulation.serving.summary import summary_of
from hwsim.spec.files import write_atomically
from hwsim.spec.library import shown

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_COLUMNS = (
    *(
        "machine",
        "tokens/s",
        "x first",
        "energy a token",
        "first token, median",
        "p99",
        "later tokens, median",
    ),
    *("p99", "mean batch", "NPU busy", "banks busy", "imbalance"),
)


def answer_of(found: Sequence[Answer], requests: Sequence[Request]) -> dict[str, Any]:
    """Every machine's summary with its energy, in the order asked."""
    return {"machines": [_machine(each, requests) for each in found]}


def _machine(each: Answer, requests: Sequence[Request]) -> dict[str, Any]:
    energy, told = energy_of(each.arch, each.served), summary_of(each.served, requests)
    total = sum(energy.values())
    return {
        "machine": each.arch.name,
        "file": shown(each.arch.file),
        "hash": each.arch.content_hash,
        **told,
        "energy_j": total,
        "energy_by_component_j": energy,
        "energy_per_token_j": total / told["tokens"] if told["tokens"] else 0.0,
        "rejected_requests": list(each.served.rejected),
    }


def print_served(content: Mapping[str, Any], console: Console) -> None:
    """A line a machine; what was rejected or preempted below."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in _COLUMNS:
        table.add_column(name, justify="left" if name == "machine" else "right", no_wrap=True)
    for row in _rows(content):
        table.add_row(*row)
    console.print(table)
    for each in content["machines"]:
        if each["rejected"] or each["preemptions"]:
            lost = f"{each['rejected']} rejected, caches given up {each['preemptions']} times"
            console.print(f"{each['machine']}: {lost}", soft_wrap=True)


def _rows(content: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    first = content["machines"][0]["tokens_per_s"]
    for each in content["machines"]:
        tokens, later = each["time_to_first_token_s"], each["time_per_output_token_s"]
        yield (
            each["machine"],
            f"{each['tokens_per_s']:,.0f}",
            f"{each['tokens_per_s'] / first:.2f}" if first else "–",
            units.joules(each["energy_per_token_j"]),
            *(_time(times[name]) for times in (tokens, later) for name in ("p50", "p99")),
            f"{each['mean_batch']:.1f}",
            units.percent(each["utilization"]["npu"]),
            units.percent(each["utilization"]["pim"]),
            "–" if each["imbalance"] is None else f"{each['imbalance']:.2f}",
        )


def _time(seconds: float | None) -> str:
    return "–" if seconds is None else units.seconds(seconds)


def write_serving_report(
    found: Sequence[Answer], content: Mapping[str, Any], inputs: Mapping[str, Any], path: Path
) -> None:
    """The page that compares the machines, complete or not at all.

    Raises:
        InputError: the file cannot be written.
    """
    from hwsim import __version__
    from hwsim.report.grid import Grid, table
    from hwsim.report.markup import element, join
    from hwsim.report.shell import Heading, Section, document

    figures = {
        "first-token": _shares(found, "first token", lambda done: done.time_to_first_token),
        "later-tokens": _shares(found, "each later token", lambda done: done.time_per_token),
    }
    body = join(
        element("figure", element("figcaption", _CAPTIONS[name]), element("div", id=name, class_="plot"))
        for name in figures
    )
    grid = Grid("One trace on every machine", _COLUMNS, tuple(_rows(content)))
    facts = Grid("The trace", ("", "value"), tuple((name, str(value)) for name, value in inputs.items()))
    sections = [
        Section("summary", "Machines", join([table(grid, "machines"), table(facts)])),
        Section("latency", "How long requests wait", body),
    ]
    heading = Heading(f"Serving {inputs['workload']}", f"{inputs['n']} requests, {inputs['requests']}")
    data = {name: json.loads(figure.to_json()) for name, figure in figures.items()}
    write_atomically(path, document(heading, sections, data, f"Written by hwsim {__version__}."))


_CAPTIONS = {
    "first-token": "Share of the requests whose first token has come after so many seconds.",
    "later-tokens": "Share of the requests whose later tokens take at most so many seconds each.",
}


def _shares(found: Sequence[Answer], title: str, time: Any) -> Figure:
    """A line a machine: the share of requests over a time."""
    from plotly.graph_objects import Figure, Scatter

    figure = Figure(
        layout={"xaxis": {"title": f"seconds to {title}"}, "yaxis": {"title": "share", "range": [0, 1]}}
    )
    for each in found:
        times = sorted(t for t in (time(done) for done in each.served.done) if t is not None)
        share = [(number + 1) / len(times) for number in range(len(times))]
        figure.add_trace(Scatter(x=times, y=share, name=each.arch.name, mode="lines"))
    return figure
