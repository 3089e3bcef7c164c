from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from schedule.random_graphs import COSMA, cosma
from typer.testing import CliRunner, Result

from hwsim.cli.app import build
from hwsim.schedule.graph_file import schedule_from_json
from hwsim.schedule.verify import verify

BUFFERS = "id,lower,upper,size\nb1,0,3,4\nb2,3,9,4\nb3,0,9,4\nb4,9,21,4\nb5,0,21,4\n"


def run(*words: object) -> Result:
    return CliRunner().invoke(build(), [str(word) for word in words])


def answered(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def test_schedule_answers_by_the_contract() -> None:
    answer = answered(run("schedule", COSMA / "tiny_1.json", "--json", "-"))
    assert answer["status"] == "optimal"
    assert answer["noncompulsory_bytes"] == answer["lower_bound_bytes"] == 1792
    assert answer["verified"] is True
    assert answer["solve_s"] >= 0
    steps = schedule_from_json(answer["steps"])
    assert verify(cosma("tiny_1"), steps).noncompulsory_bytes == 1792


def test_a_larger_scratchpad_from_the_command_line() -> None:
    answer = answered(run("schedule", COSMA / "tiny_1.json", "--scratchpad", "1MiB", "--json", "-"))
    assert answer["noncompulsory_bytes"] == 0


def test_the_table_names_every_operator() -> None:
    result = run("schedule", COSMA / "tiny_2.json")
    assert result.exit_code == 0
    assert all(operator.id in result.stdout for operator in cosma("tiny_2").operators)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--scratchpad", "1KiB"), "operator 'n4' needs 1792 bytes"),
        (("--scratchpad", "0"), "not a positive size"),
        (("--solver", "gurobi"), "unknown 'gurobi'"),
        (("--time-limit", "0"), "not a positive number of seconds"),
    ],
)
def test_bad_options_exit_2(words: tuple[str, ...], message: str) -> None:
    result = run("schedule", COSMA / "tiny_2.json", *words)
    assert result.exit_code == 2
    assert message in result.stderr


def test_malformed_json_exits_2_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "graph.json"
    file.write_text('{"tensors": [}')
    result = run("schedule", file)
    assert result.exit_code == 2
    assert f"{file}:1:14: malformed JSON" in result.stderr


def test_allocate_answers_by_the_contract(tmp_path: Path) -> None:
    file = tmp_path / "buffers.csv"
    file.write_text(BUFFERS)
    answer = answered(run("allocate", file, "--capacity", "12", "--json", "-"))
    assert answer["status"] == "feasible"
    assert answer["peak"] == 12
    assert answer["verified"] is True
    assert set(answer["offsets"]) == {"b1", "b2", "b3", "b4", "b5"}


def test_buffers_that_do_not_fit_exit_1_with_the_reason(tmp_path: Path) -> None:
    file = tmp_path / "buffers.csv"
    file.write_text(BUFFERS)
    result = run("allocate", file, "--capacity", "11")
    assert result.exit_code == 1
    assert "infeasible: at time 0 buffers of 12 bytes are alive together" in result.stderr


def test_a_buffer_that_ends_before_it_starts_exits_2(tmp_path: Path) -> None:
    file = tmp_path / "buffers.csv"
    file.write_text("id,lower,upper,size\na,5,2,1\n")
    result = run("allocate", file, "--capacity", "8")
    assert result.exit_code == 2
    assert f"{file}:2:5:" in result.stderr
