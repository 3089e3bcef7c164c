"""``hwsim validate`` and ``hwsim doctor``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import hwsim as package
from hwsim.validation.registry import SHIPPED, references, shipped_data

BANDS = Path(package.__file__).parent / "energy" / "error_bands.yaml"


@pytest.fixture
def one_off(tmp_path):
    """The shipped SCALE-Sim table with one cycle count that is wrong, and its first three lines only."""
    lines = (SHIPPED / "scalesim.csv").read_text().splitlines()[:4]
    at = lines[0].split(",").index("total_cycles")
    cells = lines[2].split(",")
    cells[at] = str(int(cells[at]) + 10)
    path = tmp_path / "off.csv"
    path.write_text("\n".join([*lines[:2], ",".join(cells), lines[3], ""]))
    return path


def test_the_json_has_the_keys_of_the_contract(hwsim, tmp_path):
    assert hwsim("validate", "scalesim", "--json", "v.json").status == 0
    answer = json.loads((tmp_path / "v.json").read_text())
    assert (answer["name"], answer["failed"]) == ("scalesim", 0)
    assert answer["n"] == len(answer["rows"])
    assert set(answer["rows"][0]) == {"case", "metric", "reference", "ours", "error", "tolerance"}
    assert set(answer["summary"][0]) == {"metric", "n", "exact", "max_error", "mean_error"}
    assert len(answer["inputs"]["scalesim"]["hash"]) == 64


def test_a_row_outside_its_tolerance_is_status_one(hwsim, one_off):
    done = hwsim("validate", "scalesim", "--data", str(one_off), "--json", "v.json")
    assert (done.status, done.err) == (1, "outside tolerance: scalesim: 1 of 17 rows\n")
    assert "worst rows" in done.out
    answer = json.loads((one_off.parent / "v.json").read_text())
    assert (answer["failed"], answer["n"]) == (1, 17)


def test_a_wrong_reference_changes_errors_never_our_values(hwsim, one_off):
    ours = {}
    for arguments in ((), ("--data", str(one_off))):
        answer = json.loads(hwsim("validate", "scalesim", *arguments, "--json", "-").out)
        ours[arguments] = {(row["case"], row["metric"]): row["ours"] for row in answer["rows"]}
    assert ours["--data", str(one_off)].items() <= ours[()].items()


def test_an_unknown_reference_and_data_without_a_name(hwsim):
    unknown, nameless = hwsim("validate", "scalsim"), hwsim("validate", "--data", "x.csv")
    assert (unknown.status, unknown.err) == (2, "there is no reference 'scalsim'; did you mean 'scalesim'?\n")
    assert nameless.status == 2
    assert "--data needs the name" in nameless.err


@pytest.mark.parametrize("name", [name for name in references() if not shipped_data(name)])
def test_a_reference_without_shipped_data_says_how_to_point_at_it(hwsim, name):
    done = hwsim("validate", name)
    assert done.status == 2
    assert f"hwsim validate {name} --data PATH" in done.err


def test_bands_are_those_that_ship(hwsim, tmp_path):
    before, own, after = BANDS.read_text().partition("component_class: systolic_array")
    worse = before + own + after.replace("max_error: 0.0\n", "max_error: 0.5\n", 1)
    (tmp_path / "bands.yaml").write_text(worse)
    assert worse != BANDS.read_text()
    done = hwsim("validate", "scalesim", "--bands", "bands.yaml")
    assert (done.status, done.err) == (0, "error bands: bands.yaml\n")
    assert (tmp_path / "bands.yaml").read_text() == BANDS.read_text()


def test_doctor_finds_what_is_needed(hwsim):
    done = hwsim("doctor")
    assert (done.status, done.err) == (0, "")
    lines = done.out.splitlines()
    assert any(line.startswith("ok      library") for line in lines)
    assert not any(line.startswith("MISSING") for line in lines)
    findings = {each["what"]: each for each in json.loads(hwsim("doctor", "--json", "-").out)["findings"]}
    assert findings["numpy"]["ok"]


def test_doctor_fails_where_something_needed_is_missing(hwsim, monkeypatch):
    from hwsim import environment

    there = environment.installed_version
    monkeypatch.setattr(
        environment, "installed_version", lambda name: None if name in ("pandas", "onnx") else there(name)
    )
    done = hwsim("doctor")
    assert (done.status, done.err) == (1, "missing: pandas\n")
    assert "MISSING pandas" in done.out
    assert "absent  extra onnx" in done.out


def test_without_a_name_all_that_is_shipped_is_compared(hwsim, monkeypatch):
    from hwsim.validation import registry

    some = {name: registry.references()[name] for name in ("scalesim", "cascades")}
    monkeypatch.setattr(registry, "references", lambda: some | {"elsewhere": some["scalesim"]})
    done = hwsim("validate", "--json", "all.json")
    assert (done.status, "elsewhere" in done.err) == (0, True)
    assert "scalesim: 0 of" in done.out
    assert "cascades: 0 of" in done.out
