from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from schedule.random_graphs import tiny_problems

from hwsim.schedule.graph_file import parse_problem, problem_as_json
from hwsim.schedule.problem import Problem
from hwsim.spec.errors import InputError

GOOD: dict[str, Any] = {
    "tensors": [
        {"id": "x", "size": 4, "kind": "input"},
        {"id": "a", "size": 4, "kind": "activation"},
        {"id": "y", "size": 4, "kind": "output"},
    ],
    "ops": [
        {"id": "first", "inputs": ["x"], "outputs": ["a"]},
        {"id": "second", "inputs": ["a"], "outputs": ["y"]},
    ],
    "scratchpad_bytes": 8,
}


def with_change(path: tuple[str | int, ...], value: Any) -> str:
    document = json.loads(json.dumps(GOOD))
    place = document
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return json.dumps(document, indent=1)


@settings(max_examples=50, deadline=None)
@given(tiny_problems())
def test_what_is_written_reads_back_equal(problem: Problem) -> None:
    assert parse_problem(json.dumps(problem_as_json(problem)), "graph.json") == problem


BAD = {
    "a cycle": (("ops", 0, "inputs"), ["x", "y"], "the graph has a cycle: first -> second -> first"),
    "two producers": (
        ("ops", 0, "outputs"),
        ["a", "y"],
        "tensor 'y' has two producers, 'first' and 'second'",
    ),
    "an unknown tensor": (("ops", 1, "inputs"), ["b"], "unknown tensor 'b'"),
    "a zero size": (("tensors", 1, "size"), 0, "tensor 'a' has size 0"),
    "a negative size": (("tensors", 1, "size"), -4, "tensor 'a' has size -4"),
    "a fraction": (("tensors", 1, "size"), 1.5, "valid integer"),
    "an unknown kind": (("tensors", 1, "kind"), "activatoin", "did you mean 'activation'?"),
    "a small scratchpad": (("scratchpad_bytes",), 7, "operator 'first' needs 8 bytes"),
    "no scratchpad": (("scratchpad_bytes",), 0, "holds nothing"),
    "a tensor twice": (("tensors", 1, "id"), "x", "tensor 'x' is defined twice"),
    "an operator twice": (("ops", 1, "id"), "first", "operator 'first' is defined twice"),
    "an operand twice": (("ops", 1, "inputs"), ["a", "a"], "names 'a' twice"),
    "its own output": (("ops", 1, "inputs"), ["y"], "reads its own output 'y'"),
    "a produced input": (("tensors", 1, "kind"), "input", "input 'a' is produced by 'first'"),
    "no producer": (("ops", 1, "outputs"), [], "output 'y' has no producer"),
    "no operators": (("ops",), [], "no operators"),
    "a misspelt key": (("ops", 0), {"id": "f", "inputs": [], "output": []}, "outputs is missing"),
    "another cost model": (("model",), {"recompute": True}, "model.recompute = True is not supported"),
    "a bad alignment": (("model",), {"alignment": 0}, "not a positive number"),
    "tensors that are no list": (("tensors",), {}, "valid list"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_fault_is_said_with_its_place(what: str) -> None:
    path, value, message = BAD[what]
    text = with_change(path, value)
    with pytest.raises(InputError) as caught:
        parse_problem(text, "graph.json")
    assert message in str(caught.value)
    place = caught.value.position
    assert place is not None
    assert place.text == text.splitlines()[place.line - 1]


@pytest.mark.parametrize(
    ("text", "message", "line", "column"),
    [
        ('{"tensors": [}', "malformed JSON", 1, 14),
        ("", "malformed JSON", 1, 1),
        ('{\n "ops": [],\n "ops": []}', "key 'ops' is given twice", 3, 2),
        ('{"scratchpad_bytes": NaN}', "NaN is not JSON", 1, 22),
        ("[" * 100_000, "malformed JSON", 1, 1),
    ],
)
def test_malformed_json_has_a_position(text: str, message: str, line: int, column: int) -> None:
    with pytest.raises(InputError, match=message) as caught:
        parse_problem(text, "graph.json")
    assert caught.value.position is not None
    assert (caught.value.position.line, caught.value.position.column) == (line, column)


def test_the_size_of_a_fault_points_at_the_number() -> None:
    text = with_change(("tensors", 1, "size"), 0)
    with pytest.raises(InputError) as caught:
        parse_problem(text, "graph.json")
    place = caught.value.position
    assert place is not None
    assert place.text is not None
    assert place.text[place.column - 1 :].startswith("0")


def test_a_scratchpad_from_outside_replaces_the_files() -> None:
    assert parse_problem(json.dumps(GOOD), "graph.json", 64).scratchpad_bytes == 64
    without = {key: value for key, value in GOOD.items() if key != "scratchpad_bytes"}
    with pytest.raises(InputError, match="no scratchpad is given"):
        parse_problem(json.dumps(without), "graph.json")
