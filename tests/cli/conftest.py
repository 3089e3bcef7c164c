"""Running the command line: in this process mostly, in one of its own where the process matters."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

import hwsim as package
from hwsim.cli.app import build

ROOT = Path(package.__file__).parents[1]

WORKLOAD = """\
name: tiny
parameters: {batch: 1}
tensors:
  x: {shape: [batch, 8, 16]}
operators:
  - {name: up, kind: linear, inputs: [x], features: 32}
  - {name: active, kind: relu, inputs: [up]}
  - {name: down, kind: linear, inputs: [active], features: 4}
"""


@dataclass(frozen=True, slots=True)
class Done:
    """What a command left behind."""

    status: int
    out: str
    err: str


@pytest.fixture(scope="session")
def app():
    """The application, built once."""
    return build()


@pytest.fixture
def hwsim(app, tmp_path, monkeypatch):
    """Runs a command in an empty folder; what the command line does not turn into a status is raised."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    runner = CliRunner()

    def call(*arguments: str) -> Done:
        done = runner.invoke(app, arguments, catch_exceptions=False, prog_name="hwsim")
        return Done(done.exit_code, done.stdout, done.stderr)

    return call


@pytest.fixture
def process(tmp_path):
    """Runs Python code that calls ``main`` with arguments, in a process and an empty folder of its own."""

    def call(*arguments: str, code: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        program = f"{code}\nfrom hwsim.cli.app import main\nmain()"
        return subprocess.run(
            [sys.executable, "-c", program, *arguments],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return call


@pytest.fixture
def tiny(tmp_path):
    """A file with a small workload."""
    path = tmp_path / "tiny.yaml"
    path.write_text(WORKLOAD)
    return path


@pytest.fixture
def machine(hwsim, tmp_path):
    """A file with the machine that ``hwsim new arch`` writes."""
    assert hwsim("new", "arch", "mine").status == 0
    return tmp_path / "mine.yaml"
