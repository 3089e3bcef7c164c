"""A plan with falsified amounts is refused."""

from dataclasses import replace

import pytest

import hwsim
from hwsim.mapping.verify import verify_plan
from hwsim.spec.errors import InputError


@pytest.fixture(scope="module")
def result():
    return hwsim.simulate("edge_npu", "resnet50")


def falsified(plan, change):
    steps = tuple(
        replace(step, transfers=tuple(change(move) for move in step.transfers)) for step in plan.steps
    )
    return replace(plan, steps=steps)


@pytest.mark.parametrize(("end", "says"), [("source", "from dram"), ("destination", "to dram")])
def test_too_few_bytes_to_or_from_the_root_memory(result, end, says):
    plan = falsified(
        result.plan, lambda move: replace(move, bytes=1) if getattr(move, end) == "dram" else move
    )
    with pytest.raises(InputError, match=f"{says}, at least"):
        verify_plan(plan, result.arch, result.workload)


def test_a_plan_as_made_passes(result):
    verify_plan(result.plan, result.arch, result.workload)
