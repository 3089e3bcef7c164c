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
    assert answer["peak"] == answer["lower_bound_bytes"] == 12
    assert answer["gap"] == 0
    assert answer["verified"] is True
    assert set(answer["offsets"]) == {"b1", "b2", "b3", "b4", "b5"}


def test_allocate_without_a_capacity_finds_the_smallest(tmp_path: Path) -> None:
    file = tmp_path / "buffers.csv"
    file.write_text(BUFFERS)
    answer = answered(run("allocate", file, "--json", "-"))
    assert (answer["status"], answer["peak"], answer["lower_bound_bytes"]) == ("optimal", 12, 12)
    told = run("allocate", file)
    assert "b5," in told.stdout
    assert "optimal: peak 12 bytes, verified, lower bound 12 bytes" in told.stderr


def test_an_interrupt_tells_the_best_so_far(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    file = tmp_path / "buffers.csv"
    file.write_text("id,lower,upper,size\na,0,2,3\nb,0,1,2\nc,1,3,2\nd,2,3,3\n")
    monkeypatch.setattr("hwsim.schedule.peak.allocate", interrupted)
    monkeypatch.setattr("hwsim.schedule.peak.largest_load", lambda _: (1, 0))
    result = run("allocate", file, "--json", "-")
    assert result.exit_code == 130
    answer = json.loads(result.stdout)
    assert (answer["status"], answer["verified"], set(answer["offsets"])) == ("feasible", True, set("abcd"))


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


INT8 = ("--datatype", "int8")
ON_EDGE = ("--workload", "bert_base", "--set", "workload.sequence=64")


def test_a_workload_is_scheduled_on_a_machine() -> None:
    answer = answered(run("schedule", *ON_EDGE, "--arch", "edge_npu", "--scratchpad", "3MiB", "--json", "-"))
    assert answer["status"] == "optimal"
    assert answer["scratchpad_bytes"] == 3 << 20
    assert answer["peak_bytes"] <= 3 << 20
    assert set(answer["inputs"]) == {"workload", "arch"}
    assert len(answer["steps"]) == 176


def test_where_the_scratchpad_holds_no_weights_they_are_left_out() -> None:
    held = answered(run("schedule", *ON_EDGE, "--arch", "tpu_v1", "--json", "-"))
    bare = answered(
        run(
            "schedule",
            *ON_EDGE,
            "--datatype",
            "int8",
            "--scratchpad",
            "24MiB",
            "--activations-only",
            "--json",
            "-",
        )
    )
    assert held["compulsory_bytes"] == bare["compulsory_bytes"]
    assert held["steps"] == bare["steps"]


@pytest.mark.parametrize("objective", ["time", "energy"])
def test_other_objectives_are_priced_by_the_machine(objective: str) -> None:
    words = (COSMA / "randwire_12_mr.json", "--arch", "edge_npu", "--objective", objective)
    answer = answered(run("schedule", *words, "--json", "-"))
    assert answer["objective"] == objective
    assert answer["lower_bound"] == answer["cost"] > 0
    assert answer["lower_bound_bytes"] is None


def test_the_smallest_scratchpad_has_no_spill_and_a_smaller_one_has() -> None:
    words = (COSMA / "randwire_12_mr.json", "--json", "-")
    answer = answered(run("schedule", *words, "--minimum-peak"))
    size = answer["scratchpad_bytes"]
    assert answer["noncompulsory_bytes"] == 0
    assert answer["peak_lower_bound_bytes"] == size
    assert answered(run("schedule", *words, "--scratchpad", size - 1024))["noncompulsory_bytes"] > 0


def test_an_order_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "order.txt"
    names = [step["op"] for step in answered(run("schedule", COSMA / "tiny_1.json", "--json", "-"))["steps"]]
    file.write_text("\n".join(names))
    answer = answered(run("schedule", COSMA / "tiny_1.json", "--order", file, "--json", "-"))
    assert [step["op"] for step in answer["steps"]] == names
    assert answer["noncompulsory_bytes"] == 1792


def test_the_integer_program_is_written(tmp_path: Path) -> None:
    file = tmp_path / "tiny.lp"
    assert run("schedule", COSMA / "tiny_2.json", "--lp", file).exit_code == 0
    assert "Minimize" in file.read_text()


def test_the_report_opens_offline_and_says_why_tensors_leave(tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    assert run("schedule", COSMA / "randwire_12_mr.json", "--report", file).exit_code == 0
    page = file.read_text()
    assert "leaves after step" in page
    assert "address-map" in page
    assert "naive-map" in page


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "what is to be scheduled?"),
        ((COSMA / "tiny_1.json", "--workload", "bert_base"), "what is to be scheduled?"),
        ((COSMA / "tiny_1.json", "--in-place"), "key in_place"),
        ((COSMA / "tiny_1.json", "--set", "workload.batch=2"), "--set is for a --workload"),
        ((COSMA / "tiny_1.json", "--objective", "tme"), "did you mean 'time'?"),
        ((COSMA / "tiny_1.json", "--objective", "time"), "there is no machine"),
        ((COSMA / "tiny_1.json", "--banks", "0"), "not 0 equal banks"),
        ((COSMA / "tiny_1.json", "--alignment", "-1"), "not a positive number"),
        ((COSMA / "tiny_1.json", "--order", COSMA / "tiny_2.json"), "unknown operator"),
        (("--workload", "bert_base", "--scratchpad", "8MiB"), "--datatype int8"),
        (("--workload", "bert_base", "--datatype", "int8"), "no scratchpad is given"),
        (("--workload", "bert_base", "--arch", "edge_npu"), "needs 6291456 bytes"),
        (("--workload", "bert_base", "--arch", "gemmini_default"), "no memory on the chip"),
        (("--workload", "brt_base", "--arch", "edge_npu"), "did you mean"),
    ],
)
def test_bad_requests_exit_2(words: tuple[object, ...], message: str) -> None:
    result = run("schedule", *words)
    assert result.exit_code == 2
    assert message in result.stderr


