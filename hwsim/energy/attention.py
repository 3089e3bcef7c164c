"""Every fused attention of a run as plain data: its cascade, loop nest, arrays, and need for buffer.

Layers that are alike are one entry. The report draws from it; nothing is computed anew there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from hwsim.arch.component import Component
from hwsim.arch.machine import Arch
from hwsim.einsum.cascade import Cascade
from hwsim.einsum.passes import analyse
from hwsim.mapping.attention import planned_attention
from hwsim.mapping.fused.done import done
from hwsim.mapping.fused.loops import loop_nest, tile_timeline
from hwsim.mapping.fused.machine import CONTRACTION, Processor
from hwsim.mapping.fused.need import LENGTHS, buffer_needs
from hwsim.mapping.fused.operations import bodies, points
from hwsim.mapping.fused.search import able
from hwsim.mapping.fused_group import FusedGroup
from hwsim.mapping.plan import Plan
from hwsim.mapping.protocol import MatrixAttributes
from hwsim.mapping.sites import sites_of
from hwsim.simulation.execution import Execution, OperatorRun
from hwsim.workload.workload import Workload

FAMILY = "M"
"""The rank of keys: what a pass is a walk over."""


def attention_data(arch: Arch, workload: Workload, plan: Plan, execution: Execution) -> list[dict[str, Any]]:
    """One entry for each kind of fused attention of the run, in order."""
    if not any(step.attention for step in plan.steps):
        return []
    typed, sites = workload.with_datatype(plan.datatype), sites_of(arch)
    runs = {run.name: run for run in execution.operators}
    kinds: dict[object, list[FusedGroup]] = {}
    for step in plan.steps:
        fused = planned_attention(sites, typed, step) if step.attention else None
        if fused is not None:
            kinds.setdefault((fused.choice, fused.group.shape, fused.site.machine), []).append(fused)
    return [_entry(found, runs) for found in kinds.values()]


def _entry(found: list[FusedGroup], runs: Mapping[str, OperatorRun]) -> dict[str, Any]:
    fused, run = found[0], runs[found[0].group.name]
    arrays = list(_arrays(fused, run, sum(runs[op.name].dram_bytes for op in fused.group.operators)))
    machine, shape, work = fused.site.machine, fused.group.shape, fused.work
    one_pass = fused.choice.configuration
    if one_pass == "flat":
        one_pass = "fusemax" if able(machine, "fusemax", shape) else "fusemax_cascade"
    return {
        "operators": [each.group.name for each in found],
        "configuration": fused.choice.configuration,
        "choice": str(fused.choice),
        "sizes": {
            "attentions": shape.instances,
            "queries": shape.queries,
            "keys": shape.keys,
            "embed": shape.embed,
            "values": shape.values,
        },
        "cycles": run.cycles,
        "why": _why(fused, arrays),
        "arrays": arrays,
        "array_cycles": work.cycles,
        "stages": [list(stage) for phase in work.configuration.phases for stage in phase],
        "einsums": list(_einsums(fused)),
        "cascade": _cascade(work.cascade, fused),
        "loop_nest": list(loop_nest(machine, fused.choice, shape, work)),
        "tile": [asdict(span) for span in tile_timeline(machine, shape, work)],
        "buffer": {
            "name": machine.buffer,
            "capacity_bytes": machine.buffer_bytes,
            "taken_bytes": work.buffer_bytes,
            "lengths": list(LENGTHS),
            "needed_bytes": buffer_needs(machine, shape, one_pass),
        },
    }


def _arrays(fused: FusedGroup, run: OperatorRun, moved_bytes: int) -> Iterator[dict[str, Any]]:
    machine, work = fused.site.machine, fused.work
    busy = {
        machine.grid.component: work.grid_cycles,
        machine.lanes.component: work.lane_cycles,
        machine.dram: machine.dram_cycles(moved_bytes),
    }
    for name, cycles in busy.items():
        share = min(1.0, cycles / run.cycles) if run.cycles else 0.0
        yield {"component": name, "busy_cycles": cycles, "utilization": share}


def _einsums(fused: FusedGroup) -> Iterator[dict[str, Any]]:
    """Every Einsum of all the attentions: its cycles, its points, and what one point takes, with sources."""
    machine, work = fused.site.machine, fused.work
    sizes, statements = fused.group.shape.sizes(machine.rows), bodies(work.cascade)
    for name in work.configuration.einsums:
        part = machine.grid if name in work.configuration.grid else machine.lanes
        component = fused.site.sites.arch.find(part.component)
        yield {
            "name": name,
            "component": part.component,
            "cycles": work.einsum_cycles[name],
            "points": float(points(work.cascade, statements[name], sizes)) * work.instances,
            "units": part.units,
            "operations": [
                {
                    "name": each.operation,
                    "count": each.count * work.instances,
                    "cycles": _cycles(part, each.operation, work.configuration.chained),
                    "source": _source(component, each.operation, work.configuration.chained),
                }
                for each in done(part, work.cascade, statements[name], sizes)
            ],
        }


def _cycles(part: Processor, operation: str, chained: frozenset[str]) -> float:
    return 0.0 if operation in chained else part.cycles_of(operation)


def _source(component: Component, operation: str, chained: frozenset[str]) -> str:
    if operation in chained:
        return "taken in flight by the unit for the exponential"
    if operation == CONTRACTION and isinstance(component.attributes, MatrixAttributes):
        return "a processing element multiplies and adds once a cycle"
    return component.source_of(f"cycles.{operation}")


def _why(fused: FusedGroup, arrays: list[dict[str, Any]]) -> str:
    """What the time is spent on, in a sentence."""
    busiest = max(arrays, key=lambda part: float(part["busy_cycles"]))
    cycles = fused.work.einsum_cycles
    own = [name for name in cycles if _on(fused, name) == busiest["component"]]
    share = f"{busiest['component']} works {busiest['utilization']:.0%} of the time"
    return f"{share}, longest on {max(own, key=lambda name: cycles[name])}" if own else share


def _on(fused: FusedGroup, einsum: str) -> str:
    machine = fused.site.machine
    return (machine.grid if einsum in fused.work.configuration.grid else machine.lanes).component


def _cascade(cascade: Cascade, fused: FusedGroup) -> dict[str, Any]:
    analysis = analyse(cascade)
    nodes = [{"name": name, "component": fused.site.machine.dram, "text": name} for name in cascade.inputs]
    edges = []
    order = cascade.producers
    for name, position in order.items():
        einsum = cascade.einsums[position]
        nodes.append({"name": name, "component": _on(fused, name), "text": str(einsum)})
        for tensor in dict.fromkeys(access.tensor for access in einsum.reads):
            passes = analysis.tensors[tensor].get(FAMILY)
            walks = passes.direct if passes else None
            edges.append(
                {"from": tensor, "to": name, "passes": walks, "carried": order.get(tensor, -1) >= position}
            )
    return {
        "name": cascade.name,
        "passes": analysis.passes,
        "rank": FAMILY,
        "nodes": nodes,
        "edges": edges,
    }
