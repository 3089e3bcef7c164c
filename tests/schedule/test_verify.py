from __future__ import annotations

import json
from dataclasses import replace

import pytest
from schedule.random_graphs import COSMA, cosma

from hwsim.schedule.graph_file import schedule_from_json
from hwsim.schedule.problem import Schedule, Step
from hwsim.schedule.verify import verify

PROBLEM = cosma("tiny_2")


def known(name: str) -> tuple[Schedule, int]:
    document = json.loads((COSMA / f"{name}.json").read_text())
    return schedule_from_json(document["best_known_schedule"]), document["optimal_noncompulsory_bytes"]


SCHEDULE = known("tiny_2")[0]


@pytest.mark.parametrize("name", sorted(path.stem for path in COSMA.glob("*.json")))
def test_every_known_schedule_replays_at_its_cost(name: str) -> None:
    schedule, cost = known(name)
    assert verify(cosma(name), schedule).noncompulsory_bytes == cost


def changed(step: int, **changes: object) -> Schedule:
    steps = list(SCHEDULE)
    steps[step] = replace(steps[step], **changes)
    return tuple(steps)


def moved(step: int, tensor: str, address: int) -> Schedule:
    return changed(step, placements={**SCHEDULE[step].placements, tensor: address})


BROKEN = {
    "an operator twice": ((*SCHEDULE, SCHEDULE[-1]), 1, 6),
    "an operator missing": (SCHEDULE[:-1], 1, 5),
    "a consumer first": (SCHEDULE[::-1], 1, 0),
    "an unknown operator": (changed(0, op="n9"), 1, 0),
    "outside the scratchpad": (moved(0, "x0", 1537), 2, 0),
    "below zero": (moved(0, "x0", -1), 2, 0),
    "overlapping": (moved(0, "x0", 256), 2, 0),
    "moved without a fetch": (moved(1, "x0", 0), 4, 1),
    "resident from nowhere": (changed(5, fetch=()), 5, 5),
    "fetched without a copy": (changed(2, writeback=()), 5, 5),
    "written back twice": (changed(2, writeback=("t_n0", "t_n0")), 6, 2),
    "an input written back": (changed(1, writeback=("x0",)), 5, 1),
    "an operand absent": (changed(0, placements={"t_n0": 256}, fetch=()), 2, 0),
    "fetched but absent": (changed(0, fetch=("x0", "w_n1")), 2, 0),
    "an unknown tensor": (moved(0, "nothing", 0), 2, 0),
}


@pytest.mark.parametrize("what", BROKEN)
def test_each_broken_rule_is_named_with_its_step(what: str) -> None:
    schedule, rule, step = BROKEN[what]
    violation = verify(PROBLEM, schedule).violation
    assert violation is not None
    assert (violation.rule, violation.step) == (rule, step), str(violation)


def test_overlaps_name_both_tensors_and_addresses() -> None:
    violation = verify(PROBLEM, moved(0, "x0", 300)).violation
    assert violation is not None
    assert set(violation.tensors) == {"x0", "t_n0"}
    assert set(violation.addresses) == {300, 256}


def test_a_move_at_full_cost_is_allowed() -> None:
    steps = list(SCHEDULE)
    steps[1] = Step("n1", {"t_n0": 256, "t_n1": 768, "x0": 0, "w_n1": 1536}, ("x0", "w_n1"))
    steps[2] = replace(steps[2], placements={"t_n1": 768, "t_n2": 0, "x0": 1536}, fetch=("x0",))
    assert verify(PROBLEM, tuple(steps)).noncompulsory_bytes == 512 + 2 * 256
