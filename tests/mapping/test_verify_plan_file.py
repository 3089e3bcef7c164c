"""Plans that were edited by hand: what they can mean runs, everything else is refused in words."""

from __future__ import annotations

import json
import random

import pytest

from hwsim import pipeline
from hwsim.mapping.plan import plan_from_json, plan_to_json
from hwsim.mapping.verify import verify_plan
from hwsim.spec.document import parse_document
from hwsim.spec.errors import InputError
from hwsim.workload.load import workload_of

WORKLOAD = """\
name: tiny
tensors:
  x: {shape: [1, 8, 160]}
operators:
  - {name: up, kind: linear, inputs: [x], features: 3200}
  - {name: active, kind: relu, inputs: [up]}
  - {name: normal, kind: softmax, inputs: [active]}
  - {name: down, kind: linear, inputs: [normal], features: 40}
"""
VALUES = (0, -1, 1, 7, 10**12, None, "x", [], True, 1.5)


@pytest.fixture(scope="module")
def scene():
    """A machine, a workload and their plan as plain data in text."""
    arch, workload = pipeline.describe("edge_npu", workload_of(parse_document(WORKLOAD, "tiny.yaml")))
    return arch, workload, json.dumps(plan_to_json(pipeline.map_workload(arch, workload)))


def _verified(scene, data):
    arch, workload, _ = scene
    plan = plan_from_json(parse_document(json.dumps(data), "plan.json"))
    verify_plan(plan, arch, workload)
    return plan


def _task(data, name):
    return next(task for step in data["steps"] for task in step["tasks"] if task["operator"] == name)


CHANGES = {
    "step 0 has no task": lambda data: data["steps"][0].update(tasks=[]),
    "a transfer of -1 bytes": lambda data: data["steps"][0]["transfers"][0].update(bytes=-1),
    "as 'inputs'": lambda data: data["steps"][0]["transfers"][0].update(role="inputs"),
    "tiles at [-64": lambda data: data["steps"][0]["workspaces"][0].update(address=-64),
    "stays from step": lambda data: data["residencies"][0].update(last_step=10**12),
    "is no memory": lambda data: data["residencies"][0].update(memory="array"),
    "cannot run 'up' (matmul)": lambda data: _task(data, "up").update(component="vector"),
    "cannot run 'normal' (softmax)": lambda data: _task(data, "normal").update(component="array"),
    "is not the product": lambda data: _task(data, "up")["problem"].update(K=159),
    "has no loops": lambda data: _task(data, "up").update(levels=[]),
    "the loop order": lambda data: _task(data, "up")["levels"][0].update(order=["M", "M", "K"]),
    "a tile of": lambda data: _task(data, "up")["levels"][0].update(N=0),
    "does not cut": lambda data: _task(data, "up")["levels"][0].update(N=3201),
    "into 0 chunks": lambda data: _task(data, "normal").update(chunks=0),
    "has no component 'nowhere'": lambda data: _task(data, "up").update(component="nowhere"),
}


@pytest.mark.parametrize("says", CHANGES)
def test_a_change_that_means_nothing_is_refused(scene, says):
    data = json.loads(scene[2])
    _verified(scene, data)
    CHANGES[says](data)
    with pytest.raises(InputError) as error:
        _verified(scene, data)
    assert says in str(error.value)


def test_any_single_change_runs_or_is_refused(scene):
    dice = random.Random(3)
    outcomes = {"runs": 0, "refused": 0}
    for _ in range(250):
        data = json.loads(scene[2])
        holder, key = dice.choice(list(_places(data)))
        holder[key] = dice.choice(VALUES)
        try:
            plan = _verified(scene, data)
            pipeline.simulate(*scene[:2], plan=plan, fidelity=dice.choice(("bound", "analytical", "event")))
            outcomes["runs"] += 1
        except InputError as error:
            assert "plan" in str(error)
            outcomes["refused"] += 1
    assert outcomes["refused"] > 150
    assert outcomes["runs"] > 10


def _places(value):
    for key in value if isinstance(value, dict) else range(len(value)):
        yield value, key
        if isinstance(value[key], dict | list):
            yield from _places(value[key])
