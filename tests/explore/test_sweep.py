"""Sweeps: every point once, whatever happens in between."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hwsim
from hwsim.explore.folder import TABLE, opened
from hwsim.explore.metrics import COLUMNS
from hwsim.explore.point import Point
from hwsim.explore.results import open_results
from hwsim.explore.store import FILE, create_store
from hwsim.explore.sweep import sweep
from hwsim.explore.workers import Processes, in_process
from hwsim.pipeline import simulate
from hwsim.spec.errors import InputError

ROOT = Path(hwsim.__file__).parents[1]


def run(space, path, workers=in_process):
    with opened(path, space, "test", "test") as folder:
        return sweep(space, folder, workers, lambda _: None)


def test_every_point_is_what_simulate_says(small, tmp_path):
    space = small()
    progress = run(space, tmp_path / "a")
    assert (progress.computed, progress.failed) == (12, 0)
    for row, point in zip(open_results(tmp_path / "a").rows, space.points(), strict=True):
        overrides = (*point.machine_overrides, *(f"workload.{each}" for each in point.workload_overrides))
        result = simulate(point.machine, point.workload, point.mapping, overrides=overrides)
        assert row.settings == point.values
        found = row.outcome.metrics
        assert (found["latency_s"], found["energy_j"]) == (result.latency_s, result.energy_j)
        assert (found["area_mm2"], found["dram_bytes"]) == (result.area_mm2, result.dram_bytes)
        assert found["lower_bound_latency_s"] <= found["latency_s"]


def test_a_second_run_computes_nothing_and_writes_the_same_table(small, tmp_path):
    run(small(), tmp_path / "a")
    table = (tmp_path / "a" / TABLE).read_bytes()
    assert run(small(), tmp_path / "a").computed == 0
    assert (tmp_path / "a" / TABLE).read_bytes() == table


def test_studies_beside_each_other_share_their_points(small, tmp_path):
    run(small(), tmp_path / "a")
    wider = small(name="wider", vary={"array.rows": [8], "buffer.capacity": ["65536 B", "256 KiB"]})
    progress = run(wider, tmp_path / "b")
    assert (progress.shared, progress.computed) == (1, 1)


def test_processes_find_the_same(small, tmp_path):
    run(small(), tmp_path / "one" / "s")
    run(small(), tmp_path / "two" / "s", Processes(2))
    one, two = ((tmp_path / name / "s" / TABLE).read_bytes() for name in ("one", "two"))
    assert one == two


def test_a_point_that_fails_is_a_result(small, tmp_path):
    vary = {"array.rows": [8, 0, 16], "buffer.capacity": ["1 MiB", "1 B"], "array.nonsense": [3]}
    run(small(vary={**vary}, link={}), tmp_path / "bad")
    assert {row.outcome.status for row in open_results(tmp_path / "bad").rows} == {"failed"}
    del vary["array.nonsense"]
    run(small(vary=vary, link={}), tmp_path / "some")
    rows = open_results(tmp_path / "some").rows
    assert [row.outcome.status for row in rows] == ["done", "failed", "failed", "failed", "done", "failed"]
    assert "rows" in rows[2].outcome.message
    assert "fits nowhere" in rows[1].outcome.message


def test_a_folder_of_another_study_is_refused(small, tmp_path):
    run(small(), tmp_path / "a")
    with pytest.raises(InputError, match="holds another study"):
        run(small(vary={"array.rows": [4]}), tmp_path / "a")


def test_two_processes_share_one_folder(workload, tmp_path, small):
    command = [sys.executable, "-c", _SCRIPT, workload, str(tmp_path / "a")]
    both = [subprocess.Popen(command, cwd=ROOT) for _ in range(2)]
    assert [each.wait(timeout=120) for each in both] == [0, 0]
    run(small(), tmp_path / "b" / "s")
    assert (tmp_path / "a" / TABLE).read_bytes() == (tmp_path / "b" / "s" / TABLE).read_bytes()


def test_killed_and_resumed_loses_nothing(workload, tmp_path, small):
    command = [sys.executable, "-c", _SCRIPT, workload, str(tmp_path / "a")]
    dice = random.Random(8)
    for _ in range(3):
        process = subprocess.Popen(command, cwd=ROOT)
        time.sleep(dice.uniform(0.5, 2.0))
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert subprocess.run(command, cwd=ROOT, check=False, timeout=120).returncode == 0
    run(small(), tmp_path / "b" / "s")
    assert (tmp_path / "a" / TABLE).read_bytes() == (tmp_path / "b" / "s" / TABLE).read_bytes()


@pytest.mark.parametrize("limit", [1, 2, 4, 5, 6, 8, 10, 12, 16, 20, 40])
def test_a_disk_that_fills_up_is_told_and_breaks_nothing(workload, tmp_path, small, limit):
    command = [sys.executable, "-c", _LIMITED + _SCRIPT, workload, str(tmp_path / "a"), str(limit * 4096)]
    done = subprocess.run(command, cwd=ROOT, check=False, timeout=120, capture_output=True, text=True)
    if done.returncode:
        assert "cannot" in done.stderr
        assert "Traceback" not in done.stderr
        assert not (tmp_path / "a" / TABLE).exists()
    run(small(), tmp_path / "a")
    assert [row.outcome.status for row in open_results(tmp_path / "a").rows] == ["done"] * 12


def test_a_folder_that_cannot_be_written_is_told(small, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot make the folder"):
        run(small(), tmp_path / "file" / "a")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / FILE).write_text("this is no database, and long enough to be seen as none" * 30)
    with pytest.raises(InputError, match="cannot use the store"):
        run(small(), tmp_path / "b")


@given(
    st.lists(
        st.one_of(st.none(), st.integers(-(2**62), 2**62), st.floats(allow_nan=False)),
        min_size=15,
        max_size=15,
    )
)
@settings(max_examples=20, deadline=None)
def test_what_goes_into_the_store_comes_out_exactly(tmp_path_factory, values):
    from hwsim.explore.metrics import Outcome

    store = create_store(tmp_path_factory.mktemp("store"))
    metrics = dict(zip(COLUMNS, values, strict=True))
    outcome = Outcome("done", "", metrics, {"bound_by": "dram", "time_by_bound": {"dram": 1 / 3}})
    store.add([("k", outcome)])
    store.enrol([("k", Point(7, "m", "w", "a", "bound", (("x.y", [1, "2 B"]),)))])
    (row,) = store.rows()
    store.close()
    assert (row.position, row.outcome) == (7, outcome)
    assert row.settings["x.y"] == [1, "2 B"]


def test_points_of_other_models_are_computed_anew(small, tmp_path, monkeypatch):
    run(small(), tmp_path / "a")
    monkeypatch.setattr("hwsim.explore.content.model_version", lambda: "another")
    assert run(small(), tmp_path / "a").computed == 12
    assert len(open_results(tmp_path / "a").rows) == 12


def test_anyone_can_ask_the_file(small, tmp_path):
    run(small(), tmp_path / "a")
    with sqlite3.connect(tmp_path / "a" / FILE) as connection:
        query = "SELECT COUNT(*), MIN(latency_s) FROM points WHERE status = 'done'"
        count, least = connection.execute(query).fetchone()
    assert count == 12
    assert least == open_results(tmp_path / "a").results["latency_s"].min()


_SCRIPT = f"""
import json, sys
sys.path[:0] = [{str(Path(__file__).parents[1])!r}]
from strategies.small_study import study
from hwsim.explore.run_study import sweep
from hwsim.spec.errors import HwsimError
if __name__ == "__main__":
    try:
        sweep(study(sys.argv[1]), sys.argv[2])
    except HwsimError as error:
        sys.exit(str(error))
"""
_LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
import hwsim.explore.run_study, hwsim.pipeline, numba
numba.config.CACHE_DIR = ""
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
"""
