"""Where every figure comes from: described constants, energy per action, areas and leakage, with sources."""

from __future__ import annotations

import json

from hwsim.report import units
from hwsim.report.document import ActionTotal, Component, Run
from hwsim.report.grid import Cell, Grid, number

NO_SOURCE = "no source given"


def action_grid(run: Run) -> Grid:
    """Action counts, the energy of one action and its source."""
    columns = ("Component", "Action", "Tensor", "Count", "Energy per action", "Energy", "Source")
    ranked = sorted(run.actions, key=lambda action: -action.energy_j)
    return Grid("Energy by action", columns, tuple(_action_row(action) for action in ranked))


def component_grid(run: Run) -> Grid:
    """Size, leakage and limits of each component."""
    columns = (
        "Component",
        "Class",
        "Part of",
        "Instances",
        "Clock",
        "Capacity",
        "Bandwidth",
        "Peak",
        "Area",
        "Source of the area",
        "Leakage",
        "Source of the leakage",
    )
    return Grid("Components", columns, tuple(_component_row(one) for one in run.components))


def constant_grid(run: Run) -> Grid:
    """Every described attribute with its source."""
    rows = tuple((one.name, value_text(one.value), one.source or NO_SOURCE) for one in run.constants)
    return Grid("Described constants", ("Constant", "Value", "Source"), rows)


def value_text(value: object) -> str:
    """A described value as text."""
    if isinstance(value, float):
        return f"{value:.6g}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _action_row(action: ActionTotal) -> tuple[Cell, ...]:
    each = action.energy_per_action_j
    return (
        action.component,
        action.action,
        action.tensor,
        number(units.count(action.count), action.count),
        None if each is None else number(units.joules(each), each),
        number(units.joules(action.energy_j), action.energy_j),
        action.source or NO_SOURCE,
    )


def _component_row(one: Component) -> tuple[Cell, ...]:
    return (
        one.name,
        one.class_,
        one.parent,
        number(units.count(one.instances), one.instances),
        _measure(one.clock_hz, "Hz"),
        None
        if one.capacity_bytes is None
        else number(units.capacity(one.capacity_bytes), one.capacity_bytes),
        _measure(one.bandwidth_bytes_per_s, "B/s"),
        _measure(one.peak_macs_per_s, "MAC/s"),
        None if one.area_mm2 is None else number(f"{one.area_mm2:.4g} mm²", one.area_mm2),
        one.area_source,
        _measure(one.leakage_w, "W"),
        one.leakage_source,
    )


def _measure(value: float | None, unit: str) -> Cell:
    return None if value is None else number(units.scaled(value, unit), value)
