from __future__ import annotations

import io
import json
import math

import pytest
from rich.console import Console

from hwsim.report.explain import answer, explain
from hwsim.report.explanation.totals import TOTALS
from hwsim.report.tree import print_tree
from hwsim.spec.errors import InputError


def every(node):
    yield node
    for child in node.children:
        yield from every(child)


def find(node, label):
    return next(one for one in every(node) if one.label == label)


NAMES = ["encoder.0.up_proj", "encoder.0.softmax", "array", "buffer", "dram", "chip", "array.rows"]
FIGURES = [
    "encoder.0.up_proj.energy",
    "encoder.0.up_proj.latency",
    "array.energy",
    "buffer.area",
    "array.leakage",
]


@pytest.mark.parametrize("what", [*TOTALS, *NAMES, *FIGURES, "latency_s", "array.energy_j"])
def test_every_figure_is_explained_and_adds_up(sample, what):
    node = explain(sample(), what)
    assert [one.label for one in every(node) if one.adds_up is False] == []
    assert node.shown


def test_energy_leads_to_count_constant_and_source(sample):
    node = find(explain(sample(), "energy"), "array mac output")
    each = find(node, "energy per action")
    assert node.formula == "count × energy per action"
    assert find(node, "count").value * each.value == pytest.approx(node.value)
    assert each.source == "Horowitz, ISSCC 2014, 8-bit multiply and add"


def test_leakage_is_power_times_latency_with_its_source(sample):
    result = sample()
    node = find(explain(result, "array.leakage"), "array.leakage")
    assert node.recomputed == pytest.approx(1.9 * result["latency_s"])
    assert "Jouppi" in find(node, "leakage power").source


def test_latency_of_an_operator_leads_to_cycles_stalls_and_array_size(sample):
    node = explain(sample(), "encoder.0.up_proj.latency")
    cycles = find(node, "cycles")
    assert cycles.value == find(node, "compute").value + math.fsum(
        one.value for one in every(cycles) if one.label.startswith("stalled")
    )
    assert find(node, "array.rows").source == "Jouppi et al., ISCA 2017, section 2"


def test_a_figure_that_does_not_add_up_is_said_so(sample):
    result = sample()
    result["energy_j"] *= 1.01
    node = explain(result, "energy")
    assert node.adds_up is False
    assert node.as_json()["adds_up"] is False


def test_the_json_answer_has_version_schema_inputs_and_tree(sample):
    result = sample()
    found = json.loads(json.dumps(answer(result, "area", explain(result, "area")), allow_nan=False))
    assert {"hwsim", "schema", "inputs", "what", "explanation"} == set(found)
    assert found["explanation"]["value"] == result["area_mm2"]
    assert [part["label"] for part in found["explanation"]["parts"]][:3] == ["array", "vector", "buffer"]


@pytest.mark.parametrize(
    ("what", "hint"),
    [
        ("latncy", "did you mean 'latency'?"),
        ("encoder.0.up_prj", "did you mean 'encoder.0.up_proj'?"),
        ("encoder.0.up_proj.enrgy", "did you mean 'encoder.0.up_proj.energy'?"),
        ("array.row", "did you mean 'array.rows'?"),
        ("@@@@", "name an operator, a component, or one of"),
        ("", "name an operator"),
    ],
)
def test_an_unknown_figure_gets_the_nearest_name(sample, what, hint):
    with pytest.raises(InputError) as raised:
        explain(sample(), what)
    assert hint in raised.value.hint


def test_an_operator_whose_name_has_dots_is_not_taken_for_a_figure(sample):
    result = sample()
    result["ops"][0]["name"] = "block.energy"
    assert explain(result, "block.energy").shown == "matmul"


def test_a_long_source_is_printed_once_below_the_tree(sample):
    result = sample()
    long = "a long derivation " * 20
    for action in result["actions"]:
        action["source"] = long
    stream = io.StringIO()
    print_tree(explain(result, "energy"), Console(file=stream))
    text = stream.getvalue()
    assert text.count(long.strip()) == 1
    assert text.count("[1]") == len(result["actions"]) + 1


def test_what_does_not_add_up_is_printed(sample):
    stream = io.StringIO()
    print_tree(explain(sample() | {"energy_j": 1.0}, "energy"), Console(file=stream))
    assert "does not add up" in stream.getvalue()
