"""SCALE-Sim against hwsim on the same matrix multiplications, in one run: ``python benchmarks/systolic.py``.

Both count the same things for the same layer (cycles, mapping efficiency, SRAM accesses, DRAM reads in CALC
mode); the counts are checked to be equal before any time is taken. SCALE-Sim runs in an environment of its
own, made on the first run (folder: HWSIM_SCALESIM_VENV, else scalesim_venv in the temporary folder), with
traces off; its time is one run without process start and imports. Ours is the median of many calls in a
process that has everything loaded.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from hwsim.engines.systolic.lowering import Gemm
from hwsim.validation.references import scalesim
from hwsim.validation.references.scalesim import Case

HERE = Path(__file__).parent
SIZES = (128, 256)
ARRAY = 32
SRAM_KB = 256
REQUIREMENTS = ("scalesim==3.0.0", "numpy==1.26.4")
# Interpreters that numpy 1.26.4 has wheels for, best first.
INTERPRETERS = ("python3.11", "python3.12", "python3.10")


def peer_python() -> Path:
    """The interpreter of SCALE-Sim's environment, which is made if it is not there."""
    folder = Path(os.environ.get("HWSIM_SCALESIM_VENV", Path(tempfile.gettempdir()) / "scalesim_venv"))
    python = folder / "bin" / "python"
    if not python.exists():
        found = next((path for name in INTERPRETERS if (path := shutil.which(name))), sys.executable)
        print(f"making {folder} with {' '.join(REQUIREMENTS)}", file=sys.stderr)
        subprocess.run([found, "-m", "venv", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *REQUIREMENTS], check=True)
    return python


def layer(size: int) -> dict[str, object]:
    """A cube of a matrix multiplication, as a line of the reference table."""
    return {
        "case": f"{size}^3",
        "dataflow": "os",
        "array_h": ARRAY,
        "array_w": ARRAY,
        "ifmap_sram_kb": SRAM_KB,
        "filter_sram_kb": SRAM_KB,
        "ofmap_sram_kb": SRAM_KB,
        "bw_mode": "CALC",
        "kind": "gemm",
        **dict.fromkeys("MNK", size),
    }


def peer_answers(layers: list[dict[str, object]]) -> list[dict[str, object]]:
    """What SCALE-Sim counts for each layer, and its seconds."""
    lines = "".join(json.dumps(each) + "\n" for each in layers)
    command = [peer_python(), HERE / "scalesim_peer.py"]
    ran = subprocess.run(command, input=lines, stdout=subprocess.PIPE, text=True, check=True)
    return [json.loads(line) for line in ran.stdout.splitlines()]


def check_equal(layers: list[dict[str, object]], answers: list[dict[str, object]]) -> None:
    """Stop unless both count the same."""
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "layers.csv"
        with table.open("w", newline="") as file:
            columns = list(dict.fromkeys([*scalesim.INPUTS, *layers[0], *answers[0]]))
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(each | answer for each, answer in zip(layers, answers, strict=True))
        differing = [row for row in scalesim.compare(table).rows if row.error != 0]
    if differing:
        sys.exit(f"the two differ, so their times say nothing: {differing}")


def case(size: int) -> Case:
    """The same layer as hwsim takes it."""
    gemm = Gemm(size, size, size)
    return Case(f"{size}^3", ARRAY, ARRAY, "output_stationary", gemm, SRAM_KB, SRAM_KB, True)


def seconds_of(layer: Case, runs: int = 2000) -> float:
    """Median time of one call."""
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        scalesim.counts(layer)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def measure() -> list[dict[str, object]]:
    """One line a layer: seconds of both and their ratio."""
    layers = [layer(size) for size in SIZES]
    answers = peer_answers(layers)
    check_equal(layers, answers)
    found = []
    for size, answer in zip(SIZES, answers, strict=True):
        ours = seconds_of(case(size))
        theirs = answer["seconds"]
        found.append({"layer": f"{size}^3", "scalesim_s": theirs, "hwsim_s": ours, "ratio": theirs / ours})
    return found


def main() -> None:
    """Print the table, or JSON with ``--json PATH`` (``-``: standard output)."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--json", metavar="PATH")
    arguments = parser.parse_args()
    found = measure()
    text = json.dumps({"array": [ARRAY, ARRAY], "dataflow": "output_stationary", "layers": found}, indent=1)
    if arguments.json == "-":
        print(text)
        return
    if arguments.json:
        Path(arguments.json).write_text(text + "\n")
    print(f"{'layer':8} {'SCALE-Sim':>12} {'hwsim':>12} {'ratio':>12}")
    for line in found:
        scale, ours = line["scalesim_s"], line["hwsim_s"] * 1e6
        print(f"{line['layer']:8} {scale:10.3f} s {ours:9.1f} us {line['ratio']:10,.0f} x")


if __name__ == "__main__":
    main()
