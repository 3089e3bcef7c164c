"""A sweep that is killed (SIGKILL) at random moments and resumed, beside one that is left alone.

    python benchmarks/kill.py [KILLS, 50] [POINTS, 500]

Prints how many points were lost, doubled or different in the end: it must say 0, 0 and identical.
"""

from __future__ import annotations

import contextlib
import json
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from strategies.small_study import WORKLOAD, study  # noqa: E402  (found by the path above)

from hwsim.explore.folder import TABLE  # noqa: E402
from hwsim.explore.store import FILE  # noqa: E402

SCRIPT = f"""
import json, sys
sys.path[:0] = [{str(ROOT)!r}]
import hwsim
if __name__ == "__main__":
    hwsim.sweep(json.loads(sys.argv[1]), sys.argv[2])
"""


def main(arguments: list[str]) -> int:
    """Kill, resume, compare; 1 if anything was lost, doubled or different."""
    kills, points = (int(each) for each in [*arguments, *("50", "500")[len(arguments) :]])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "tiny.yaml").write_text(WORKLOAD)
        described = large(str(folder / "tiny.yaml"), points)
        begin = time.perf_counter()
        run(described, folder / "left_alone" / "study").wait()
        seconds = time.perf_counter() - begin
        done = killed(described, folder / "killed" / "study", kills, points)
        run(described, folder / "killed" / "study").wait()
        return compared(folder, points, done, seconds)


def large(workload: str, points: int) -> dict[str, object]:
    """The small study with as many points."""
    sizes = {"from": 1, "to": points // 2, "step": 1}
    vary = {"array.dataflow": ["weight_stationary", "output_stationary"], "array.rows": sizes}
    return study(workload, vary=vary, constraints=[])


def run(described: dict[str, object], folder: Path) -> subprocess.Popen[bytes]:
    """The sweep in a process of its own."""
    return subprocess.Popen([sys.executable, "-c", SCRIPT, json.dumps(described), str(folder)])


def killed(described: dict[str, object], folder: Path, kills: int, points: int) -> int:
    """Kill so many runs, each a random moment after it kept its share of points; how many are there then."""
    dice = random.Random(1)
    for number in range(kills):
        process = run(described, folder)
        share = points * (number + 1) // (kills + 1)
        while process.poll() is None and counted(folder)[0] < share:
            time.sleep(0.02)
        time.sleep(dice.uniform(0.0, 0.1))
        process.send_signal(signal.SIGKILL)
        process.wait()
    return counted(folder)[0]


def counted(folder: Path) -> tuple[int, int]:
    """Members whose points are there, and members that are there twice."""
    if not (folder / FILE).exists():
        return 0, 0
    with (
        contextlib.suppress(sqlite3.OperationalError),
        sqlite3.connect(folder / FILE, timeout=30) as connection,
    ):
        query = "SELECT COUNT(*), COUNT(*) - COUNT(DISTINCT position) FROM members JOIN points USING (key)"
        found, doubled = connection.execute(query).fetchone()
        return int(found), int(doubled)
    return 0, 0  # its tables are not there yet


def compared(folder: Path, points: int, before: int, seconds: float) -> int:
    """Print what is left of the killed sweep beside the other."""
    found, doubled = counted(folder / "killed" / "study")
    tables = [(folder / name / "study" / TABLE).read_bytes() for name in ("left_alone", "killed")]
    same = "identical" if tables[0] == tables[1] else "different"
    print(
        f"{points} points, {seconds:.1f} s left alone; {before} after the kills; {points - found} lost,"
        f" {doubled} doubled, final tables {same}"
    )
    return 0 if found == points and not doubled and same == "identical" else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
