"""The profiler: suites, the table it can go on with, the time budget; and real kernels where PyTorch is."""

from __future__ import annotations

import csv
import itertools
import statistics
from contextlib import contextmanager
from importlib.util import find_spec
from types import SimpleNamespace

import pytest

from hwsim.arch.load import load_arch
from hwsim.engines.gpu.families import BY_OPERATOR
from hwsim.spec.errors import InputError
from hwsim.validation.against import against
from hwsim.validation.measurements import read_measurements
from hwsim.validation.profiler import harness
from hwsim.validation.profiler.harness import Options, measure
from hwsim.validation.profiler.kernels import exact_loads
from hwsim.validation.profiler.launch import batch_of, launch_of
from hwsim.validation.profiler.record import COLUMNS, Profile, Setting, Timing
from hwsim.validation.profiler.suites import SUITES, key, suite

SETTING = Setting("cpu", "host", "torch 0", "a, b", "2026-01-01")
needs_torch = pytest.mark.skipif(
    find_spec("torch") is None, reason="needs PyTorch: pip install 'hwsim[profile]'"
)


@pytest.mark.parametrize("name", SUITES)
def test_every_call_of_a_suite_is_whole_and_there_once(name):
    calls = suite(name, "fp16")
    assert len({key(call) for call in calls}) == len(calls) > 3
    for call in calls:
        family = BY_OPERATOR[call.operator]
        assert set(call.sizes) | set(call.words) == set(family.dimensions)


def test_a_short_run_of_the_transformer_suite_meets_every_operator():
    assert len({call.operator for call in suite("transformer", "fp16")[:7]}) >= 5
    with pytest.raises(InputError, match="did you mean"):
        suite("gem", "fp16")
    with pytest.raises(InputError, match="no datatype 'fp61'; did you mean 'fp16'"):
        suite("gemm", "fp61")


@pytest.fixture
def timed(monkeypatch):
    """Kernels that take 1, 2, 3 ... milliseconds, and the ones that were asked for."""
    asked, count = [], itertools.count(1)

    def time_call(call, options, torch):
        asked.append(key(call))
        if call.sizes.get("m") == 16:
            raise RuntimeError("out of memory\nmore")
        return Timing(next(count) * 1e-3, 1e-6, 1.0, 5)

    monkeypatch.setattr(harness, "time_call", time_call)
    return asked


def test_a_profile_goes_on_where_it_stopped_and_is_never_half_a_line(tmp_path, timed):
    path, calls = tmp_path / "p.csv", suite("gemv", "fp32")
    clock = itertools.count(0.0, 1.0).__next__
    options = Options("cpu", cold=False, budget_s=3.0)
    first = [what for _, what in measure(calls, Profile(path, SETTING), options, None, clock)]
    done = sum(what.endswith("us") for what in first)
    assert 0 < done < len(calls)
    assert set(first[done:]) == {"left out: the time is up"}
    rows = list(csv.DictReader(path.open()))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == done
    assert rows[0]["device"] == "a, b"
    again = [what for _, what in measure(calls, Profile(path, SETTING), Options("cpu", False, 1e9), None)]
    assert again[:done] == ["in the table already"] * done
    assert len(timed) == len(set(timed)) == len(calls)
    assert len(read_measurements(path).measured) == len(calls)


def test_what_the_device_cannot_run_is_left_out_with_its_reason(tmp_path, timed):
    calls = [call for call in suite("gemm", "fp32") if call.sizes["m"] == 16][:1]
    found = list(measure(calls, Profile(tmp_path / "p.csv", SETTING), Options("cpu", True, 1.0), None))
    assert [what for _, what in found] == ["left out: out of memory"]
    eight = suite("gemv", "fp8")[:1]
    found = list(measure(eight, Profile(tmp_path / "p.csv", SETTING), Options("cpu", True, 1.0), None))
    assert "no fp8" in found[0][1]


@pytest.mark.parametrize("text", ["a,b\n1,2\n", ",".join(COLUMNS) + "\ncpu,gemm,fp3"])
def test_a_table_that_is_no_profile_is_not_gone_on_with(tmp_path, text):
    path = tmp_path / "p.csv"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        Profile(path, SETTING)
    assert caught.value.position is not None
    assert path.read_text() == text


@pytest.mark.skipif(find_spec("torch") is not None, reason="PyTorch is here")
def test_without_pytorch_the_extra_is_named():
    with pytest.raises(InputError, match=r"hwsim\[profile\]"):
        harness.load_torch()


