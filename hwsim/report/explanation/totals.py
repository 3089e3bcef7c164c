"""The totals of a run explained."""

from __future__ import annotations

from collections.abc import Callable

from hwsim.report import units
from hwsim.report.document import Run
from hwsim.report.explanation.node import Node, fact, leaf, total, with_asides
from hwsim.report.explanation.pricing import action_nodes, leakage_node
from hwsim.report.grouping import leading, readable
from hwsim.report.groups import Group
from hwsim.report.provenance import value_text

MOST = 12


def latency(run: Run) -> Node:
    """The end of the last operator; the operators; the lower bound; the clocks."""
    last = max((op.end_s for op in run.ops), default=0.0)
    operators = Node("operators", shown=f"{len(run.ops)}", children=tuple(_timed(run)))
    children = (operators, lower_bound(run), *_constants(run, ("clock", "frequency")))
    return Node(
        "latency",
        run.latency_s,
        units.seconds(run.latency_s),
        "end of the last operator",
        last,
        None,
        children,
    )


def energy(run: Run) -> Node:
    """Dynamic energy of every action plus leakage of every component."""
    actions = action_nodes(run, run.actions)
    leaks = [node for node in (leakage_node(run, one) for one in run.components) if node is not None]
    dynamic = total("dynamic energy", run.dynamic_energy_j, units.joules, actions, "sum over the actions")
    leakage = total("leakage energy", run.leakage_energy_j, units.joules, leaks, "sum over the components")
    return total("energy", run.energy_j, units.joules, (dynamic, leakage), "dynamic + leakage")


def power(run: Run) -> Node:
    """Energy over latency."""
    children = (leaf("energy", run.energy_j, units.joules), leaf("latency", run.latency_s, units.seconds))
    recomputed = run.energy_j / run.latency_s if run.latency_s else None
    shown = units.scaled(run.power_w, "W")
    return Node("average power", run.power_w, shown, "energy / latency", recomputed, children=children)


def area(run: Run) -> Node:
    """The sum over the components whose area is known."""
    known = [one for one in run.components if one.area_mm2 is not None]
    parts = [leaf(one.name, one.area_mm2 or 0.0, _square, one.area_source) for one in known]
    unknown = [fact(one.name, None) for one in run.components if one.area_mm2 is None]
    if run.area_mm2 is None:
        return Node("area", shown="unknown", children=(*parts, *unknown))
    return with_asides(total("area", run.area_mm2, _square, parts, "sum over the components"), *unknown)


def utilization(run: Run) -> Node:
    """MACs over what the peak could have done in that time."""
    peaks = [one for one in run.components if one.peak_macs_per_s]
    parts = [leaf(f"peak of {one.name}", one.peak_macs_per_s or 0.0, _rate) for one in peaks]
    children = (leaf("MACs", run.macs, units.count), leaf("latency", run.latency_s, units.seconds), *parts)
    shown = units.percent(run.utilization)
    return Node("utilization", run.utilization, shown, "MACs / (peak × latency)", children=children)


def macs(run: Run) -> Node:
    """The sum over the operators."""
    parts = [leaf(group.label, group.macs, units.count) for group in _most(run, lambda group: group.macs)]
    return total("MACs", run.macs, units.count, parts, "sum over the operators")


def dram_bytes(run: Run) -> Node:
    """The sum over the operators, and what no plan can avoid."""
    most = _most(run, lambda one: one.dram_bytes)
    parts = [leaf(group.label, group.dram_bytes, units.traffic) for group in most]
    summed = total("DRAM traffic", run.dram_bytes, units.traffic, parts, "sum over the operators")
    return with_asides(summed, leaf("lower bound", run.lower_bound.dram_bytes, units.traffic))


def lower_bound(run: Run) -> Node:
    """The longest of the least times that the resources need."""
    bounds = sorted(run.lower_bound.bounds, key=lambda one: -one.latency_s)
    parts = tuple(leaf(one.resource, one.latency_s, units.seconds) for one in bounds)
    greatest = bounds[0].latency_s if bounds else None
    value = run.lower_bound.latency_s
    formula = "the greatest of the bounds of the resources"
    return Node("lower bound of the latency", value, units.seconds(value), formula, greatest, None, parts)


def inputs(run: Run) -> Node:
    """The files the run was made of."""
    given = [(role, one) for role, one in run.inputs.items() if one is not None]
    parts = tuple(Node(role, one.name, one.name, source=_place(one.file, one.hash)) for role, one in given)
    return Node("inputs", shown=f"hwsim {run.hwsim}", children=parts)


TOTALS: dict[str, Callable[[Run], Node]] = {
    "latency": latency,
    "energy": energy,
    "power": power,
    "area": area,
    "utilization": utilization,
    "macs": macs,
    "dram_bytes": dram_bytes,
    "lower_bound": lower_bound,
    "inputs": inputs,
}


def _timed(run: Run) -> list[Node]:
    return [
        Node(group.label, group.latency_s, f"{units.seconds(group.latency_s)}, bound by {group.bound_by}")
        for group in readable(run.ops, MOST)
    ]


def _most(run: Run, figure: Callable[[Group], float]) -> list[Group]:
    """Groups of all operators that have some of a figure, those with most of it first."""
    return [group for group in leading(run.ops, MOST, figure) if figure(group)]


def _constants(run: Run, endings: tuple[str, ...]) -> list[Node]:
    found = (one for one in run.constants if one.name.rpartition(".")[2] in endings)
    return [fact(one.name, value_text(one.value), one.source) for one in found]


def _place(file: str | None, digest: str | None) -> str | None:
    return " ".join(part for part in (file, digest) if part) or None


def _square(value: float) -> str:
    return f"{value:.4g} mm²"


def _rate(value: float) -> str:
    return units.scaled(value, "MAC/s")
