"""The top of the page: the figures of the run beside their bounds, its error bands, notes and inputs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hwsim.report import units
from hwsim.report.document import Operator, Run
from hwsim.report.grid import Cell, Grid, number, table
from hwsim.report.markup import Html, element, join

UNVALIDATED = "unvalidated"


@dataclass(frozen=True, slots=True)
class Card:
    """A headline figure, what stands beside it, and how much of it (0 to 1) is its lower bound."""

    label: str
    value: str
    detail: str
    filled: float | None = None


def summary(run: Run) -> Html:
    """Headline figures, notes, error bands, and what went in."""
    return join(
        [
            cards_list(cards(run)),
            _notes(run),
            element("h3", "How far to trust it"),
            table(error_bands(run)),
            element("h3", "What went in"),
            element("dl", join(_fact(*fact) for fact in facts(run)), class_="facts"),
            table(inputs(run)),
        ]
    )


def cards(run: Run) -> list[Card]:
    """Latency, energy, DRAM traffic, utilization, power and area, each with its bound where it has one."""
    bound = run.lower_bound
    return [
        _bounded("Latency", units.seconds, run.latency_s, bound.latency_s),
        Card("Energy", units.joules(run.energy_j), _energy_detail(run)),
        _bounded("DRAM traffic", units.traffic, run.dram_bytes, bound.dram_bytes),
        Card("Utilization", units.percent(run.utilization), _utilization_detail(run), _bound_share(run)),
        Card("Average power", units.scaled(run.power_w, "W"), "energy / latency"),
        Card("Area", _area(run), _area_detail(run)),
    ]


def cards_list(shown: Iterable[Card]) -> Html:
    """Headline figures side by side."""
    return element("dl", join(_card(card) for card in shown), class_="cards")


def error_bands(run: Run) -> Grid:
    """Each error band: how many operators have it and their share of time and energy."""
    bands: dict[str, list[Operator]] = {}
    for op in run.ops:
        bands.setdefault(op.error_band or UNVALIDATED, []).append(op)
    time = sum(op.latency_s for op in run.ops)
    energy = sum(op.energy_j for op in run.ops)
    rows = tuple(_band_row(band, ops, time, energy) for band, ops in bands.items())
    return Grid("Error bands", ("Error band", "Operators", "Share of time", "Share of energy"), rows)


def inputs(run: Run) -> Grid:
    """The files of the run and the hashes of their content."""
    given = ((role, one) for role, one in run.inputs.items() if one is not None)
    rows = tuple((role, one.name, one.file, one.hash) for role, one in given)
    return Grid("Inputs", ("Input", "Name", "File", "Content hash"), rows)


def facts(run: Run) -> Iterator[tuple[str, str]]:
    """What else tells this run from another, name and value."""
    yield "fidelity", run.fidelity
    if run.technology:
        yield "technology", run.technology
    if run.datatype:
        yield "data type", run.datatype
    if run.clock_hz:
        yield "clock", units.scaled(run.clock_hz, "Hz")
    yield "cycles", units.count(run.cycles)
    yield "MACs", units.count(run.macs)
    yield "operators", units.count(len(run.ops))
    for name, value in run.parameters.items():
        if value is not None:
            yield name, value if isinstance(value, str) else json.dumps(value)


def _bounded(label: str, shown: units.Format, value: float, bound: float) -> Card:
    above = units.ratio(value, bound)
    if above is None:
        return Card(label, shown(value), "no lower bound")
    return Card(
        label, shown(value), f"lower bound {shown(bound)}, {above} ×", bound / value if value else 1.0
    )


def _energy_detail(run: Run) -> str:
    if not run.energy_j:
        return "no energy is known"
    return f"{units.percent(run.leakage_energy_j / run.energy_j)} of it leakage"


def _utilization_detail(run: Run) -> str:
    best = _best_utilization(run)
    return "no lower bound" if best is None else f"at most {units.percent(best)} at the latency bound"


def _bound_share(run: Run) -> float | None:
    best = _best_utilization(run)
    return run.utilization / best if best else None


def _best_utilization(run: Run) -> float | None:
    """The utilization if the run took no longer than its lower bound."""
    bound = run.lower_bound.latency_s
    return run.utilization * run.latency_s / bound if bound else None


def _area(run: Run) -> str:
    return "unknown" if run.area_mm2 is None else f"{run.area_mm2:.4g} mm²"


def _area_detail(run: Run) -> str:
    missing = sum(one.area_mm2 is None for one in run.components)
    return f"{missing} of {len(run.components)} components state none" if missing else "all components"


def _card(card: Card) -> Html:
    body = [element("dt", card.label), element("dd", card.value, class_="value"), element("dd", card.detail)]
    if card.filled is not None:
        share = f"{100 * min(1.0, card.filled):.1f}%"
        body.append(
            element("dd", element("span", style=f"width:{share}"), class_="meter", aria_hidden="true")
        )
    return element("div", *body)


def _fact(name: str, value: str) -> Html:
    return element("div", element("dt", name), element("dd", value))


def _notes(run: Run) -> Html:
    if not run.notes:
        return Html("")
    notes = element("ul", join(element("li", note) for note in run.notes))
    return element("aside", element("h3", "Notes"), notes, class_="notes")


def _band_row(band: str, ops: list[Operator], time: float, energy: float) -> tuple[Cell, ...]:
    spent, used = sum(op.latency_s for op in ops), sum(op.energy_j for op in ops)
    shares = ((spent, time), (used, energy))
    cells = (number(units.percent(part / whole), part / whole) if whole else None for part, whole in shares)
    return (band, number(units.count(len(ops)), len(ops)), *cells)
