from __future__ import annotations

import json

import pytest

from hwsim.report.perfetto import trace, write_trace


def test_each_operator_is_a_complete_event_on_the_thread_of_its_component(sample, tmp_path):
    result = sample()
    write_trace(result, tmp_path / "trace.json")
    events = json.loads((tmp_path / "trace.json").read_text())["traceEvents"]
    threads = {one["tid"]: one["args"]["name"] for one in events if one["name"] == "thread_name"}
    complete = [one for one in events if one["ph"] == "X"]
    assert [one["name"] for one in complete] == [op["name"] for op in result["ops"]]
    assert [threads[one["tid"]] for one in complete] == [op["component"] for op in result["ops"]]


def test_times_are_microseconds(sample):
    result = sample()
    last = trace(result)["traceEvents"][-1]
    assert last["ts"] + last["dur"] == pytest.approx(result["latency_s"] * 1e6)
