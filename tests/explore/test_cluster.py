"""A real Dask scheduler and two worker processes on loopback, one of which is killed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import hwsim
from hwsim.explore.cluster import Cluster
from hwsim.explore.folder import TABLE, opened
from hwsim.explore.results import open_results
from hwsim.explore.sweep import sweep
from hwsim.explore.workers import in_process
from hwsim.spec.errors import InputError

distributed = pytest.importorskip("distributed")
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(hwsim.__file__).parents[1])}
WIDER = {
    "vary": {
        "array.dataflow": ["weight_stationary", "output_stationary"],
        "array.rows": {"from": 4, "to": 32, "step": 4},
        "buffer.capacity": {"from": "32 KiB", "to": "256 KiB", "factor": 2},
    }
}


def dask(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "dask", *arguments]
    return subprocess.Popen(command, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True)


def worker(address: str, folder: Path) -> subprocess.Popen[str]:
    where = ("--local-directory", str(folder), "--host", "127.0.0.1")
    return dask("worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard", *where)


@pytest.fixture
def cluster(tmp_path):
    """The address of a scheduler, and its two workers."""
    scheduler = dask("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
    assert scheduler.stderr is not None
    lines = (re.search(r"tcp://127\.0\.0\.1:\d+", line) for line in scheduler.stderr)
    address = next(found[0] for found in lines if found)
    workers = [worker(address, tmp_path) for _ in range(2)]
    yield address, workers
    for process in (*workers, scheduler):
        process.kill()
        process.wait()


def test_a_killed_worker_loses_and_doubles_nothing(cluster, small, tmp_path):
    address, workers = cluster
    space = small(**WIDER)
    killed = []

    def watch(progress):
        if progress.computed >= 8 and not killed:
            workers[0].send_signal(signal.SIGKILL)
            killed.append(time.monotonic())

    with opened(tmp_path / "dask" / "s", space, "test", address) as folder:
        progress = sweep(space, folder, Cluster(address), watch)
    with opened(tmp_path / "here" / "s", space, "test", "-j 1") as folder:
        sweep(space, folder, in_process, lambda _: None)
    assert killed
    assert progress.computed == len(open_results(tmp_path / "dask" / "s").rows) == 64
    one, other = ((tmp_path / name / "s" / TABLE).read_bytes() for name in ("dask", "here"))
    assert one == other


def test_no_scheduler_is_told(small, tmp_path, monkeypatch):
    monkeypatch.setattr("hwsim.explore.cluster._TIMEOUT", "1s")
    with (
        opened(tmp_path / "a", small(), "test", "dask") as folder,
        pytest.raises(InputError, match="there is no Dask scheduler at"),
    ):
        sweep(small(), folder, Cluster("tcp://127.0.0.1:9"), lambda _: None)
