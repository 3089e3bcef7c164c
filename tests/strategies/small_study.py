"""A study of a small network on a small machine, whose points take milliseconds, run once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hwsim.explore.results import StudyResults
from hwsim.explore.run_study import sweep

WORKLOAD = """\
name: tiny
parameters: {batch: 1}
tensors:
  x: {shape: [batch, 64, 96]}
operators:
  - {name: up, kind: linear, inputs: [x], features: 160}
  - {name: active, kind: relu, inputs: [up]}
  - {name: down, kind: linear, inputs: [active], features: 40}
"""


def study(workload: str, **changes: Any) -> dict[str, Any]:
    """The study as a mapping, with changes."""
    plain: dict[str, Any] = {
        "name": "small",
        "machines": ["edge_npu"],
        "workloads": [workload],
        "vary": {
            "array.dataflow": ["weight_stationary", "output_stationary"],
            "array.rows": [8, 16],
            "buffer.capacity": {"from": "32 KiB", "to": "128 KiB", "factor": 2},
        },
        "link": {"array.columns": "array.rows"},
        "constraints": ["area_mm2 < 0.5"],
        "objectives": ["latency_s", "energy_j"],
    }
    return plain | changes


def swept(folder: Path, **changes: Any) -> StudyResults:
    """The study run in a folder of its own below ``folder``."""
    workload = folder / "tiny.yaml"
    workload.write_text(WORKLOAD)
    return sweep(study(str(workload), **changes), folder / "runs" / str(changes.get("name", "small")))
