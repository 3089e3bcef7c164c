"""A study of a small network on a small machine, whose points take milliseconds."""

from __future__ import annotations

import json

import pytest

from hwsim.explore.load import space_of
from hwsim.spec.document import parse_document

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


def study(workload: str, **changes):
    """A study as a mapping."""
    plain = {
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


@pytest.fixture(scope="session")
def workload(tmp_path_factory):
    """The file of the small network."""
    path = tmp_path_factory.mktemp("workload") / "tiny.yaml"
    path.write_text(WORKLOAD)
    return str(path)


@pytest.fixture
def small(workload):
    """Makes the small study's space, with changes."""

    def make(**changes):
        return space_of(parse_document(json.dumps(study(workload, **changes), indent=1), "study.yaml"))

    return make
