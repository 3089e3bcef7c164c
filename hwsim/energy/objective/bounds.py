"""What no candidate of a step is below, and why none is left where there is none."""

from __future__ import annotations

import numpy as np

from hwsim.arch.machine import memory_of
from hwsim.arch.memory import ROLES
from hwsim.energy.objective.choice import Bounds
from hwsim.energy.objective.judge import Judge
from hwsim.mapping.declared import Declared
from hwsim.mapping.plan import Step, Transfer
from hwsim.mapping.room import used_bits
from hwsim.spec.errors import InputError


def bounds(candidates: Declared, step: Step, judge: Judge) -> Bounds:
    """Seconds of the busiest resource; joules of the bits that move, of all that is the same whatever the
    nest of ``step``, and of what leaks meanwhile.
    """
    scene, task = judge.scene, step.tasks[0]
    clock, root = candidates.request.engine.component.clock, scene.root
    beside = [move for move in step.transfers if move.operator != task.operator or move.role not in ROLES]
    moved = 8 * sum(move.bytes for move in beside if root in (move.source, move.destination))
    shared = memory_of(judge.arch.root).ports == "shared"
    outer = (candidates.bits[root] + moved) / (scene.rate or np.inf) / judge.arch.clock if shared else 0.0
    riders = sum(scene.vector_cycles(rider) for rider in step.tasks[1:]) / judge.arch.clock
    seconds = np.maximum(np.maximum(np.floor(candidates.cycles) / clock, outer), riders)
    joules = judge.leakage * seconds + _fixed_joules(step, beside, judge)
    for memory, bits in candidates.bits.items():
        joules = joules + judge.bit_price(memory) * bits
    return seconds, joules


def _fixed_joules(step: Step, beside: list[Transfer], judge: Judge) -> float:
    """Of what moves beside the tiles, of the riders, and of the multiply-accumulates."""
    scene, task = judge.scene, step.tasks[0]
    moved = sum(
        8 * move.bytes * judge.bit_price(name)
        for move in beside
        for name in (move.source, move.destination)
        if scene.stores(name)
    )
    rode = sum(
        action.count * judge.price(rider.component, action.action)
        for rider in step.tasks[1:]
        for action in scene.engine_actions(rider)
    )
    macs = [each for each in scene.engine_actions(task) if each.action == "mac"]
    return moved + rode + sum(each.count * judge.price(task.component, "mac") for each in macs)


def nothing_fits(operator: str, candidates: Declared, min_utilization: float) -> InputError:
    """Which capacity and which rule removed how many candidates, and the smallest change that leaves one."""
    count, room = candidates.count, candidates.without_room
    reasons = [f"{room:,} of {count:,} tiles and orders do not fit"] if room else []
    if candidates.against_rules:
        reasons.append(f"{candidates.against_rules:,} break the rules")
    return InputError(
        f"no loop nest for {operator!r} is left: {', '.join(reasons)}",
        hint=_more_room(candidates) if room == count else _less_strict(candidates, min_utilization),
    )


def _more_room(candidates: Declared) -> str:
    """The least that a memory lacks."""
    costing, request = candidates.costing, candidates.request
    lacking = []
    for room in costing.boundary.rooms:
        used = used_bits(room, costing.costs.problem, request.engine, costing.costs.mesh.tile)
        lacking.append((int(np.min(used)) - room.bits, room.memory))
    bits, memory = max(lacking)
    least = -(-bits // 8)
    return f"{memory} needs at least {least:,} bytes more: --set {memory}.capacity=..., or smaller tiles"


def _less_strict(candidates: Declared, min_utilization: float) -> str:
    """The most that any candidate is utilised."""
    cycles = np.min(candidates.costing.costs.cycles)
    best = candidates.request.problem.points / (cycles * candidates.request.engine.peak_macs)
    if best < min_utilization:
        return f"min_utilization: {best:.3f} is the most that any reaches"
    return (
        "what is left of the tiles cuts sums of a result that stays on the chip: put K innermost or leave it "
        "whole, or give residency: none"
    )
