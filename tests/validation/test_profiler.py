"""The profiler: suites, the table it can go on with, the time budget; and real kernels where PyTorch is."""

from __future__ import annotations

import csv
import itertools
import statistics
from importlib.util import find_spec

import pytest

from hwsim.arch.load import load_arch
from hwsim.engines.gpu.families import BY_OPERATOR
from hwsim.spec.errors import InputError
from hwsim.validation.against import against
from hwsim.validation.measurements import read_measurements
from hwsim.validation.profiler import harness
from hwsim.validation.profiler.harness import Options, measure
from hwsim.validation.profiler.record import COLUMNS, Profile, Setting, Timing
from hwsim.validation.profiler.suites import SUITES, key, suite

SETTING = Setting("cpu", "host", "warm", "torch 0", "a, b", "2026-01-01")
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
