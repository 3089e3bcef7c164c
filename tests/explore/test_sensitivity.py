from __future__ import annotations

import json

import pytest

from hwsim.explore.sensitivity import changes, sensitivity
from hwsim.pipeline import describe, simulate
from hwsim.report.sensitivity import sensitivity_json, sensitivity_of
from hwsim.spec.errors import InputError


def test_every_memory_and_array_grows_once():
    machine, _ = describe("tpu_v1", "squeezenet")
    said = [change.says for change in changes(machine)]
    assert "one more KiB in unified_buffer" in said
    assert "one more GB/s of weight_dram" in said
    assert "one more of mxu's rows" in said
    assert len(said) == len(set(said))


def test_an_effect_is_what_the_changed_machine_takes():
    found = sensitivity("tpu_v1", "squeezenet", overrides=("weight_dram.bandwidth=5 GB/s",))
    effect = next(each for each in found.effects if each.change.says == "one more GB/s of weight_dram")
    more = simulate("tpu_v1", "squeezenet", overrides=("weight_dram.bandwidth=6 GB/s",), objective="latency")
    assert effect.latency_s == more.latency_s < found.result.latency_s
    assert effect.saved_s == found.result.latency_s - more.latency_s
    assert next(iter(found.limits)) == "weight_dram"
    assert sum(found.limits.values()) == pytest.approx(1.0)
    json.dumps(sensitivity_json(found), allow_nan=False)


def test_a_result_of_another_machine_is_refused():
    result = simulate("tpu_v1", "squeezenet", overrides=("mxu.rows=128",)).json
    with pytest.raises(InputError, match="the arch of the result is not 'tpu_v1'"):
        sensitivity_of(result, ())
