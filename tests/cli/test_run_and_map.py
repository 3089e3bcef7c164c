"""``hwsim run`` and ``hwsim map``: the contract, what they write, and what they refuse."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

TOTALS = {
    *("latency_s", "cycles", "energy_j", "area_mm2", "power_w", "utilization", "macs", "dram_bytes"),
    *("lower_bound", "ops", "actions", "components", "hwsim", "schema", "inputs"),
}
OPERATOR = {
    *("name", "kind", "component", "start_s", "latency_s", "cycles", "compute_cycles", "stall_cycles"),
    *("bound_by", "lower_bound_cycles", "utilization", "macs", "dram_bytes", "energy_j", "error_band"),
}


@pytest.fixture
def run(hwsim, tiny):
    """Runs the tiny workload on the edge NPU with more arguments."""
    return lambda *more: hwsim("run", "--arch", "edge_npu", "--workload", str(tiny), *more)


def test_the_json_has_the_keys_of_the_contract(run, tmp_path):
    assert run("--json", "r.json").status == 0
    answer = json.loads((tmp_path / "r.json").read_text())
    assert set(answer) >= TOTALS
    assert [op["name"] for op in answer["ops"]] == ["up", "active", "down"]
    assert all(set(op) >= OPERATOR for op in answer["ops"])
    assert set(answer["lower_bound"]) >= {"latency_s", "dram_bytes"}
    assert len(answer["inputs"]["arch"]["hash"]) == 64


def test_a_bound_is_no_slower_than_what_runs(run):
    latency = {
        level: json.loads(run("--fidelity", level, "--json", "-").out)["latency_s"]
        for level in ("bound", "analytical", "event")
    }
    assert latency["bound"] <= min(latency["analytical"], latency["event"])


def test_an_unknown_fidelity_is_refused_with_the_nearest(run):
    done = run("--fidelity", "evnt")
    assert (done.status, done.err) == (2, "there is no fidelity 'evnt'; did you mean 'event'?\n")


def test_a_plan_written_and_followed_gives_the_same_answer(hwsim, run, tiny, tmp_path):
    mapped = hwsim("map", "--arch", "edge_npu", "--workload", str(tiny), "-o", "plan.json")
    assert (mapped.status, mapped.err) == (0, "plan: plan.json\n")
    assert "step 0: up on " in mapped.out
    assert "up: M=8 N=32 K=16" in mapped.out
    assert json.loads((tmp_path / "plan.json").read_text())["inputs"]["arch"]["hash"]
    assert run("--plan", "plan.json", "--json", "-").out == run("--json", "-").out


def test_a_plan_for_another_machine_is_refused(hwsim, run, tiny, tmp_path):
    hwsim("map", "--arch", "tpu_v1", "--workload", str(tiny), "-o", "plan.json")
    done = run("--plan", "plan.json")
    assert done.status == 2
    assert "the plan is not valid" in done.err


def test_a_damaged_plan_is_refused_at_its_place(hwsim, run, tiny, tmp_path):
    hwsim("map", "--arch", "edge_npu", "--workload", str(tiny), "-o", "plan.json")
    path = tmp_path / "plan.json"
    path.write_text(path.read_text().replace('"operator": "up"', '"operator": 7', 1))
    done = run("--plan", "plan.json")
    line = next(number for number, text in enumerate(path.read_text().splitlines(), 1) if ": 7" in text)
    assert done.status == 2
    assert done.err.startswith(f"plan.json:{line}:")


def test_report_and_trace_are_written_beside_the_table(run, tmp_path):
    done = run("--report", "r.html", "--trace", "t.json")
    assert (done.status, done.err) == (0, "report: r.html\ntrace: t.json\n")
    assert "tiny on edge_npu" in done.out
    assert "</html>" in (tmp_path / "r.html").read_text()
    assert json.loads((tmp_path / "t.json").read_text())["traceEvents"]


def test_settings_reach_machine_and_workload(run):
    plain = json.loads(run("--json", "-").out)
    set_ = json.loads(run("--set", "workload.batch=2", "--set", "clock=100 MHz", "--json", "-").out)
    assert set_["macs"] == 2 * plain["macs"]
    assert set_["clock_hz"] == 1e8
    assert set_["inputs"]["arch"]["hash"] != plain["inputs"]["arch"]["hash"]


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("arrray.rows=4", "did you mean"),
        ("array.rowz=4", "did you mean 'rows'"),
        ("array.rows", "there is no '='"),
        ("array.rows=", "there is no value after '='"),
        ("array.rows=-4", "--set array.rows=-4"),
        ("array=4", "is a component"),
        ("clock=2 W", "--set clock=2 W"),
        ("workload.bach=2", "did you mean 'batch'"),
        ("workload.batch=0", "--set"),
        ("=4", "no component or key ''"),
    ],
)
def test_a_wrong_setting_says_what_is_wrong(hwsim, machine, tiny, setting, says):
    done = hwsim("run", "--arch", str(machine), "--workload", str(tiny), "--set", setting)
    assert done.status == 2
    assert says in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("option", ["--json", "--report", "--trace"])
@pytest.mark.parametrize("target", ["none/r", "."])
def test_a_target_that_cannot_be_written_leaves_nothing(run, tmp_path, option, target):
    before = sorted(path.name for path in tmp_path.rglob("*"))
    done = run(option, target)
    assert done.status == 2
    assert f"cannot write {target!r}" in done.err
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full and no /sys")
@pytest.mark.parametrize(
    ("target", "says"), [("/dev/full", "no space left on device"), ("/sys/r.json", "permission denied")]
)
def test_a_full_disk_and_a_read_only_one(run, target, says):
    done = run("--json", target)
    assert (done.status, done.out) == (2, "")
    assert done.err == f"cannot write {target!r}: {says}\n"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder(run, tmp_path):
    (tmp_path / "locked").mkdir(mode=0o555)
    done = run("--report", "locked/r.html")
    assert done.status == 2
    assert "permission denied" in done.err


def test_a_failed_write_keeps_the_old_file(run, tmp_path, monkeypatch):
    from hwsim.spec import files

    (tmp_path / "r.json").write_text("old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    done = run("--json", "r.json")
    assert (done.status, done.out) == (2, "")
    assert "no space left on device" in done.err
    assert (tmp_path / "r.json").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r.json", "tiny.yaml"]


def test_attention_fused_and_not_and_a_plan_that_says_so(hwsim, tmp_path):
    arguments = ["--arch", "fusemax_edge", "--workload", "bert_base"]
    arguments += ["--set", "workload.sequence=512", "--set", "workload.config.layers=1"]
    latency = {}
    for mapping in ("unfused", "flat", "fusemax", "auto"):
        done = hwsim("run", *arguments, "--mapping", mapping, "--json", f"{mapping}.json")
        assert done.status == 0
        assert (f"attention {mapping}" in done.out) == (mapping in ("flat", "fusemax"))
        latency[mapping] = json.loads((tmp_path / f"{mapping}.json").read_text())["latency_s"]
    assert (
        latency["auto"] == min(latency.values()) == latency["fusemax"] < latency["flat"] < latency["unfused"]
    )
    mapped = hwsim("map", *arguments, "--mapping", "fusemax", "-o", "plan.json")
    assert "fused attention, fusemax: bands of 512 queries stay" in mapped.out
    assert hwsim("run", *arguments, "--plan", "plan.json", "--json", "again.json").status == 0
    again, first = (json.loads((tmp_path / name).read_text()) for name in ("again.json", "fusemax.json"))
    assert (again["latency_s"], again["energy_j"]) == (first["latency_s"], first["energy_j"])
    tampered = json.loads((tmp_path / "plan.json").read_text())
    text = json.dumps(tampered).replace('"rows": 512', '"rows": 511')
    (tmp_path / "plan.json").write_text(text)
    refused = hwsim("run", *arguments, "--plan", "plan.json")
    assert refused.status == 2
    assert "fused attention has no choice" in refused.err