GRAPH = """{"tensors": [{"id": "a", "size": 1, "kind": "input"}, {"id": "b", "size": 1, "kind": "activation"},
 {"id": "c", "size": 1, "kind": "output"}],
 "ops": [{"id": "p", "inputs": ["a"], "outputs": ["b"]}, {"id": "q", "inputs": ["b"], "outputs": ["c"]}],
 "scratchpad_bytes": 2}"""


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"inputs": ["a"]', '"inputs": ["a", "c"]', "cycle: p -> q -> p"),
        ('"inputs": ["b"], "outputs": ["c"]', '"inputs": ["a"], "outputs": ["c", "b"]', "two producers"),
        ('"inputs": ["a"]', '"inputs": ["z"]', "unknown tensor 'z'"),
        ('"size": 1, "kind": "activation"', '"size": 0, "kind": "activation"', "has size 0"),
        ('"size": 1, "kind": "activation"', '"size": -4, "kind": "activation"', "has size -4"),
        ('"scratchpad_bytes": 2', '"scratchpad_bytes": 1', "operator 'p' needs 2 bytes"),
        ('"kind": "input"', '"kind": "imput"', "did you mean 'input'?"),
        ('"tensors"', '"model": {"prices": {"fetch": 1}}, "tensors"', "unknown price"),
        ('"tensors"', '"model": {"alignment": 0}, "tensors"', "alignment"),
    ],
)
def test_a_bad_graph_exits_2_with_its_place(tmp_path: Path, old: str, new: str, message: str) -> None:
    file = tmp_path / "graph.json"
    assert old in GRAPH
    file.write_text(GRAPH.replace(old, new, 1))
    result = run("schedule", file)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.startswith(f"{file}:")


def test_the_graph_of_the_bad_ones_is_good_itself(tmp_path: Path) -> None:
    file = tmp_path / "graph.json"
    file.write_text(GRAPH)
    assert answered(run("schedule", file, "--json", "-"))["status"] == "optimal"


def test_at_the_time_limit_the_best_verified_answer_comes_with_its_gap() -> None:
    answer = answered(run("schedule", COSMA / "randwire_40_mh.json", "--time-limit", "0.01", "--json", "-"))
    assert answer["verified"] is True
    assert answer["gap"] == (answer["cost"] - answer["lower_bound"]) / answer["cost"]
    assert answer["lower_bound"] <= 53248 <= answer["cost"]
