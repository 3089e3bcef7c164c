"""One operator explained."""

from __future__ import annotations

from collections.abc import Callable

from hwsim.report import units
from hwsim.report.document import Component, Operator, Run
from hwsim.report.explanation.attention import attention
from hwsim.report.explanation.node import Node, fact, leaf, total, with_asides
from hwsim.report.explanation.pricing import action_nodes
from hwsim.report.provenance import value_text


def operator(run: Run, op: Operator) -> Node:
    """Everything known about an operator."""
    where = fact("runs on", op.component)
    fused = op.name in run.sharing
    children = [figure(run, op) for name, figure in FIGURES.items() if fused or name != "attention"]
    return Node(op.name, shown=op.kind, children=(where, *children))


def latency(run: Run, op: Operator) -> Node:
    """Cycles over clock; cycles are work plus stalls."""
    component = _component(run, op)
    clock = component.clock_hz if component else None
    children = [cycles(run, op), leaf("start", op.start_s, units.seconds)]
    if clock:
        children.insert(1, leaf("clock", clock, lambda value: units.scaled(value, "Hz")))
    shown = units.seconds(op.latency_s)
    recomputed = op.cycles / clock if clock else None
    return Node("latency", op.latency_s, shown, "cycles / clock", recomputed, None, tuple(children))


def cycles(run: Run, op: Operator) -> Node:
    """Cycles of work plus stalls by cause, beside the lower bound, and the constants of the component."""
    stalls = [leaf(f"stalled: {cause}", lost, units.count) for cause, lost in op.stalls.items() if lost]
    parts = [leaf("compute", op.compute_cycles, units.count), *stalls]
    summed = total("cycles", op.cycles, units.count, parts, "compute + stalls")
    bound = leaf("lower bound", op.lower_bound_cycles, units.count)
    return with_asides(summed, bound, fact("bound by", op.bound_by), *_described(run, op.component))


def energy(run: Run, op: Operator) -> Node:
    """The sum over its actions."""
    return total("energy", op.energy_j, units.joules, action_nodes(run, op.actions), "sum over its actions")


def dram_bytes(_run: Run, op: Operator) -> Node:
    """DRAM traffic, and the traffic of every memory."""
    parts = tuple(leaf(memory, moved, units.traffic) for memory, moved in op.traffic.items())
    return Node("DRAM traffic", op.dram_bytes, units.traffic(op.dram_bytes), children=parts)


def utilization(run: Run, op: Operator) -> Node:
    """MACs over what the component could have done in that time."""
    component = _component(run, op)
    peak = component.peak_macs_per_s if component else None
    children = [leaf("MACs", op.macs, units.count), leaf("latency", op.latency_s, units.seconds)]
    if peak:
        children.append(leaf(f"peak of {op.component}", peak, lambda value: units.scaled(value, "MAC/s")))
    shown = units.percent(op.utilization)
    return Node("utilization", op.utilization, shown, "MACs / (peak × latency)", None, None, tuple(children))


def mapping(_run: Run, op: Operator) -> Node:
    """How its loops are laid out."""
    return fact("mapping", op.mapping)


def error_band(_run: Run, op: Operator) -> Node:
    """How the model of this operator did against references."""
    return fact("error band", op.error_band or "unvalidated")


FIGURES: dict[str, Callable[[Run, Operator], Node]] = {
    "latency": latency,
    "energy": energy,
    "dram_bytes": dram_bytes,
    "utilization": utilization,
    "mapping": mapping,
    "error_band": error_band,
    "attention": attention,
}


def _component(run: Run, op: Operator) -> Component | None:
    return next((one for one in run.components if one.name == op.component), None)


def _described(run: Run, component: str) -> list[Node]:
    found = (one for one in run.constants if one.name.startswith(f"{component}."))
    return [fact(one.name, value_text(one.value), one.source) for one in found]
