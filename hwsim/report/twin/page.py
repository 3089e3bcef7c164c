"""The answer as one HTML file that opens offline: energy over spike rate, a curve for each accounting."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from plotly.graph_objects import Figure

from hwsim import __version__
from hwsim.energy.spiking_accounting.break_even import MOST
from hwsim.report import chart, palette, units
from hwsim.report.grid import Grid, Number, table
from hwsim.report.markup import Html, element, join
from hwsim.report.shell import Heading, Section, document
from hwsim.report.twin.console import rate_text
from hwsim.spec.files import write_atomically

PLOT = "energy-over-rate"
HEIGHT = 520


def write_twins_page(answer: dict[str, Any], path: Path) -> None:
    """Write the page of an answer to ``path``.

    Raises:
        InputError: the file cannot be written.
    """
    heading = Heading(f"{answer['workload']} against its dense twin", f"twin on {answer['against']}")
    sections = [
        Section("energy", "Energy over spike rate", _plot(answer)),
        Section("accountings", "Accountings", _table(answer)),
    ]
    figures = {PLOT: _plain(figure(answer))}
    write_atomically(path, document(heading, sections, figures, f"Written by hwsim {__version__}."))


def figure(answer: dict[str, Any]) -> Figure:
    """Joules over the spike rate: the network, its twin dashed in the same colour, break-even marked."""
    drawn = chart.frame(
        HEIGHT,
        xaxis=chart.axis("spike rate", type="log", tickformat=".2~%", rangemode="normal"),
        yaxis=chart.axis("energy", "J", type="log", rangemode="normal"),
        showlegend=True,
    )
    rates = answer["curves"]["rate"]
    for row, colour in zip(answer["accountings"], palette.COLOURS, strict=False):
        name, level, even = row["accounting"], row["twin_energy_j"], row["break_even_rate"]
        line = {"color": colour, "width": 2}
        drawn.add_scatter(
            x=rates, y=answer["curves"][name], mode="lines", name=name, line=line, legendgroup=name
        )
        drawn.add_scatter(
            x=[rates[0], rates[-1]],
            y=[level, level],
            mode="lines",
            name=f"{name}, twin",
            line={**line, "dash": "dash", "width": 1},
            legendgroup=name,
            showlegend=False,
        )
        if even is not None and even < MOST:
            mark = {"color": colour, "size": 10}
            drawn.add_scatter(
                x=[even], y=[level], mode="markers", name=f"{name}: {rate_text(even)}", marker=mark
            )
    return drawn


def _plain(drawn: Figure) -> Any:
    import json

    return json.loads(drawn.to_json())


def _plot(answer: dict[str, Any]) -> Html:
    rate = 100 * answer["mean_spike_rate"]
    caption = (
        "Energy of one inference where every layer has one spike rate; dashed: the dense twin. "
        f"The network's own mean rate is {rate:.3g} %."
    )
    plot = element("div", id=PLOT, class_="plot", role="group", aria_label=caption)
    return element("figure", element("figcaption", caption), plot)


def _table(answer: dict[str, Any]) -> Html:
    heads = ("Accounting", "Counts", "Spiking", "Dense twin", "Break-even rate")
    rows = tuple(
        (
            row["accounting"],
            row["says"],
            Number(units.joules(row["energy_j"]), row["energy_j"]),
            Number(units.joules(row["twin_energy_j"]), row["twin_energy_j"]),
            rate_text(row["break_even_rate"]),
        )
        for row in answer["accountings"]
    )
    notes = [element("p", note) for note in answer["notes"]]
    return join([table(Grid("Accountings", heads, rows), "accountings-table"), *notes])
