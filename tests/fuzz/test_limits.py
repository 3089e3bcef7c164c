"""Any machine within the limits of the models runs, or is refused in words; what is outside is refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.arch.load import load_arch
from hwsim.pipeline import simulate
from hwsim.report.document import as_run
from hwsim.spec.errors import InputError

EXTREMES = {
    "array.rows": ("1", "65536"),
    "array.columns": ("1", "65536"),
    "array.fanout": ("1", "65536"),
    "array.energy": ("{mac: 1e-24 J}", "{mac: 1 J}"),
    "array.area": ("0 m^2", "1e-24 m^2", "1 m^2"),
    "array.leakage": ("0 W", "1e-24 W", "1 MW"),
    "vector.lanes": ("1", "65536"),
    "vector.cycles.max": ("1e-4", "1e4"),
    "clock": ("1 Hz", "1 THz"),
    "dram.bandwidth": ("1e-3 B/cycle", "1e9 B/cycle", "1e18 B/s"),
    "dram.capacity": ("1024 TiB",),
    "dram.channels": ("1", "65536"),
    "dram.efficiency": ("0.1", "1"),
    "dram.width": ("1 B", "1024 TiB"),
    "buffer.bandwidth": ("1e-4 B/cycle", "1e9 B/cycle"),
    "buffer.capacity": ("1 MiB", "1024 TiB"),
}
TOO_MUCH = {
    "array.rows": ("0", "65537", "99999999999999999999"),
    "array.columns": ("4000000000000000000",),
    "array.fanout": ("40000000000000000000000",),
    "array.energy.mac": ("2 J", "1e-300 J", "-1 J"),
    "array.area": ("2 m^2", "1e-300 m^2"),
    "array.leakage": ("1e30 W",),
    "vector.lanes": ("65537",),
    "vector.cycles.max": ("1e300", "1e-300"),
    "clock": ("1e30 Hz", "1e-300 Hz"),
    "dram.bandwidth": ("1e-300 GB/s", "1e200 B/s", "1e-300 B/cycle"),
    "dram.channels": ("65537",),
    "dram.efficiency": ("1e-300",),
    "buffer.capacity": ("1025 TiB",),
}


@given(st.fixed_dictionaries({}, optional={key: st.sampled_from(EXTREMES[key]) for key in EXTREMES}))
@settings(max_examples=10, deadline=None)
@pytest.mark.filterwarnings("error")
def test_a_machine_at_the_limits_runs(chosen):
    overrides = tuple(f"{key}={value}" for key, value in chosen.items())
    run = as_run(json.loads(json.dumps(simulate("edge_npu", "resnet50", overrides=overrides).json)))
    assert run.latency_s > 0


@pytest.mark.parametrize(("key", "value"), [(key, value) for key in TOO_MUCH for value in TOO_MUCH[key]])
def test_what_is_outside_is_refused_where_it_stands(key, value):
    with pytest.raises(InputError, match=r"must (be|not)") as caught:
        load_arch(
            "edge_npu", (f"{key}={value}" if "energy" not in key else f"array.energy={{mac: {value}}}",)
        )
    position = caught.value.position
    assert position is not None
    assert position.file == "command line"
    assert value in str(position.text)


def test_instances_multiply_up_to_a_limit():
    with pytest.raises(InputError, match="4398046511104 instances of 'array' are more than") as caught:
        load_arch("edge_npu", ("buffer.fanout=65536", "array.fanout=65536", "dram.fanout=1024"))
    assert "fanout=65536" in str(caught.value.position and caught.value.position.text)


@pytest.mark.parametrize(
    ("overrides", "says"),
    [
        (("array.clock=1 THz", "clock=1 MHz"), "clocked more than 10000 times slower"),
        (("clock=1 THz", "dram.bandwidth=1 B/s"), "'dram' takes more than 10000 cycles"),
        (("dram.bandwidth=1e-4 B/cycle", "dram.efficiency=0.1"), "'dram' takes more than 10000 cycles"),
    ],
)
def test_what_is_slow_beyond_reason_beside_the_rest_is_refused(overrides, says):
    with pytest.raises(InputError, match=says) as caught:
        load_arch("edge_npu", overrides)
    assert caught.value.position is not None
    assert caught.value.position.file == "command line"
