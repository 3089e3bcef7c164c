"""Regenerate this folder from a checkout with the test extras: ``python reports/regenerate.py``.

With ``--fusemax CSV`` also the page of FuseMax, and with ``--minimalloc FOLDER`` that of MiniMalloc, whose
data hwsim does not ship.
"""

from __future__ import annotations

import argparse
import io
import shutil
import subprocess
import sys
import tempfile
from fractions import Fraction
from pathlib import Path
from typing import Any

import attention_page
import cosma_page
import mapper_page
import memory_page
import neuromorphic_page
import numpy as np
from fusemax_page import fusemax_page
from minimalloc_page import minimalloc_page

from hwsim.energy.result import Result
from hwsim.engines.pipeline import Buffers, latency
from hwsim.engines.systolic.bandwidth_feeder import blocks, segments, simulate
from hwsim.explore.run_study import sweep
from hwsim.pipeline import simulate as run
from hwsim.report.console import print_result
from hwsim.report.page import write_report
from hwsim.report.studies.choice import write_any
from hwsim.validation.comparison import Comparison
from hwsim.validation.references import cascades, eyeriss, scalesim

HERE = Path(__file__).parent
PICTURES = HERE / "pictures"
STUDY = "bert_under_10mm2"
EYERISS = HERE.parent / "tests" / "engines" / "row_stationary" / "eyeriss.csv"
DATAFLOWS = ("output_stationary", "weight_stationary", "input_stationary")


def main() -> None:
    """Write the pages, then the sample report and its pictures."""
    parser = argparse.ArgumentParser(description="Regenerate the reports.")
    parser.add_argument("--fusemax", type=Path, metavar="CSV", help="published figures of FuseMax")
    parser.add_argument("--minimalloc", type=Path, metavar="FOLDER", help="benchmark of MiniMalloc")
    options = parser.parse_args()
    if options.fusemax:
        (HERE / "fusemax.md").write_text(fusemax_page(options.fusemax))
    if options.minimalloc:
        (HERE / "minimalloc.md").write_text(minimalloc_page(options.minimalloc))
    PICTURES.mkdir(exist_ok=True)
    memory_page.main()
    (HERE / "scalesim.md").write_text(comparison_page(scalesim.compare(None), "SCALE-Sim 3.0.0"))
    (HERE / "cascades.md").write_text(comparison_page(cascades.compare(None), "the reference pass counts"))
    (HERE / "eyeriss.md").write_text(comparison_page(eyeriss.compare(EYERISS), "the Eyeriss chip"))
    cosma_page.main()
    attention_page.main()
    mapper_page.main()
    neuromorphic_page.main()
    (HERE / "stalls.md").write_text(stalls_page())
    result = run("tpu_v1", "resnet50")
    write_report(result.json, HERE / "sample_resnet50_tpu_v1.html")
    terminal_picture(result, PICTURES / "run.svg")
    page_picture(HERE / "sample_resnet50_tpu_v1.html", PICTURES / "report.png")
    study_picture(PICTURES / "study.png")


def comparison_page(comparison: Comparison, reference: str) -> str:
    """A page with the summary of a comparison, its notes, and the rows that differ."""
    lines = [f"# hwsim against {reference}", "", f"`hwsim validate {comparison.name}`", ""]
    lines += [f"* {note}" for note in comparison.notes]
    lines += ["", "| metric | cases | equal | largest error | mean error |", "|---|---|---|---|---|"]
    lines += [
        "| {metric} | {n} | {exact} | {max_error:.3g} | {mean_error:.3g} |".format(**row)
        for row in comparison.summary()
    ]
    failed = [row for row in comparison.rows if row.failed]
    lines += ["", f"Rows outside their tolerance: {len(failed)}."]
    lines += [f"* {row.case} {row.metric}: {row.reference} against our {row.ours}" for row in failed]
    return "\n".join(lines) + "\n"


def stalls_page(cases: int = 400) -> str:
    """The stall model against the register-level array behind a port that moves words."""
    rows = [stall_case(np.random.default_rng(seed)) for seed in range(cases)]
    by_rate: dict[Fraction, list[tuple[int, int]]] = {}
    for rate, oracle, model in rows:
        by_rate.setdefault(rate, []).append((oracle, model))
    lines = [
        "# The stall model against a register-level array on a narrow port",
        "",
        f"{cases} random products (1..24 on each axis, arrays of 1..8 x 1..8, tiles of 8..16, all three",
        "dataflows, single to triple buffers, shared and separate ports). The oracle moves real words",
        "through tile buffers and real values through the array, cycle by cycle; the model is",
        "`hwsim/engines/pipeline.py`. Where a cycle moves several words the model rounds each transfer up to",
        "whole cycles: that is the whole of the error.",
        "",
        "| words per cycle | cases | equal | largest error | mean error |",
        "|---|---|---|---|---|",
    ]
    for rate in sorted(by_rate):
        errors = [(model - oracle) / oracle for oracle, model in by_rate[rate]]
        lines.append(
            f"| {rate} | {len(errors)} | {sum(error == 0 for error in errors)} | {max(errors):.2%} "
            f"| {sum(errors) / len(errors):.3%} |"
        )
    return "\n".join(lines) + "\n"


def stall_case(random: np.random.Generator) -> tuple[Fraction, int, int]:
    """One random problem: its rate, the oracle's cycles, the model's cycles."""
    rows, cols = (int(size) for size in random.integers(1, 9, 2))
    M, N, K = (int(size) for size in random.integers(1, 25, 3))
    tile = tuple(int(size) for size in random.integers(8, 17, 3))
    dataflow = DATAFLOWS[int(random.integers(3))]
    ports: Any = ("shared", "separate")[int(random.integers(2))]
    buffers = Buffers(int(random.integers(1, 4)), int(random.integers(1, 4)), ports)
    rate = (Fraction(1, 2), Fraction(1), Fraction(5, 2), Fraction(4), Fraction(16))[int(random.integers(5))]
    A, B = random.standard_normal((M, K)), random.standard_normal((K, N))
    oracle = simulate(rows, cols, dataflow, A, B, tile=tile, buffers=buffers, words_per_cycle=rate)
    model = latency(segments(rows, cols, dataflow, blocks(M, N, K, tile), rate), buffers)
    return rate, oracle.cycles, model.cycles


def terminal_picture(result: Result, path: Path) -> None:
    """The table of ``hwsim run`` as a terminal shows it."""
    from rich.console import Console

    console = Console(record=True, width=150, file=io.StringIO(), force_terminal=True)
    print_result(result.json, console)
    console.save_svg(str(path), title="hwsim run --arch tpu_v1 --workload resnet50")


def study_picture(path: Path) -> None:
    """A screenshot of the page of a ready study, all of its points run."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "study.html"
        sweep(STUDY, Path(folder) / STUDY, jobs=2)
        write_any(Path(folder) / STUDY, page, None)
        page_picture(page, path)


def page_picture(page: Path, path: Path) -> None:
    """A screenshot of the top of the report; left as it is where there is no chromium."""
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.stderr.write(f"no chromium: {path} is not regenerated\n")
        return
    with tempfile.TemporaryDirectory() as profile:
        flags = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--hide-scrollbars",
        ]
        size = ["--window-size=1280,1900", "--virtual-time-budget=8000"]
        command = [
            chromium,
            *flags,
            *size,
            f"--user-data-dir={profile}",
            f"--screenshot={path}",
            page.as_uri(),
        ]
        subprocess.run(command, check=True, capture_output=True)


if __name__ == "__main__":
    main()
