"""The laws of every run, on machines, workloads and mappings that nobody wrote."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from strategies.machines import machines
from strategies.workloads import workload_texts

import hwsim
from hwsim.mapping.plan import plan_from_json, plan_to_json
from hwsim.mapping.verify import verify_plan
from hwsim.spec.document import parse_document
from hwsim.spec.errors import InputError
from hwsim.workload.explicit import build_explicit

MAPPINGS = ("auto", "resident", "unfused")
FIDELITIES = ("bound", "analytical", "event")


@st.composite
def runs(draw, fidelities=FIDELITIES):
    """A random workload on a random machine; what fits nowhere is refused and left out."""
    machine, text = draw(machines()), draw(workload_texts())
    mapping, fidelity = draw(st.sampled_from(MAPPINGS)), draw(st.sampled_from(fidelities))
    try:
        workload = build_explicit(parse_document(text, "random.yaml"))
        return hwsim.simulate(machine, workload, mapping, fidelity=fidelity)
    except InputError:
        assume(False)


@settings(max_examples=60, deadline=None)
@given(runs())
def test_never_below_the_lower_bound(result):
    assert result.execution.cycles >= result.execution.lower_bound_cycles
    assert result.dram_bytes >= result.execution.compulsory_dram_bytes
    for op in result.json["ops"]:
        assert op["cycles"] >= op["lower_bound_cycles"]
        assert 0 <= op["utilization"] <= 1 or op["cycles"] == 0


@settings(max_examples=40, deadline=None)
@given(runs(("analytical",)))
def test_operators_add_up_and_stalls_explain_the_rest(result):
    answer = result.json
    assert sum(op["cycles"] for op in answer["ops"]) == answer["cycles"]
    for op in answer["ops"]:
        assert all(stall >= 0 for stall in op["stalls"].values())
        assert op["compute_cycles"] + sum(op["stalls"].values()) == op["cycles"]


@settings(max_examples=40, deadline=None)
@given(runs())
def test_energy_is_actions_times_their_price_and_leakage_times_time(result):
    answer = result.json
    dynamic = sum(action["count"] * action["energy_per_action_j"] for action in answer["actions"])
    leaked = sum(part["leakage_w"] or 0.0 for part in answer["components"]) * answer["latency_s"]
    assert math.isclose(answer["energy_j"], dynamic + leaked, rel_tol=1e-9, abs_tol=1e-30)
    assert math.isclose(sum(op["energy_j"] for op in answer["ops"]), dynamic, rel_tol=1e-9, abs_tol=1e-30)


@settings(max_examples=40, deadline=None)
@given(runs(("analytical", "event")))
def test_bytes_moved_are_the_bytes_in_the_plan(result):
    root = result.arch.root.name
    moves = [move for step in result.plan.steps for move in step.transfers]
    planned = sum(move.bytes for move in moves if root in (move.source, move.destination))
    assert result.dram_bytes == planned
    verify_plan(result.plan, result.arch, result.workload)


@settings(max_examples=25, deadline=None)
@given(machines(), workload_texts(), st.sampled_from(MAPPINGS))
def test_a_bound_bounds_every_fidelity(machine, text, mapping):
    try:
        workload = build_explicit(parse_document(text, "random.yaml"))
        bound, analytical, event = (
            hwsim.simulate(machine, workload, mapping, fidelity=fidelity).latency_s for fidelity in FIDELITIES
        )
    except InputError:
        assume(False)
    assert bound <= analytical
    assert bound <= event


@settings(max_examples=25, deadline=None)
@given(runs(("analytical",)))
def test_same_input_same_output_also_through_a_plan_file(result):
    text = json.dumps(plan_to_json(result.plan))
    plan = plan_from_json(parse_document(text, "plan.json"))
    again = hwsim.simulate(result.arch, result.workload, result.plan.mapping, plan=plan)
    assert json.dumps(again.json) == json.dumps(result.json)


@pytest.mark.parametrize("seed", ["0", "1"])
def test_no_result_depends_on_the_hash_seed(seed, tmp_path):
    import os
    import subprocess
    import sys

    code = "import hwsim, json; print(json.dumps(hwsim.simulate('edge_npu', 'squeezenet').json))"
    environment = os.environ | {"PYTHONHASHSEED": seed}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True)
    here = json.dumps(hwsim.simulate("edge_npu", "squeezenet").json)
    assert done.stdout.decode().strip() == here
