"""Points a second of sweeps, beside one ``simulate`` a point, and what the store costs.

    python benchmarks/sweep.py [quick]

A systolic sweep over array size, dataflow, buffer and bandwidth on ResNet-50 and BERT-base with the mapping
``fixed``, from a cold start with its store; then the mapping ``auto`` on tiles that are known; then the share
of keys and store, and the memory that points take. Seconds are those of one core (CPU time of this process),
so that other work on the machine counts as little as it can.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import hwsim
from hwsim.explore.content import Contents
from hwsim.explore.evaluate import evaluate, outcome
from hwsim.explore.load import space_of
from hwsim.explore.run_study import sweep
from hwsim.explore.store import create_store
from hwsim.spec.document import parse_document

SIZES = {"full": ([16, 32, 64, 128], 10, 32), "quick": ([32], 3, 32)}


def study(workload: str, mapping: str, sizes: list[int], buffers: int, bandwidths: int) -> dict[str, Any]:
    """The systolic sweep."""
    return {
        "name": f"{workload}_{mapping}",
        "machines": ["edge_npu"],
        "workloads": [workload],
        "mappings": [mapping],
        "vary": {
            "array.rows": sizes,
            "array.dataflow": ["weight_stationary", "output_stationary", "input_stationary"],
            "buffer.capacity": {"from": "256 KiB", "to": "16 MiB", "steps": buffers, "scale": "log"},
            "dram.bandwidth": {"from": "8 GB/s", "to": "256 GB/s", "steps": bandwidths, "scale": "log"},
        },
        "link": {"array.columns": "array.rows"},
    }


def points_of(described: dict[str, Any]) -> list[Any]:
    """All points of a study."""
    return list(space_of(parse_document(json.dumps(described), "study")).points())


def fixed(workload: str, sizes: list[int], buffers: int, bandwidths: int) -> None:
    """The sweep with its store, cold, beside single simulations of a few of its points."""
    described = study(workload, "fixed", sizes, buffers, bandwidths)
    with tempfile.TemporaryDirectory() as folder:
        begin = time.process_time()
        found = sweep(described, Path(folder) / "runs" / "study")
        seconds = time.process_time() - begin
    rate = len(found.rows) / seconds
    sample = points_of(described)[:: max(1, len(found.rows) // 8)]
    begin = time.process_time()
    for point in sample:
        outcome(point)
    single = len(sample) / (time.process_time() - begin)
    print(
        f"{workload:<10} fixed  {len(found.rows):>6} points {seconds:7.2f} s {rate:8.0f} points/s,"
        f" {rate / single:6.0f} x one simulate a point"
    )


def searched(workload: str) -> None:
    """The mapping ``auto`` where the tiles of every point have been searched before."""
    described = study(workload, "auto", [32], 2, 4)
    points = points_of(described)
    evaluate(points)
    begin = time.process_time()
    evaluate(points)
    rate = len(points) / (time.process_time() - begin)
    print(f"{workload:<10} auto   {len(points):>6} points, tiles known: {rate:.0f} points/s")


def store(described: dict[str, Any]) -> None:
    """What keys and the store add to computing, and the memory of many points."""
    points = points_of(described)
    evaluate(points)
    begin = time.process_time()
    found = evaluate(points)
    computing = time.process_time() - begin
    contents = Contents()
    contents.key(points[0])
    begin = time.process_time()
    keys = [contents.key(point) for point in points]
    with tempfile.TemporaryDirectory() as folder:
        kept = create_store(Path(folder))
        for start in range(0, len(points), 256):
            some = slice(start, start + 256)
            kept.enrol(zip(keys[some], points[some], strict=True))
            kept.add(zip(keys[some], found[some], strict=True))
        seconds = time.process_time() - begin
        kept.close()
    each = 1e6 / len(points)
    shown = f"keys and writes {seconds * each:.0f} us a point, computing {computing * each:.0f} us a point"
    print(f"store      {shown} where all parts are known")


def main() -> None:
    """Print the figures."""
    print(f"hwsim {hwsim.__version__}")
    size = SIZES["quick" if sys.argv[1:] == ["quick"] else "full"]
    fixed("squeezenet", [8], 2, 2)  # compiles and loads
    for workload in ("resnet50", "bert_base"):
        fixed(workload, *size)
    for workload in ("resnet50", "bert_base"):
        searched(workload)
    store(study("bert_base", "fixed", [32, 64], 10, 32))
    print(f"memory     {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB at most")


if __name__ == "__main__":
    main()
