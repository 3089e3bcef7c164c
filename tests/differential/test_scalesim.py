"""Against SCALE-Sim 3.0.0: the shipped table, layers of our own recorded from it, and the tool itself."""

from __future__ import annotations

import csv
import json
import os
import random
import subprocess
import tempfile
from pathlib import Path

import pytest

from hwsim.validation.references.scalesim import compare

HERE = Path(__file__).parent
REFERENCE = Path(__file__).parents[2] / "../shared/reference/scalesim/public.csv"
PEER = HERE.parents[1] / "benchmarks" / "scalesim_peer.py"
PEER_PYTHON = Path(
    os.environ.get("HWSIM_SCALESIM_VENV", Path(tempfile.gettempdir()) / "scalesim_venv"), "bin", "python"
)


def test_every_row_of_the_shipped_table_is_equal():
    found = compare(None)
    assert found.failed == 0
    assert {part["metric"]: part["n"] for part in found.summary()} == {
        "compute_cycles": 150,
        "mapping_eff": 150,
        "sram_ifmap_reads": 150,
        "sram_filter_reads": 150,
        "sram_ofmap_writes": 150,
        "dram_ifmap_reads": 71,
        "dram_filter_reads": 71,
    }
    assert all(part["exact"] == part["n"] for part in found.summary())


def test_the_shipped_table_begins_with_the_reference():
    """14 layers of real models on arrays up to 256 x 256, recorded with the same tool, come after it."""
    if not REFERENCE.exists():
        pytest.skip("the shared reference folder is not beside this checkout")
    with_data = compare(REFERENCE)
    assert with_data.rows == compare(None).rows[: len(with_data.rows)]


def test_recorded_layers_are_equal():
    """140 layers recorded from SCALE-Sim, many with an input that its buffer does not hold."""
    found = compare(HERE / "scalesim_extra.csv")
    assert len(found.rows) == 140 * 7
    assert [row for row in found.rows if row.error != 0] == []


def random_layer(source):
    """A layer small enough for SCALE-Sim to take a fraction of a second."""
    layer = {
        "dataflow": source.choice(["os", "ws", "is"]),
        "array_h": source.randint(1, 20),
        "array_w": source.randint(1, 20),
        "ifmap_sram_kb": source.randint(1, 3),
        "filter_sram_kb": source.randint(1, 3),
        "ofmap_sram_kb": 1,
        "bw_mode": "CALC",
        "kind": source.choice(["gemm", "conv", "conv"]),
    }
    if layer["kind"] == "gemm":
        return layer | {axis: source.randint(1, 50) for axis in "MNK"}
    filter_h, filter_w = source.randint(1, 5), source.randint(1, 5)
    return layer | {
        "ifmap_h": source.randint(filter_h, 18),
        "ifmap_w": source.randint(filter_w, 18),
        "filter_h": filter_h,
        "filter_w": filter_w,
        "channels": source.randint(1, 6),
        "num_filters": source.randint(1, 40),
        "stride": source.randint(1, 5),
    }


def test_the_tool_itself(tmp_path):
    if not (PEER_PYTHON.exists() and PEER.exists()):
        pytest.skip("no SCALE-Sim environment: `python benchmarks/systolic.py` makes one")
    source = random.Random(2024)
    layers = [random_layer(source) for _ in range(15)]
    lines = "".join(json.dumps(layer) + "\n" for layer in layers)
    ran = subprocess.run(
        [PEER_PYTHON, PEER], input=lines, capture_output=True, text=True, check=True, timeout=120
    )
    answers = [json.loads(line) for line in ran.stdout.splitlines()]
    table = tmp_path / "live.csv"
    shipped = csv.reader((HERE / "scalesim_extra.csv").read_text().splitlines())
    with table.open("w", newline="") as file:
        writer = csv.DictWriter(file, next(shipped), extrasaction="ignore")
        writer.writeheader()
        for number, (layer, answer) in enumerate(zip(layers, answers, strict=True)):
            writer.writerow({"case": f"live{number}"} | layer | answer)
    found = compare(table)
    assert len(found.rows) == 15 * 7
    assert [row for row in found.rows if row.error != 0] == []
