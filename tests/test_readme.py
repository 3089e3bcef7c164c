"""The README is true: its tour runs as it stands, its links lead somewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"<!-- tour -->\n```bash\n(.*?)```", re.DOTALL)
PYTHON = re.compile(r"<!-- tour python -->\n```python\n(.*?)```", re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for the whole tour, which writes files and reads them again."""
    place = tmp_path_factory.mktemp("tour")
    for name in ("tests", "hwsim"):
        (place / name).symlink_to(ROOT / name)
    return place


def shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    programs = str(Path(sys.executable).parent)
    environment = os.environ | {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run(
        ["bash", "-euc", command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("number", range(len(BLOCK.findall(README))))
def test_tour_runs_in_order(number: int, folder: Path) -> None:
    done = shell(BLOCK.findall(README)[number], folder)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


def test_python_example_runs(folder: Path) -> None:
    (code,) = PYTHON.findall(README)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 7  # a line of totals, a header, five operators


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_two_lines_set_up_everything() -> None:
    lines = re.findall(r"^python3 -m venv .*$", README, re.MULTILINE)
    assert len(lines) == 2
    assert "hwsim run" in lines[0]
    assert "pytest" in lines[1]
