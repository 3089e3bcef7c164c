"""``hwsim dram`` from the outside."""

from __future__ import annotations

import json


def test_answers_in_json_what_the_table_shows(hwsim):
    asked = ("dram", "--device", "HBM2", "--pattern", "rand:w=0.33", "-n", "10000", "--seed", "4")
    done = hwsim(*asked, "--json", "-")
    assert done.status == 0
    answer = json.loads(done.out)
    # The row HBM2_1ch,base,rand:w=0.33,10000,4 of the reference.
    assert (answer["cycles_last_completion"], answer["act"], answer["read_lat_p95"]) == (82602, 10033, 3924)
    assert answer["inputs"]["dram"]["file"] == "arch_configs/technology/dram/hbm2.yaml"
    assert sum(answer["energy_by_term_j"].values()) == answer["energy_j"]
    shown = hwsim(*asked)
    assert "82,602 cycles" in shown.out


def test_two_runs_say_the_same(hwsim):
    asked = (
        "dram",
        "--device",
        "ddr4_3200_x8_2r",
        "--pattern",
        "local:p=0.9,w=0.3",
        "-n",
        "500",
        "--json",
        "-",
    )
    assert hwsim(*asked).out == hwsim(*asked).out


def test_bad_input_is_an_error_of_the_user(hwsim):
    for wrong, hint in (
        (("--device", "hbm22"), "did you mean 'hbm2'?"),
        (("--device", "hbm2", "--pattern", "rnd"), "did you mean 'rand'?"),
        (("--device", "hbm2", "--scheduler", "fr_fcf"), "did you mean 'fr_fcfs'?"),
        (("--device", "hbm2", "--row-policy", "open"), "did you mean 'open_page'?"),
        (("--device", "hbm2", "-n", "0"), "must be from 1"),
        (("--device", "hbm2", "--channels", "0"), "channels"),
        (("--device", "hbm2", "--issue-width", "0"), "must be from 1"),
    ):
        done = hwsim("dram", *wrong)
        assert done.status == 2
        assert hint in done.err


def test_devices_and_standards_are_listed_and_shown(hwsim):
    assert "hbm2" in hwsim("list", "dram").out
    shown = json.loads(hwsim("show", "hbm2", "--json", "-").out)
    assert shown["kind"] == "dram"
    assert {"scope": "dram_rank", "from": "ACT", "to": "ACT", "window": 4, "cycles": 30} in shown["rules"]
    assert json.loads(hwsim("show", "jedec", "--json", "-").out)["kind"] == "dram_standard"
