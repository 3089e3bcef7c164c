"""From a study's file to its points."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.explore.amounts import amount
from hwsim.explore.axis_values import values_of
from hwsim.explore.load import load_study
from hwsim.explore.study import Axis
from hwsim.spec.errors import InputError
from hwsim.spec.library import names


def axis(**given):
    return Axis.model_validate_json(__import__("json").dumps(given))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"from": "1 MiB", "to": "8 MiB", "factor": 2}, ("1 MiB", "2 MiB", "4 MiB", "8 MiB")),
        ({"from": "512 KiB", "to": "1.5 MiB", "step": "512 KiB"}, ("512 KiB", "1024 KiB", "1536 KiB")),
        ({"from": 8, "to": 64, "steps": 4, "scale": "log"}, (8, 16, 32, 64)),
        ({"from": 0, "to": 1, "step": 0.25}, (0, 0.25, 0.5, 0.75, 1)),
        ({"from": 10, "to": 0, "step": -5}, (10, 5, 0)),
        ({"from": "1 GB/s", "to": "2 GB/s", "steps": 3}, ("1 GB/s", "1.5 GB/s", "2 GB/s")),
        ({"from": 3, "to": 3, "steps": 1}, (3,)),
        ({"values": [1, 1, True, None, [2, 3]]}, (1, True, None, [2, 3])),
    ],
)
def test_values(given, expected):
    found = values_of(axis(**given))
    assert found == expected
    assert [type(each) for each in found] == [type(each) for each in expected]


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.integers(2, 40))
@settings(max_examples=40, deadline=None)
def test_a_logarithmic_range_meets_its_ends_and_rises_evenly(first, last, steps):
    found = values_of(axis(**{"from": f"{first} KiB", "to": f"{last} KiB", "steps": steps, "scale": "log"}))
    sizes = [amount(each) for each in found]
    assert (sizes[0], sizes[-1]) == (first * 1024, last * 1024)
    assert sizes == sorted(sizes, reverse=last < first)
    assert all(isinstance(each, int) for each in sizes)


def test_points_come_in_order_and_follow_links(small):
    points = list(small().points())
    assert [point.position for point in points] == list(range(12))
    assert all(point.values["array.columns"] == point.values["array.rows"] for point in points)
    assert points[0].machine_overrides[0] == 'array.dataflow="weight_stationary"'


def test_a_condition_takes_points_away(small):
    space = small(where=["array.rows == 8 or buffer.capacity > 64 KiB"])
    assert len(list(space.points())) == 8


def test_a_conditional_axis_counts_once_where_it_does_not_apply(small):
    regs = {"values": [1, 2], "when": "array.dataflow == 'weight_stationary'"}
    vary = {"array.dataflow": ["weight_stationary", "output_stationary"], "array.stationary_registers": regs}
    points = [dict(point.settings) for point in small(vary=vary, link={}).points()]
    assert points == [
        {"array.dataflow": "weight_stationary", "array.stationary_registers": 1},
        {"array.dataflow": "weight_stationary", "array.stationary_registers": 2},
        {"array.dataflow": "output_stationary"},
    ]


def test_a_formula_may_use_what_the_machine_has(small):
    space = small(vary={"array.rows": [8]}, link={"vector.lanes": "2 * array.columns"})
    assert next(space.points()).values["vector.lanes"] == 64


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"vary": {"aray.rows": [8]}}, "did you mean 'array'"),
        ({"vary": {"array.rws": [8]}, "link": {}}, None),
        ({"machines": ["edge_np"]}, "did you mean 'edge_npu'"),
        ({"workloads": ["nope_such"]}, "there is no workload"),
        ({"vary": {"machine": [1]}}, "cannot be set here"),
        ({"constraints": ["area < 3"]}, "the formula uses 'area'"),
        ({"objectives": ["latency"]}, "there is no metric 'latency'; did you mean 'latency_s'"),
        ({"vary": {"array.rows": {"from": 1, "to": "2 KiB", "steps": 3}}}, "ends of the range"),
        ({"vary": {"array.rows": {"from": 1, "to": 5}}}, "one of step, factor and steps"),
        ({"vary": {"array.rows": {"from": 1, "to": 10**7, "step": 1}}}, "longer than"),
        ({"where": ["array.rows > 100"]}, "no point is left"),
        ({"link": {"array.rows": "array.columns"}}, "already set under 'vary'"),
        ({"settings": {"buffer.capacity": "1 MiB"}}, "already set under 'settings'"),
        ({"vary": {"array.rows": [8], "array": [{}]}, "link": {}}, None),
        ({"vary": {f"array.x{n}": {"from": 1, "to": 1000, "step": 1} for n in range(4)}}, "can be run"),
    ],
)
def test_a_faulty_study_is_refused_where_it_stands(small, changes, says):
    if says is None and "array.rws" in changes["vary"]:
        assert next(small(**changes).points())  # a new key is found out when the machine is read
        return
    with pytest.raises(InputError, match=says) as caught:
        small(**changes)
    assert caught.value.position
    assert caught.value.position.file == "study.yaml"


@pytest.mark.parametrize("name", [entry.name for entry in names("study")])
def test_shipped_studies_load(name):
    assert next(load_study(name).points())
