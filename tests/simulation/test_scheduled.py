"""Plans whose order, residents and transfers come from the scheduler."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hwsim import pipeline
from hwsim.mapping.booked import Booker
from hwsim.mapping.choices import MappingChoices, load_mapping
from hwsim.mapping.plan import Plan
from hwsim.mapping.verify import verify_plan
from hwsim.schedule.steady import steady_schedule
from hwsim.schedule.verify import verify
from hwsim.simulation.scheduled import _follows, demands_of, scheduled_plan, scheduling_problem
from hwsim.spec.document import parse_document
from hwsim.spec.errors import InputError
from hwsim.spec.model import validate

CASES = [
    ("edge_npu", "squeezenet", ()),
    ("edge_npu", "squeezenet", ("buffer.capacity=600 KiB",)),
    ("edge_npu", "resnet50", ("buffer.capacity=1600 KiB",)),
    ("tpu_v1", "resnet50", ("unified_buffer.capacity=1100 KiB",)),
    ("gemmini_default", "squeezenet", ()),
    ("edge_npu", "gpt2", ("workload.sequence=32", "workload.config.layers=2")),
]


@pytest.mark.parametrize(("arch", "workload", "overrides"), CASES)
def test_simulated_dram_traffic_is_the_schedules(
    arch: str, workload: str, overrides: tuple[str, ...]
) -> None:
    machine, network = pipeline.describe(arch, workload, overrides)
    booker = Booker(machine, network, load_mapping("scheduled"))
    demands = demands_of(booker)
    problem = scheduling_problem(booker, demands)
    steps = steady_schedule(problem, _follows(booker.workload, demands))
    noncompulsory = verify(problem, steps).noncompulsory_bytes
    assert noncompulsory is not None
    streamed = sum(demand.streamed_bytes for demand in demands)
    for fidelity in ("analytical", "event"):
        result = pipeline.simulate(machine, network, "scheduled", fidelity=fidelity).json
        assert result["dram_bytes"] == problem.compulsory_bytes + noncompulsory + streamed
        assert result["dram_bytes"] >= result["lower_bound"]["dram_bytes"]
        assert result["latency_s"] >= result["lower_bound"]["latency_s"]


def test_a_plan_that_fetches_survives_its_file_and_its_mutants_do_not() -> None:
    machine, network = pipeline.describe("edge_npu", "resnet50", ("buffer.capacity=1600 KiB",))
    plan = scheduled_plan(machine, network, load_mapping("scheduled"))
    verify_plan(plan, machine, network)
    number, step = next(
        (number, step)
        for number, step in enumerate(plan.steps)
        if any(move.role == "fetch" for move in step.transfers)
    )
    without = tuple(move for move in step.transfers if move.role != "fetch")
    with pytest.raises(InputError, match="nothing makes it"):
        verify_plan(_changed(plan, number, replace(step, transfers=without)), machine, network)
    short = tuple(
        replace(move, bytes=move.bytes - 1) if move.role == "fetch" else move for move in step.transfers
    )
    with pytest.raises(InputError, match="nothing makes it"):
        verify_plan(_changed(plan, number, replace(step, transfers=short)), machine, network)


def test_what_was_never_written_back_cannot_come_back() -> None:
    machine, network = pipeline.describe("edge_npu", "resnet50", ("buffer.capacity=1600 KiB",))
    plan = scheduled_plan(machine, network, load_mapping("scheduled"))
    number, step = next(
        (number, step)
        for number, step in enumerate(plan.steps)
        if any(move.role == "spill" for move in step.transfers)
    )
    kept = tuple(move for move in step.transfers if move.role != "spill")
    with pytest.raises(InputError, match="never written"):
        verify_plan(_changed(plan, number, replace(step, transfers=kept)), machine, network)


@pytest.mark.parametrize("overrides", [(), ("buffer.capacity=1600 KiB",)])
def test_the_best_mapping_is_the_faster_of_two(overrides: tuple[str, ...]) -> None:
    machine, network = pipeline.describe("edge_npu", "resnet50", overrides)
    auto, scheduled, best = (
        pipeline.simulate(machine, network, mapping) for mapping in ("auto", "scheduled", "best")
    )
    assert best.plan.mapping == "best"
    assert best.json["latency_s"] == min(auto.json["latency_s"], scheduled.json["latency_s"])


@pytest.mark.parametrize("residency", ["schedule", "faster"])
def test_a_schedule_cannot_fuse_attention(residency: str) -> None:
    text = f"name: both\nresidency: {residency}\nattention: flat\n"
    with pytest.raises(InputError, match="cannot fuse attention"):
        validate(MappingChoices, parse_document(text, "both.yaml"))


def test_the_faster_of_two_plans_may_fuse_as_it_likes() -> None:
    text = "name: both\nresidency: faster\nattention: unfused\n"
    with pytest.raises(InputError, match="takes 'attention: auto'"):
        validate(MappingChoices, parse_document(text, "both.yaml"))


def test_a_schedule_without_fusion_is_one_too() -> None:
    machine, network = pipeline.describe("edge_npu", "resnet50", ("buffer.capacity=1600 KiB",))
    unfused = load_mapping("scheduled").model_copy(update={"attention": "unfused"})
    plans = [pipeline.map_workload(machine, network, choices) for choices in ("scheduled", unfused)]
    assert plans[0].steps == plans[1].steps


def _changed(plan: Plan, number: int, step: object) -> Plan:
    return replace(plan, steps=(*plan.steps[:number], step, *plan.steps[number + 1 :]))