@needs_torch
def test_real_kernels_of_every_operator_are_measured_and_compared(tmp_path):
    torch = harness.load_torch()
    harness.check_device(torch, "cpu")
    calls = {call.operator: call for name in SUITES for call in reversed(suite(name, "fp32"))}
    path = tmp_path / "p.csv"
    found = list(measure(list(calls.values()), Profile(path, SETTING), Options("cpu", True, 60.0), torch))
    assert all(what.endswith(" us") for _, what in found), found
    answer = against(load_arch("cpu_host"), read_measurements(path)).as_json()
    assert {line["op"] for line in answer["by_op"]} == set(calls)


@needs_torch
def test_a_longer_product_takes_longer():
    torch = harness.load_torch()
    small, large = (suite("gemv", "fp32")[place] for place in (0, -1))
    options = Options("cpu", cold=False, budget_s=1.0)
    times = [[harness.time_call(call, options, torch).shortest for _ in range(3)] for call in (small, large)]
    assert statistics.median(times[1]) > statistics.median(times[0])


class FakeEvent:
    """An event that knows how many calls had been made when it was recorded."""

    def __init__(self, torch):
        self.torch = torch

    def record(self):
        self.at = self.torch.calls

    def elapsed_time(self, end):
        return 0.5 * (end.at - self.at)


class FakeTorch:
    """As much of PyTorch as starting calls on a GPU takes; half a millisecond a call."""

    def __init__(self):
        self.calls, self.graphs = 0, []
        self.cuda = SimpleNamespace(
            Event=lambda enable_timing: FakeEvent(self),
            synchronize=lambda: None,
            CUDAGraph=lambda: SimpleNamespace(replay=None),
            graph=self.capture,
        )

    @contextmanager
    def capture(self, graph):
        before = self.calls
        yield
        captured, self.calls = self.calls - before, before

        def replay():
            self.graphs.append(captured)
            self.calls += captured

        graph.replay = replay

    def call(self):
        self.calls += 1


@pytest.mark.parametrize(("launch", "graphs"), [("graph", [10, 10]), ("eager", [])])
@pytest.mark.parametrize("copies", [1, 5])
def test_calls_on_a_gpu_are_timed_many_at_a_time_in_a_graph_or_one_by_one(launch, graphs, copies):
    torch = FakeTorch()
    batch = batch_of([torch.call] * copies, launch, torch)
    assert batch.calls == 10
    assert [batch.seconds() / batch.calls for _ in range(2)] == pytest.approx([0.5e-3] * 2)
    assert torch.graphs == graphs


def test_the_way_calls_are_started_is_the_usual_one_of_the_device_or_one_it_has():
    assert [launch_of(*each) for each in (("cuda", ""), ("cuda", "eager"), ("cpu", ""))] == [
        "graph",
        "eager",
        "host",
    ]
    for device, wanted in (("cpu", "graph"), ("cuda", "host")):
        with pytest.raises(InputError, match="no launch"):
            launch_of(device, wanted)


def test_another_way_of_starting_calls_is_another_line(tmp_path, timed):
    path, calls = tmp_path / "p.csv", suite("gemv", "fp32")[:2]
    for launch in ("graph", "eager", "eager"):
        setting = Setting("gpu", launch, "torch 0", "a", "2026-01-01")
        list(measure(calls, Profile(path, setting), Options("cuda", True, 9.0, launch), None))
    rows = list(csv.DictReader(path.open()))
    assert [row["launch"] for row in rows] == ["graph"] * 2 + ["eager"] * 2
    assert {row["l2"] for row in rows} == {"cold"}
    read = read_measurements(path).measured
    assert [each.call.eager for each in read] == [False, False, True, True]
    assert not any(each.call.host for each in read)


@pytest.mark.parametrize(
    ("distribution", "loads"),
    [("balanced", [3, 3, 2]), ("counts_1x6_2x1", [6, 1, 1]), ("counts_2x4", [4, 4])],
)
def test_tokens_are_dealt_out_as_the_distribution_says(distribution, loads):
    assert exact_loads(distribution, 3, 8) == loads
    with pytest.raises(RuntimeError, match="does not deal"):
        exact_loads("counts_1x6_2x1", 3, 9)
    with pytest.raises(RuntimeError, match="does not deal"):
        exact_loads("power_law_1.2", 3, 9)
