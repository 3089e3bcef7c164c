"""One run beside another: totals, ratios and every operator."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hwsim.report import pairing, units
from hwsim.report.differences import difference_grid, mapping_name
from hwsim.report.document import Run
from hwsim.report.grid import Cell, Grid, number, table
from hwsim.report.markup import Html, element, join

_ALL = sys.maxsize
_NAMED = 12


@dataclass(frozen=True, slots=True)
class Total:
    """A figure of both runs; None where a run does not know it."""

    name: str
    shown: units.Format
    ours: float | None
    theirs: float | None

    @property
    def ratio(self) -> float | None:
        """Ours over theirs."""
        return self.ours / self.theirs if self.ours is not None and self.theirs else None


def totals(run: Run, against: Run) -> list[Total]:
    """The totals worth comparing."""
    figures: list[tuple[str, units.Format, Callable[[Run], float | None]]] = [
        ("latency", units.seconds, lambda one: one.latency_s),
        ("energy", units.joules, lambda one: one.energy_j),
        ("DRAM traffic", units.traffic, lambda one: one.dram_bytes),
        ("average power", lambda value: units.scaled(value, "W"), lambda one: one.power_w),
        ("area", lambda value: f"{value:.4g} mm²", lambda one: one.area_mm2),
        ("utilization", units.percent, lambda one: one.utilization),
    ]
    return [Total(name, shown, value(run), value(against)) for name, shown, value in figures]


def comparison(run: Run, against: Run, figures: Html) -> Html:
    """The comparison as the page shows it, ``figures`` between the totals and the operators."""
    return join(
        [
            element("p", *_verdict(run, against), class_="verdict"),
            table(total_grid(run, against)),
            _differences(run, against),
            *_unmatched(pairing.pair(run, against, _ALL)),
            figures,
            element("h3", "Every operator of both runs"),
            table(pair_grid(run, against), "comparison-table"),
        ]
    )


def names(run: Run, against: Run) -> tuple[str, str]:
    """What to call the two runs."""
    if run.title != against.title:
        return run.title, against.title
    ours, theirs = mapping_name(run), mapping_name(against)
    if ours == theirs:
        return "this run", "the other run"
    return f"this run ({ours or 'mapping unknown'})", f"the other run ({theirs or 'mapping unknown'})"


def total_grid(run: Run, against: Run) -> Grid:
    """Both values of each total and ours over theirs."""
    rows = tuple(_total_row(total) for total in totals(run, against))
    return Grid("Totals of both runs", ("Figure", *names(run, against), "Ratio"), rows)


def pair_grid(run: Run, against: Run) -> Grid:
    """Time and energy of each operator in both runs."""
    ours, theirs = names(run, against)
    columns = (
        "Operator",
        f"Time, {ours}",
        f"Time, {theirs}",
        "Speed-up",
        f"Energy, {ours}",
        f"Energy, {theirs}",
    )
    pairs = pairing.pair(run, against, _ALL).pairs
    return Grid("Operators of both runs", (*columns, "Energy ratio"), tuple(_pair_row(one) for one in pairs))


def _differences(run: Run, against: Run) -> Html:
    found = difference_grid(run, against, names(run, against))
    return table(found) if found.rows else element("p", "Both runs were described the same.")


def _verdict(run: Run, against: Run) -> Iterator[str]:
    ours, theirs = names(run, against)
    faster = _times(against.latency_s, run.latency_s)
    energy = _times(run.energy_j, against.energy_j)
    yield element("strong", ours)
    yield " is "
    yield element("strong", f"{faster} × as fast")
    yield f" as {theirs} and takes "
    yield element("strong", f"{energy} × the energy")
    yield "."


def _times(numerator: float, denominator: float) -> str:
    return f"{numerator / denominator:.3g}" if denominator else "–"


def _unmatched(found: pairing.Pairing) -> Iterator[Html]:
    for which, only in (("this run", found.only_ours), ("the other run", found.only_theirs)):
        if only:
            more = f" and {len(only) - _NAMED} more" if len(only) > _NAMED else ""
            text = f"Only in {which}: {', '.join(only[:_NAMED])}{more}."
            yield element("p", text, class_="warning")


def _total_row(total: Total) -> tuple[Cell, ...]:
    ratio = None if total.ratio is None else number(f"{total.ratio:.3g}", total.ratio)
    return (total.name, _shown(total, total.ours), _shown(total, total.theirs), ratio)


def _shown(total: Total, value: float | None) -> Cell:
    return None if value is None else number(total.shown(value), value)


def _pair_row(one: pairing.Pair) -> tuple[Cell, ...]:
    times = pairing.latency(one.ours), pairing.latency(one.theirs)
    energies = pairing.energy(one.ours), pairing.energy(one.theirs)
    if not one.complete:
        return (one.label, _time(times[0]), None, None, _energy(energies[0]), None, None)
    faster, dearer = _ratio(times[1], times[0]), _ratio(energies[0], energies[1])
    return (
        one.label,
        _time(times[0]),
        _time(times[1]),
        faster,
        _energy(energies[0]),
        _energy(energies[1]),
        dearer,
    )


def _time(value: float) -> Cell:
    return number(units.seconds(value), value)


def _energy(value: float) -> Cell:
    return number(units.joules(value), value)


def _ratio(numerator: float, denominator: float) -> Cell:
    return number(f"{numerator / denominator:.3g}", numerator / denominator) if denominator else None
