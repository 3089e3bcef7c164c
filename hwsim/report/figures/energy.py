"""Energy by component and tensor."""

from __future__ import annotations

from plotly.graph_objects import Figure

from hwsim.report import chart, palette, units
from hwsim.report.document import Run
from hwsim.report.grid import Cell, Grid, number

SECTION = "energy"
ORDER = 10
TITLE = "Energy by component and tensor"
LEAKAGE = "leakage"
OTHER = "no tensor"
MOST = 20


def figure(run: Run) -> Figure | None:
    """One bar a component, most energy first, stacked by what its actions moved or made."""
    split = split_by_tensor(run)
    names = _ranked(split)[:MOST]
    if not names:
        return None
    tensors = tensors_of(split)
    colours = palette.assign(tensors) | {LEAKAGE: palette.NEUTRAL}
    series = [_series(split, names, tensor, colours[tensor]) for tensor in tensors]
    drawn = chart.stacked(names, series, chart.axis("energy", "J"))
    totals = [sum(split[name].values()) for name in names]
    chart.add_totals(drawn, totals, [units.joules(total) for total in totals])
    drawn.update_layout(showlegend=True)
    return drawn


def caption(run: Run) -> str:
    """Where most of the energy goes and how much of it is leakage."""
    split = split_by_tensor(run)
    if not run.energy_j or not split:
        return "No energy is known for this run."
    first = _ranked(split)[0]
    share = units.percent(sum(split[first].values()) / run.energy_j)
    leaked = units.percent(run.leakage_energy_j / run.energy_j)
    return f"{first} takes {share} of {units.joules(run.energy_j)}; {leaked} of the total is leakage."


def table(run: Run) -> Grid:
    """Energy of each component and tensor."""
    split = split_by_tensor(run)
    tensors = tensors_of(split)
    rows = tuple(_row(name, split[name], tensors) for name in _ranked(split))
    return Grid("Energy by component and tensor", ("Component", *tensors, "Total"), rows)


def split_by_tensor(run: Run) -> dict[str, dict[str, float]]:
    """Joules of each component that uses energy, by tensor; leakage counts as a tensor of its own."""
    split: dict[str, dict[str, float]] = {}
    for action in run.actions:
        if action.energy_j:
            parts = split.setdefault(action.component, {})
            tensor = action.tensor or OTHER
            parts[tensor] = parts.get(tensor, 0.0) + action.energy_j
    for component in run.components:
        if component.leakage_energy_j:
            split.setdefault(component.name, {})[LEAKAGE] = component.leakage_energy_j
    return split


def tensors_of(split: dict[str, dict[str, float]]) -> list[str]:
    """The tensors of a split, most energy first, leakage last."""
    sums: dict[str, float] = {}
    for parts in split.values():
        for tensor, energy in parts.items():
            sums[tensor] = sums.get(tensor, 0.0) + energy
    return sorted(sums, key=lambda tensor: (tensor == LEAKAGE, -sums[tensor], tensor))


def _ranked(split: dict[str, dict[str, float]]) -> list[str]:
    return sorted(split, key=lambda name: (-sum(split[name].values()), name))


def _series(split: dict[str, dict[str, float]], names: list[str], tensor: str, colour: str) -> chart.Series:
    energies = [split[name].get(tensor, 0.0) for name in names]
    bars = [
        chart.Bar(row, energy, chart.says(names[row], f"{tensor}: {units.joules(energy)}"))
        for row, energy in enumerate(energies)
        if energy
    ]
    return chart.Series(tensor, colour, bars)


def _row(name: str, parts: dict[str, float], tensors: list[str]) -> tuple[Cell, ...]:
    energies = [*(parts.get(tensor, 0.0) for tensor in tensors), sum(parts.values())]
    return (name, *(number(units.joules(energy), energy) for energy in energies))
