"""``hwsim mapper`` and ``hwsim validate gemm_traffic``."""

from __future__ import annotations

import json


def test_the_answer_has_the_keys_of_the_contract(hwsim):
    done = hwsim("mapper", "--m", "100", "--n", "100", "--k", "100", "--capacity", "1000", "--json", "-")
    found = json.loads(done.out)
    assert (done.status, found["optimal_dram_words"]) == (0, 80000)
    assert found["optimal_dram_words_divisor_tiles"] == 90000
    assert (found["tile"], found["order"]) == ({"m": 25, "n": 34, "k": 1}, "mnk")
    assert found["compulsory_words"] == 30000
    assert found["candidates"] > 0
    assert {"hwsim", "schema", "inputs"} <= set(found)


def test_the_table_shows_both_optima(hwsim):
    done = hwsim("mapper", "--m", "100", "--n", "100", "--k", "100", "--capacity", "1000")
    assert (done.status, done.err) == (0, "")
    assert "80,000   tile m=25 n=34 k=1, order mnk" in done.out


def test_a_buffer_without_room_is_bad_input(hwsim):
    done = hwsim("mapper", "--m", "8", "--n", "8", "--k", "8", "--capacity", "2")
    assert (done.status, done.err.startswith("no tile fits 2 words")) == (2, True)


def test_any_data_in_the_format_is_answered(hwsim, tmp_path):
    instance = {"M": 7, "N": 11, "K": 13, "capacity_words": 64, "optimal_dram_words": 401}
    (tmp_path / "more.json").write_text(json.dumps({"instances": [instance]}, indent=1))
    done = hwsim("validate", "gemm_traffic", "--data", "more.json", "--json", "-")
    rows = json.loads(done.out)["rows"]
    assert done.status == 1
    assert [(row["case"], row["metric"], row["ours"]) for row in rows] == [
        ("7/11/13/64", "optimal_dram_words", 402),
        ("7/11/13/64", "optimal_dram_words_divisor_tiles", 1169),
        ("7/11/13/64", "compulsory_words", 311),
    ]


def test_an_instance_that_nothing_fits_is_placed(hwsim, tmp_path):
    (tmp_path / "bad.json").write_text('{"instances": [\n {"M": 7, "N": 1, "K": 1, "capacity_words": 2}]}')
    done = hwsim("validate", "gemm_traffic", "--data", "bad.json")
    assert done.status == 2
    assert done.err.startswith("bad.json:2:2: no tile fits 2 words")
