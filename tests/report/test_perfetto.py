from __future__ import annotations

import json
from collections import defaultdict

import pytest

from hwsim.report.perfetto import STEPS, trace, write_trace


@pytest.fixture
def fused(sample):
    """A result whose second operator rides on the first, which waited for memory."""
    result = sample()
    first, second = result["ops"][:2]
    first["stalls"] = {"drain": 10, "bandwidth": 20, "fill": 30}
    first["cycles"], first["compute_cycles"], first["stall_cycles"] = 100, 40, 60
    second |= {
        "start_s": first["start_s"],
        "latency_s": 0.0,
        "cycles": 0,
        "stalls": {},
        "step": first["step"],
    }
    return result


def _slices(result, **wanted):
    events = trace(result)["traceEvents"]
    return [
        one for one in events if one["ph"] == "X" and all(one[key] == value for key, value in wanted.items())
    ]


def _tracks(result):
    events = trace(result)["traceEvents"]
    return {one["args"]["name"]: one["tid"] for one in events if one["name"] == "thread_name"}


def test_each_operator_is_a_slice_on_the_track_of_its_component(sample, tmp_path):
    result = sample()
    write_trace(result, tmp_path / "trace.json")
    events = json.loads((tmp_path / "trace.json").read_text())["traceEvents"]
    tracks = _tracks(result)
    for op in result["ops"]:
        (found,) = [one for one in events if one["ph"] == "X" and one["name"] == op["name"]]
        assert found["tid"] == tracks[op["component"]]
        assert found["args"]["macs"] == op["macs"]


def test_times_are_microseconds(sample):
    result = sample()
    end = max(one["ts"] + one["dur"] for one in _slices(result))
    assert end == pytest.approx(result["latency_s"] * 1e6)


def test_each_step_spans_its_operators(fused):
    tracks = _tracks(fused)
    steps = _slices(fused, tid=tracks[STEPS])
    assert len(steps) == len({op["step"] for op in fused["ops"]})
    first = next(one for one in steps if fused["ops"][0]["name"] in one["args"]["operators"])
    assert fused["ops"][1]["name"] in first["args"]["operators"]
    assert first["dur"] == pytest.approx(fused["ops"][0]["latency_s"] * 1e6)


def test_stalls_lie_below_their_operator_and_fill_it_with_its_compute(fused):
    op = fused["ops"][0]
    (whole,) = _slices(fused, name=op["name"])
    inside = [
        one
        for one in _slices(fused, tid=whole["tid"])
        if one["cat"] in ("stall", "compute") and "cycles" in one["args"]
    ]
    inside = [one for one in inside if whole["ts"] <= one["ts"] <= whole["ts"] + whole["dur"]][:4]
    names = ["stall: fill", "compute", "stall: bandwidth", "stall: drain"]
    assert [one["name"] for one in inside] == names
    assert [one["args"]["cycles"] for one in inside] == [30, 40, 20, 10]
    assert sum(one["dur"] for one in inside) == pytest.approx(whole["dur"])
    assert inside[0]["ts"] == whole["ts"]


def test_a_fused_operator_spans_its_step(fused):
    first, second = fused["ops"][:2]
    (rider,) = _slices(fused, name=second["name"])
    (anchor,) = _slices(fused, name=first["name"])
    assert (rider["ts"], rider["dur"], rider["cat"]) == (anchor["ts"], anchor["dur"], "fused")


def test_slices_of_a_track_follow_or_contain_each_other(fused):
    by_track = defaultdict(list)
    for one in _slices(fused):
        by_track[one["tid"]].append((one["ts"], one["ts"] + one["dur"]))
    close = 1e-9
    for spans in by_track.values():
        for number, (start, end) in enumerate(spans):
            for other_start, other_end in spans[number + 1 :]:
                apart = other_start >= end - close or other_end <= start + close
                within = start - close <= other_start and other_end <= end + close
                around = other_start - close <= start and end <= other_end + close
                assert apart or within or around
