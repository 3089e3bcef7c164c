"""``hwsim serve`` from the command line: one machine after another on one trace."""

from __future__ import annotations

import json

SMALL = ("--set", "memory.fanout=2", "--set", "system.pipeline_parallel=1")


def test_compares_machines_on_one_trace(hwsim, tmp_path):
    machines = ("npu_only", "neupims")
    asked = [part for name in machines for part in ("--arch", name)]
    page = tmp_path / "page.html"
    done = hwsim(
        "serve", *asked, *SMALL, "--workload", "opt_125m", "-n", "20", "--json", "-", "--report", str(page)
    )
    assert done.status == 0
    found = json.loads(done.out)["machines"]
    assert [each["machine"] for each in found] == list(machines)
    for each in found:
        assert each["done"] == each["requests"] == 20
        assert each["tokens_per_s"] > 0
        assert each["energy_j"] == sum(each["energy_by_component_j"].values())
        first = each["time_to_first_token_s"]
        assert first["p50"] <= first["p99"]
    assert "neupims" in page.read_text()
    assert "npu_only" in page.read_text()


def test_a_bad_line_of_a_trace_is_shown(hwsim, tmp_path):
    file = tmp_path / "trace.csv"
    file.write_text("arrival_s,prompt,output\n0,ten,3\n")
    done = hwsim("serve", "--arch", "neupims", "--workload", "opt_125m", "--requests", str(file))
    assert done.status == 2
    assert "trace.csv:2:3: prompt: 'ten'" in done.err


def test_a_machine_that_serves_nothing_is_refused(hwsim):
    done = hwsim("serve", "--arch", "tpu_v1", "--workload", "opt_125m")
    assert done.status == 2
    assert "no system of devices" in done.err
