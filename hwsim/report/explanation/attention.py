"""The cycles of a fused attention explained: stage by stage, Einsum by Einsum, down to one operation."""

from __future__ import annotations

import math
from collections.abc import Mapping

from hwsim.report import units
from hwsim.report.attention_document import EinsumWork, FusedAttention
from hwsim.report.document import Operator, Run
from hwsim.report.explanation.node import Node, fact, leaf, total


def attention(run: Run, op: Operator) -> Node:
    """What both arrays do in the step of an operator; says so where it is no fused attention."""
    found = next((each for each in run.attention if op.name in each.operators), None)
    if found is None:
        return fact("attention", "not the first operator of a fused attention")
    works = {work.name: work for work in found.einsums}
    stages = [_stage(number, stage, works) for number, stage in enumerate(found.stages, start=1)]
    busy = [leaf(f"{part.component} busy", part.utilization, units.percent) for part in found.arrays]
    return Node(
        "attention",
        found.array_cycles,
        units.count(found.array_cycles),
        "cycles of both arrays with all data there: the sum of its stages" + _fills(found, stages),
        None if _fills(found, stages) else math.fsum(_number(stage) for stage in stages),
        None,
        (fact("choice", found.choice), *stages, *busy),
    )


def _fills(found: FusedAttention, stages: list[Node]) -> str:
    """Fills of the grid that nothing hides stand beside the stages."""
    summed = math.fsum(_number(stage) for stage in stages)
    exposed = found.array_cycles > summed * (1 + 1e-9)
    return ", and fills of the grid that nothing hides" if exposed else ""


def _stage(number: int, stage: tuple[str, ...], works: Mapping[str, EinsumWork]) -> Node:
    """Einsums side by side: the array that works longer counts."""
    sides: dict[str, list[EinsumWork]] = {}
    for name in stage:
        sides.setdefault(works[name].component, []).append(works[name])
    parts = [
        total(
            component, math.fsum(one.cycles for one in own), units.count, [_einsum(one) for one in own], "sum"
        )
        for component, own in sides.items()
    ]
    longest = max(_number(part) for part in parts)
    return Node(
        f"stage {number}",
        longest,
        units.count(longest),
        "the longer of its arrays",
        longest,
        None,
        tuple(parts),
    )


def _einsum(work: EinsumWork) -> Node:
    """Points times what one takes, over the units; units without work and tiles that are not full count."""
    each = [
        leaf(f"cycles of {one.name}", one.cycles, lambda value: f"{value:g}", one.source)
        for one in work.operations
    ]
    parts = (leaf("points", work.points, units.count), *each, leaf("units", work.units, units.count))
    formula = "points × cycles of a point / units, at least: tiles that are not full count as full"
    return Node(work.name, work.cycles, units.count(work.cycles), formula, None, None, parts)


def _number(node: Node) -> float:
    return node.value if isinstance(node.value, int | float) else 0.0
