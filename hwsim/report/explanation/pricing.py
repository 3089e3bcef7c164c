"""Energies down to action counts, the energy of one action, and its source."""

from __future__ import annotations

from collections.abc import Iterable

from hwsim.report import units
from hwsim.report.document import Action, ActionTotal, Component, Run
from hwsim.report.explanation.node import Node, leaf

_Key = tuple[str, str, str | None]


def prices(run: Run) -> dict[_Key, ActionTotal]:
    """The priced actions of the run by component, action and tensor."""
    return {(one.component, one.action, one.tensor): one for one in run.actions}


def action_nodes(run: Run, actions: Iterable[Action]) -> list[Node]:
    """Each action as count times energy of one, most energy first."""
    known = prices(run)
    ranked = sorted(actions, key=lambda one: -one.energy_j)
    return [_node(one, known.get((one.component, one.action, one.tensor))) for one in ranked]


def leakage_node(run: Run, component: Component) -> Node | None:
    """Leakage of a component: power times latency; None where it has none."""
    if component.leakage_energy_j is None:
        return None
    label = f"leakage of {component.name}"
    energy = component.leakage_energy_j
    if component.leakage_w is None:
        return leaf(label, energy, units.joules, component.leakage_source)
    power = leaf(
        "leakage power", component.leakage_w, lambda value: units.scaled(value, "W"), component.leakage_source
    )
    parts = (power, leaf("latency of the run", run.latency_s, units.seconds))
    formula = "leakage power × latency"
    return Node(
        label, energy, units.joules(energy), formula, component.leakage_w * run.latency_s, children=parts
    )


def _node(one: Action, price: ActionTotal | None) -> Node:
    label = " ".join(word for word in (one.component, one.action, one.tensor) if word)
    count = leaf("count", one.count, units.count)
    each = price.energy_per_action_j if price else None
    if price is None or each is None:
        return Node(label, one.energy_j, units.joules(one.energy_j), source=price.source if price else None)
    children = (count, leaf("energy per action", each, units.joules, price.source))
    formula = "count × energy per action"
    return Node(label, one.energy_j, units.joules(one.energy_j), formula, one.count * each, children=children)
