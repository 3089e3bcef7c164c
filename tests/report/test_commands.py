from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import hwsim as package
from hwsim.report.page import render


@pytest.fixture
def hwsim(tmp_path):
    """Runs ``hwsim`` with arguments in an empty folder."""

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "from hwsim.cli.app import main; main()", *arguments]
        environment = os.environ | {"PYTHONPATH": str(Path(package.__file__).parents[1])}
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False
        )

    return call


def test_report_writes_beside_the_result(sample, hwsim, tmp_path):
    (tmp_path / "run.json").write_text(json.dumps(sample()))
    done = hwsim("report", "run.json")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "report: run.html\n")
    assert (tmp_path / "run.html").read_text(encoding="utf-8") == render(sample())


def test_report_against_another_run(sample, hwsim, tmp_path):
    (tmp_path / "a.json").write_text(json.dumps(sample(clock=1e9)))
    (tmp_path / "b.json").write_text(json.dumps(sample()))
    done = hwsim("report", "a.json", "--against", "b.json", "-o", "c.html")
    assert done.returncode == 0
    assert "× as fast" in (tmp_path / "c.html").read_text(encoding="utf-8")


def test_explain_prints_a_tree_and_json_alone_on_standard_output(sample, hwsim, tmp_path):
    (tmp_path / "run.json").write_text(json.dumps(sample()))
    shown = hwsim("explain", "run.json", "array.energy")
    assert shown.returncode == 0
    assert "energy per action  200 fJ  [Horowitz, ISSCC 2014, 8-bit multiply and add]" in shown.stdout
    plain = hwsim("explain", "run.json", "array.energy", "--json", "-")
    assert json.loads(plain.stdout)["what"] == "array.energy"


@pytest.mark.parametrize(
    "arguments",
    [
        ("report", "broken.json"),
        ("report", "none.json"),
        ("report", "."),
        ("explain", "broken.json", "energy"),
    ],
)
def test_bad_input_is_one_message_and_status_two(hwsim, tmp_path, arguments):
    (tmp_path / "broken.json").write_text('{"hwsim": "0.1.0",\n "ops": [}')
    done = hwsim(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert [one.name for one in tmp_path.iterdir()] == ["broken.json"]


def test_an_unknown_figure_is_status_two_with_the_nearest(sample, hwsim, tmp_path):
    (tmp_path / "run.json").write_text(json.dumps(sample()))
    done = hwsim("explain", "run.json", "enrgy")
    assert (done.returncode, done.stderr) == (2, "the result has no 'enrgy'; did you mean 'energy'?\n")
