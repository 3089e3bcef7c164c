"""The installed package on its own: run from an empty folder against a wheel, and from the checkout."""

import json
import subprocess
import sys
from pathlib import Path

import pytest


def hwsim(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    script = Path(sys.executable).with_name("hwsim")
    return subprocess.run([str(script), *arguments], capture_output=True, text=True, cwd=folder, check=False)


def test_main_job_runs_on_library_names(tmp_path: Path) -> None:
    done = hwsim(
        "run",
        "--arch",
        "tpu_v1",
        "--workload",
        "resnet50",
        "--json",
        "r.json",
        "--report",
        "r.html",
        folder=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    result = json.loads((tmp_path / "r.json").read_text())
    assert result["latency_s"] >= result["lower_bound"]["latency_s"] > 0
    assert (tmp_path / "r.html").stat().st_size > 1_000_000  # the plotting library is inside: opens offline


@pytest.mark.parametrize("kind", ["arch", "workload", "mapping"])
def test_library_is_shipped(kind: str, tmp_path: Path) -> None:
    done = hwsim("list", kind, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_reference_data_is_shipped(tmp_path: Path) -> None:
    done = hwsim("validate", "scalesim", "--json", "-", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["failed"] == 0
    assert answer["n"] > 700
