"""Sizes of ranks, live elements, and what `hwsim cascade` answers with them."""

from __future__ import annotations

import json
import math

import pytest
from typer.testing import CliRunner

from hwsim.cli.app import build
from hwsim.einsum.answer import cascade_answer
from hwsim.einsum.live import live_elements, live_fiber
from hwsim.einsum.passes import analyse
from hwsim.einsum.read import load_cascade
from hwsim.einsum.sizes import complete_sizes, parse_sizes
from hwsim.spec.errors import InputError
from hwsim.spec.library import find

ONE_PASS = load_cascade(find("cascade", "attention_1pass"))
SIZES = {"E": 64, "F": 64, "P": 128, "M1": 16, "M0": 32}


def test_a_family_and_all_leaves_but_one_give_that_one():
    given = parse_sizes(["M=512", "M0=32", "E=64", "F=64", "P=128"])
    assert complete_sizes(ONE_PASS, given) == SIZES
    assert complete_sizes(ONE_PASS, {**SIZES, "M": 512}) == SIZES


WRONG = {
    ("M=512", "E=64", "F=64", "P=128"): "M=512 needs the sizes of its leaves M1, M0",
    ("M=500", "M0=32", "E=64", "F=64", "P=128"): "M=500 cannot be split into M0=32",
    ("M=512", "M0=32", "M1=8", "E=64", "F=64", "P=128"): "M=512 cannot be split into M1=8, M0=32",
    ("M=512", "M0=32", "E=64"): "no size for rank P, F",
    ("Z=3",): "unknown rank 'Z'",
    ("M=0",): "a size is RANK=NUMBER, got 'M=0'",
    ("M",): "a size is RANK=NUMBER, got 'M'",
    ("M=1e3",): "a size is RANK=NUMBER, got 'M=1e3'",
    ("P=1", "P=2"): "rank P is given two sizes, 1 and 2",
}


@pytest.mark.parametrize("texts", WRONG, ids=" ".join)
def test_sizes_that_do_not_fit(texts):
    with pytest.raises(InputError) as caught:
        complete_sizes(ONE_PASS, parse_sizes(texts))
    assert WRONG[texts] in caught.value.message


def test_what_is_live_does_not_grow_with_the_sequence_in_one_pass():
    analysis = analyse(ONE_PASS)
    for m1 in (16, 4096):
        live = live_elements(analysis, SIZES | {"M1": m1}, {"P": 8})
        assert live["BQK"] == 32 * 8
        assert live["SLN"] == live["SPD"] == 8
        assert max(live.values()) == 32 * 8


def test_what_is_live_grows_with_the_sequence_in_three():
    analysis = analyse(load_cascade(find("cascade", "attention_3pass")))
    sizes = {"E": 64, "F": 64, "P": 128, "M": 5000}
    live = live_elements(analysis, sizes, {"P": 8})
    assert live["QK"] == live["SN"] == 5000 * 8
    assert live["A"] == 8
    assert live_fiber(analysis, sizes, "QK", "M") == 5000
    assert live_fiber(analysis, sizes, "QK", "P") == 1


def test_a_window_keeps_its_reach():
    analysis = analyse(load_cascade(find("cascade", "conv_relu")))
    sizes = {"C": 3, "H": 32, "W": 32, "R": 3, "S": 5, "O": 8}
    assert live_elements(analysis, sizes, {})["X"] == 3 * 5
    assert live_elements(analysis, sizes, {"W": 100})["X"] == 3 * 32


def test_states_keep_two_iterations():
    assert live_elements(analyse(ONE_PASS), SIZES, {})["RM"] == 2


def run(*arguments):
    return CliRunner().invoke(build(), ["cascade", *arguments])


def test_the_command_answers_in_json():
    result = run(
        "attention_3pass", "--shape", "M=4096", "E=64", "F=64", "P=256", "--buffer", "4KiB", "--json", "-"
    )
    assert result.exit_code == 0
    answer = json.loads(result.stdout)
    assert answer["inputs"]["cascade"]["name"] == "attention_3pass"
    assert answer["passes"] == {"E": 1, "P": 1, "M": 3, "F": 1}
    assert answer["tensors"]["QK"]["M"] == {"direct": 2, "lineage": 3, "asap": 2, "footprint": "O(rank)"}
    compulsory = 2 * (64 * 256 * 2 + 64 * 4096 * 2)
    assert answer["bounds"]["compulsory_bytes"] == answer["bounds"]["lower_bound_bytes"] == compulsory
    spills = 2 * (2 * 2 * 256 * (4096 - 2048))
    assert answer["bounds"]["lower_bound_without_recomputation_bytes"] == compulsory + spills
    assert answer["live"]["QK"] == {"bytes": 8192, "fiber_bytes": {"M": 8192, "P": 2}}
    assert [step["pass"] for step in answer["why"]["M"]["steps"]] == [1, None, 2, None, 3]


def test_the_command_prints_passes_and_the_chain(tmp_path):
    result = run("attention_3pass", "--json", str(tmp_path / "answer.json"))
    assert result.exit_code == 0
    assert "M: 3 passes, seen from K" in result.stdout
    assert "GM[p] = max(m): QK[m,p]   all of M first" in result.stdout
    assert json.loads((tmp_path / "answer.json").read_text())["passes"]["M"] == 3


BAD_COMMANDS = {
    ("attention_4pass",): "there is no cascade 'attention_4pass'",
    ("attention_3pass", "--buffer", "4KiB"): "--buffer and --tile need the sizes of the ranks",
    ("attention_3pass", "--shape", "M=3"): "no size for rank E, P, F",
    ("logsumexp_online", "K=3", "--buffer", "4"): "expected a size",
    ("logsumexp_online", "K=3", "--tile", "Z=4"): "unknown rank 'Z'",
    ("logsumexp_online", "K=3", "--datatype", "bf61"): "unknown datatype 'bf61'",
}


@pytest.mark.parametrize("arguments", BAD_COMMANDS, ids=" ".join)
def test_bad_commands(arguments):
    result = run(*arguments)
    assert result.exit_code == 2
    assert BAD_COMMANDS[arguments] in result.stderr


def test_a_bad_file_shows_the_einsum(tmp_path):
    file = tmp_path / "bad.yaml"
    file.write_text("inputs: {X: [K]}\neinsums:\n  - 'Y[k] = X[k'\n")
    result = run(str(file))
    assert result.exit_code == 2
    assert f"{file}:3:16: expected ',' or ']', got the end of the Einsum" in result.stderr


def test_without_sizes_there_are_no_bounds():
    answer = cascade_answer(ONE_PASS, {}, {}, None, "bf16")
    assert "bounds" not in answer
    assert "live" not in answer


def test_a_buffer_without_limit_leaves_the_compulsory_traffic():
    answer = cascade_answer(ONE_PASS, SIZES, {}, None, "int4")
    bounds = answer["bounds"]
    elements = math.prod((64, 128)) * 2 + 2 * math.prod((64, 512))
    assert bounds["compulsory_bytes"] == bounds["lower_bound_without_recomputation_bytes"] == elements / 2
