"""``hwsim list``, ``show``, ``check``, ``schema`` and ``new``."""

from __future__ import annotations

import json

import jsonschema
import pytest
import yaml

from hwsim.descriptions.registry import kinds
from hwsim.spec import library

SHELVES = [
    (kind.name, entry) for kind in kinds().values() if kind.shelf for entry in library.names(kind.shelf)
]


def test_list_names_every_file_of_the_library(hwsim):
    done = hwsim("list", "--json", "-")
    answer = json.loads(done.out)
    for kind, entry in SHELVES:
        assert entry.name in {row["name"] for row in answer[kind]}
    assert all(row["description"] for row in answer["arch"])
    assert "tpu_v1" in hwsim("list", "arch").out


@pytest.mark.parametrize("words", ["component", "operator", "family"])
def test_list_names_the_words_of_the_files(hwsim, words):
    rows = json.loads(hwsim("list", words, "--json", "-").out)[words]
    assert {"component": "sram", "operator": "conv2d", "family": "transformer_encoder"}[words] in {
        row["name"] for row in rows
    }
    assert all(row["description"] for row in rows)


def test_list_of_an_unknown_kind(hwsim):
    done = hwsim("list", "archs")
    assert (done.status, done.err) == (2, "there is nothing to list under 'archs'; did you mean 'arch'?\n")


@pytest.mark.parametrize(
    ("name", "kind", "key"),
    [
        ("tpu_v1", "arch", "components"),
        ("bert_base", "workload", "operators"),
        ("auto", "mapping", "fusion"),
        ("cmos_45nm", "technology", "arithmetic"),
        ("attention_naive", "cascade", "einsums"),
    ],
)
def test_show_finds_the_kind_and_tells_all(hwsim, name, kind, key):
    done = hwsim("show", name, "--json", "-")
    answer = json.loads(done.out)
    assert (answer["kind"], answer["name"]) == (kind, name)
    assert answer[key]
    assert len(answer["inputs"][kind]["hash"]) == 64
    shown = hwsim("show", name)
    assert (shown.status, shown.err) == (0, "")
    assert name in shown.out


def test_show_of_a_machine_is_its_tree_with_units(hwsim):
    answer = json.loads(hwsim("show", "tpu_v1", "--json", "-").out)
    by_name = {row["name"]: row for row in answer["components"]}
    assert by_name["mxu"]["attributes"]["rows"] == 256
    assert by_name["mxu"]["depth"] > by_name["unified_buffer"]["depth"] > by_name["weight_dram"]["depth"] == 0
    assert answer["peak_macs_per_s"] == 256 * 256 * 700e6
    assert "24 MiB" in hwsim("show", "tpu_v1").out


def test_show_of_a_workload_has_its_totals(hwsim, tiny):
    answer = json.loads(hwsim("show", str(tiny), "--json", "-").out)
    assert answer["macs"] == 8 * 32 * (16 + 4)
    assert answer["parameter_count"] == 16 * 32 + 32 * 4
    assert sum(row["macs"] for row in answer["operators"]) == answer["macs"]


def test_show_of_an_unknown_name(hwsim):
    done = hwsim("show", "tpu_v11")
    assert done.status == 2
    assert "did you mean 'tpu_v1'?" in done.err


@pytest.mark.parametrize(("kind", "entry"), SHELVES, ids=lambda value: getattr(value, "name", value))
def test_check_recognises_every_file_of_the_library(hwsim, kind, entry):
    done = hwsim("check", str(entry.path))
    assert done.status == 0, done.err
    assert done.out.startswith(f"ok: {kind} ")


def test_check_says_what_is_wrong_and_where(hwsim, machine):
    machine.write_text(machine.read_text().replace("rows: 16", "rows: 0"))
    done = hwsim("check", "mine.yaml")
    assert done.status == 2
    assert done.err.startswith("mine.yaml:")
    assert "rows" in done.err


def test_check_of_a_file_of_no_kind(hwsim, tmp_path):
    (tmp_path / "x.yaml").write_text("colour: blue\n")
    done = hwsim("check", "x.yaml")
    assert (done.status, done.out) == (2, "")
    assert "--kind" in done.err
    assert hwsim("check", "x.yaml", "--kind", "arch").err.startswith("x.yaml:1:1: ")


def test_check_of_a_plan(hwsim, tiny):
    hwsim("map", "--arch", "edge_npu", "--workload", str(tiny), "-o", "plan.json")
    assert hwsim("check", "plan.json").out == "ok: plan tiny on edge_npu\n"


@pytest.mark.parametrize("kind", [kind.name for kind in kinds().values() if kind.schema])
def test_every_file_of_the_library_keeps_its_schema(hwsim, kind):
    schema = json.loads(hwsim("schema", kind).out)
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    for name, entry in SHELVES:
        if name == kind:
            validator.validate(yaml.safe_load(entry.path.read_text()))


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("arch", lambda data: data["components"]["dram"].update(capasity="1 GiB")),
        ("workload", lambda data: data["operators"][0].update(kind="conv9d")),
        ("mapping", lambda data: data.update(fusion="both")),
    ],
)
def test_a_schema_refuses_what_the_command_refuses(hwsim, tmp_path, kind, change):
    hwsim("new", kind, "mine")
    data = yaml.safe_load((tmp_path / "mine.yaml").read_text())
    validator = jsonschema.Draft202012Validator(json.loads(hwsim("schema", kind).out))
    assert validator.is_valid(data)
    change(data)
    assert not validator.is_valid(data)
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(data))
    assert hwsim("check", "mine.yaml").status == 2


def test_schema_of_a_kind_without_one(hwsim):
    done = hwsim("schema", "plan")
    assert done.status == 2
    assert "there is no schema for 'plan'" in done.err


def test_starters_check_and_run_together(hwsim, tmp_path):
    for kind in ("arch", "workload", "mapping", "cascade", "technology"):
        done = hwsim("new", kind, f"my_{kind}")
        assert (done.status, done.err) == (0, f"written: my_{kind}.yaml\n")
        assert hwsim("check", f"my_{kind}.yaml").out == f"ok: {kind} my_{kind}\n"
        text = (tmp_path / f"my_{kind}.yaml").read_text()
        assert text.count("#") > 5
    files = {f"--{kind}": f"my_{kind}.yaml" for kind in ("arch", "workload", "mapping")}
    done = hwsim("run", *(part for pair in files.items() for part in pair))
    assert done.status == 0, done.err
    assert "my_workload on my_arch" in done.out
    assert (
        hwsim(
            "run",
            "--arch",
            "my_arch.yaml",
            "--workload",
            "my_workload.yaml",
            "--set",
            "technology=my_technology.yaml",
        ).status
        == 0
    )
    assert "my_cascade" in hwsim("cascade", "my_cascade.yaml").out


def test_new_never_overwrites_and_wants_a_good_name(hwsim, tmp_path):
    (tmp_path / "mine.yaml").write_text("precious")
    (tmp_path / "dangling.yaml").symlink_to("nowhere")
    for name in ("mine", "dangling"):
        done = hwsim("new", "arch", name)
        assert (done.status, done.err.split(";")[0]) == (2, f"'{name}.yaml' is there already")
    assert (tmp_path / "mine.yaml").read_text() == "precious"
    for name in ("../up", "two words", "", "1st"):
        assert hwsim("new", "workload", name).status == 2
    assert hwsim("new", "plan", "mine2").status == 2
    assert {path.name for path in tmp_path.iterdir()} == {"mine.yaml", "dangling.yaml"}
