"""One component explained."""

from __future__ import annotations

from collections.abc import Callable

from hwsim.report import units
from hwsim.report.document import Component, Constant, Run
from hwsim.report.explanation.node import Node, fact, leaf, total
from hwsim.report.explanation.pricing import action_nodes, leakage_node
from hwsim.report.provenance import value_text


def component(run: Run, one: Component) -> Node:
    """Everything known about a component: its figures and its described constants."""
    figures = [figure(run, one) for figure in FIGURES.values()]
    described = [constant(each) for each in run.constants if each.name.startswith(f"{one.name}.")]
    return Node(one.name, shown=one.class_ or "", children=(*figures, *described))


def energy(run: Run, one: Component) -> Node:
    """Its actions plus its leakage."""
    parts = action_nodes(run, (action for action in run.actions if action.component == one.name))
    leak = leakage_node(run, one)
    children = [*parts, leak] if leak else parts
    return total("energy", one.energy_j or 0.0, units.joules, children, "sum over its actions + leakage")


def leakage(run: Run, one: Component) -> Node:
    """Leakage power times latency."""
    return leakage_node(run, one) or fact("leakage", None)


def area(_run: Run, one: Component) -> Node:
    """Its area and the source of it."""
    if one.area_mm2 is None:
        return fact("area", None, one.area_source)
    return leaf("area", one.area_mm2, lambda value: f"{value:.4g} mm²", one.area_source)


def utilization(_run: Run, one: Component) -> Node:
    """How much of its peak the run used."""
    if one.utilization is None:
        return fact("utilization", None)
    busy = () if one.busy_cycles is None else (leaf("busy cycles", one.busy_cycles, units.count),)
    return Node("utilization", one.utilization, units.percent(one.utilization), children=busy)


def limits(_run: Run, one: Component) -> Node:
    """Clock, capacity, bandwidth and peak."""
    found = [
        _limit("clock", one.clock_hz, lambda value: units.scaled(value, "Hz")),
        _limit("capacity", one.capacity_bytes, units.capacity),
        _limit("bandwidth", one.bandwidth_bytes_per_s, lambda value: units.scaled(value, "B/s")),
        _limit("peak", one.peak_macs_per_s, lambda value: units.scaled(value, "MAC/s")),
    ]
    return Node("limits", children=tuple(node for node in found if node is not None))


def constant(each: Constant) -> Node:
    """A described attribute and its source."""
    return Node(
        each.name, value_text(each.value), value_text(each.value), source=each.source or "no source given"
    )


FIGURES: dict[str, Callable[[Run, Component], Node]] = {
    "energy": energy,
    "leakage": leakage,
    "area": area,
    "utilization": utilization,
    "limits": limits,
}


def _limit(label: str, value: float | None, shown: units.Format) -> Node | None:
    return None if value is None else leaf(label, value, shown)
