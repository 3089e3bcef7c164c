"""Bad input: status 2, one message with a place where there is a file, never a traceback, nothing written."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from hwsim.spec.library import library_root

PLACED = re.compile(
    r"(?P<file>[^\n]*?):(?P<line>\d+):(?P<column>\d+): (?P<what>[^\n]+)\n(?P<rest>.*)", re.DOTALL
)

MACHINE = [
    ("rows: 16", "rowz: 16", "did you mean 'rows'?"),
    ("clock: 1 GHz", "clock: 1 GB", "clock"),
    ("capacity: 512 KiB", "capacity: 0 KiB", "capacity"),
    ("capacity: 512 KiB", "capacity: -512 KiB", "capacity"),
    ("efficiency: 0.8", "efficiency: .nan", "efficiency"),
    ("efficiency: 0.8", "efficiency: 1.5", "efficiency"),
    ("rows: 16", "rows: 1.5", "rows"),
    ("class: systolic_array", "class: sistolic_array", "did you mean 'systolic_array'?"),
    ("technology: cmos_16nm", "technology: cmos_16mn", "did you mean 'cmos_16nm'?"),
    ("dataflow: weight_stationary", "dataflow: weight_stationery", "did you mean 'weight_stationary'?"),
    ("columns: 16", "rows: 16", "rows"),
    ("bandwidth: 25.6 GB/s", "bandwidth: 25.6 GB/s: 3", "mapping"),
]
WORKLOAD = [
    ("kind: relu", "kind: relo", "did you mean 'relu'?"),
    ("features: 32", "features: 0", "features"),
    ("features: 32", "feature: 32", "did you mean 'features'?"),
    ("inputs: [x]", "inputs: [down]", "cycle"),
    ("inputs: [x]", "inputs: [y]", "y"),
    ("name: down", "name: up", "up"),
    ("batch: 1", "batch: -1", "batch"),
    ("[batch, 8, 16]", "[batch, 8, sixteen]", "sixteen"),
]


def _refused(done, file: Path | str) -> re.Match[str]:
    """The parts of a message that is placed in ``file`` and shows the line with a caret."""
    assert done.status == 2
    assert done.out == ""
    assert "Traceback" not in done.err
    placed = PLACED.match(done.err)
    assert placed, done.err
    assert placed["file"] == str(file)
    return placed


@pytest.mark.parametrize(("right", "wrong", "says"), MACHINE)
def test_a_wrong_machine(hwsim, machine, tiny, right, wrong, says):
    text = machine.read_text()
    assert right in text
    machine.write_text(text.replace(right, wrong, 1))
    placed = _refused(hwsim("run", "--arch", "mine.yaml", "--workload", str(tiny)), "mine.yaml")
    assert says in placed["what"]
    line = text[: text.index(right)].count("\n") + 1
    assert int(placed["line"]) == line
    shown, caret = placed["rest"].splitlines()
    assert shown.strip() == machine.read_text().splitlines()[line - 1].strip()
    assert caret.strip() == "^"


@pytest.mark.parametrize(("right", "wrong", "says"), WORKLOAD)
def test_a_wrong_workload(hwsim, tiny, right, wrong, says):
    text = tiny.read_text()
    assert right in text
    tiny.write_text(text.replace(right, wrong, 1))
    placed = _refused(hwsim("run", "--arch", "edge_npu", "--workload", "tiny.yaml"), "tiny.yaml")
    assert says in placed["what"]


@pytest.mark.parametrize("option", ["--arch", "--workload", "--mapping", "--plan"])
def test_what_is_no_text_file(hwsim, tiny, tmp_path, option):
    (tmp_path / "binary.yaml").write_bytes(b"name: x\n\xff\xfe\x00\x01")
    given = {"--arch": "edge_npu", "--workload": "tiny.yaml"}
    for path, says in (("binary.yaml", "not text"), ("none.yaml", "there is no file"), (".", "directory")):
        arguments = [part for pair in (given | {option: path}).items() for part in pair]
        done = hwsim("run", *arguments)
        assert done.status == 2
        assert says in done.err
        assert path in done.err


def test_an_empty_file(hwsim, tmp_path):
    (tmp_path / "empty.yaml").write_text("")
    assert "empty" in _refused_simply(hwsim("run", "--arch", "empty.yaml", "--workload", "resnet50"))


@pytest.mark.parametrize("keep", [0, 1, 2])
def test_a_truncated_onnx(hwsim, tmp_path, keep):
    onnx = pytest.importorskip("onnx", reason="the extra onnx is not installed")
    whole = Path(onnx.__file__).parent / "backend/test/data/light/light_squeezenet.onnx"
    content = whole.read_bytes()
    (tmp_path / "cut.onnx").write_bytes(content[: len(content) * keep // 3])
    assert "cut.onnx" in _refused_simply(hwsim("run", "--arch", "edge_npu", "--workload", "cut.onnx"))


def test_a_config_of_an_unknown_model(hwsim, tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "lama", "hidden_size": 64}))
    said = _refused_simply(hwsim("run", "--arch", "edge_npu", "--workload", "config.json"))
    assert "lama" in said
    assert "llama" in said


def test_a_damaged_scalesim_configuration_and_topology(hwsim, tmp_path):
    (tmp_path / "a.cfg").write_text("[architecture_presets]\nArrayHeight: 0\n")
    (tmp_path / "t.csv").write_text("Layer,M,N,K,\none,4,x,4,\n")
    _refused(hwsim("run", "--arch", "a.cfg", "--workload", "t.csv"), "a.cfg")
    _refused(hwsim("run", "--arch", "edge_npu", "--workload", "t.csv"), "t.csv")


def test_an_operator_that_fits_nowhere_says_what_lacks_how_much(hwsim, machine, tiny):
    done = hwsim("run", "--arch", "mine.yaml", "--workload", "tiny.yaml", "--set", "buffer.capacity=8 B")
    said = _refused_simply(done)
    assert "operator 'up' (matmul) fits nowhere" in said
    lacks = re.search(
        r"buffer lacks (\d+) bytes: the smallest tile needs (\d+) bytes, 8 of its 8 are free", said
    )
    assert lacks, said
    assert int(lacks[1]) == int(lacks[2]) - 8


def test_an_operator_without_an_engine(hwsim, tiny, tmp_path):
    (tmp_path / "a.cfg").write_text(
        "[architecture_presets]\nArrayHeight: 4\nArrayWidth: 4\nIfmapSramSzkB: 1\nFilterSramSzkB: 1\n"
        "OfmapSramSzkB: 1\nDataflow: os\n"
    )
    assert "no vector unit" in _refused_simply(hwsim("run", "--arch", "a.cfg", "--workload", "tiny.yaml"))


def test_two_answers_in_one_file_are_refused(hwsim, tiny, tmp_path):
    done = hwsim("run", "--arch", "edge_npu", "--workload", str(tiny), "--json", "a", "--report", "./a")
    assert "two answers would go to one file, 'a'" in _refused_simply(done)
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize("command", ["report", "explain", "show", "check", "cascade", "schedule", "validate"])
def test_every_command_that_reads_a_file_refuses_a_missing_one(hwsim, tmp_path, command):
    more = {"explain": ["none.json", "energy"], "validate": ["scalesim", "--data", "none.csv"]}
    done = hwsim(command, *more.get(command, ["none.json"]))
    assert done.status == 2
    assert "there is no file 'none." in done.err
    assert list(tmp_path.iterdir()) == []


def test_every_library_machine_runs_the_tiny_workload_or_says_why_not(hwsim, tiny):
    names = [path.stem for path in (library_root() / "arch_configs" / "systolic").glob("*.yaml")]
    assert len(names) > 5
    for name in names:
        done = hwsim("run", "--arch", name, "--workload", str(tiny), "--json", "-")
        assert done.status == 0, done.err
        assert json.loads(done.out)["latency_s"] > 0


def _refused_simply(done) -> str:
    assert done.status == 2
    assert done.out == ""
    assert "Traceback" not in done.err
    return done.err
