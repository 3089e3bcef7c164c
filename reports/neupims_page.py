"""Sections of ``pim.md`` on whole machines: NeuPIMs' iterations, its ideas one by one, AttAcc's stacks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from hwsim.validation.comparison import Comparison
from hwsim.validation.references import attacc, neupims

HERE = Path(__file__).parent
ATTACC = HERE.parent / "../shared/reference/attacc/attacc_cycles.csv"
PICTURE = HERE / "pictures" / "neupims_gain.svg"
COLOURS = {"7B": "#1f77b4", "13B": "#d62728", "30B": "#2ca02c"}
WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 640, 320, 50, 30, 40
HIGHEST = 3.0
DIFFERENCES = (
    "* **Batches.** The gain grows with batch and length; over which mix the published averages are is not "
    "public. At ShareGPT and batch 512 alone ours are above them for NPU-only and NPU+PIM.",
    "* **Sums over devices.** Every layer sums over four devices twice (NVLink, 17 us each at batch 256); "
    "that is in all machines, and no PIM makes it faster.",
    "* **NPU+PIM.** With one row buffer the attention of a request (306 tokens, 8 heads) takes 14,323 cycles "
    "against 12,508 with two, so the second buffer alone gains 5 to 7 %; a baseline that loses more to its "
    "one buffer would raise the ratio.",
    "* **GPU-only.** Ours are A100s of 80 GB (2.0 TB/s, twice an NPU's) with fused attention in CUDA graphs, "
    "timed by kernel models fitted to measurements; what software the paper's baseline ran is unknown.",
    "* **Interleaving** reads the weights twice, so it pays from between batch 256 and 512 on here.",
)


def sections() -> Iterator[str]:
    """The lines of all sections; writes the picture."""
    found = neupims.compare(None)
    PICTURE.write_text(picture(found.tables["iterations"]))
    yield from ["", "## NeuPIMs against its baselines", "", "`hwsim validate neupims`", ""]
    yield from (f"* {note}" for note in found.notes)
    yield from [
        "",
        *averages(found),
        "",
        "![gain over NPU-only against batch](pictures/neupims_gain.svg)",
        "",
    ]
    yield from ["Microseconds of a decode iteration of all layers:", "", *grid(found.tables["iterations"])]
    yield from [
        "",
        "### One idea at a time",
        "",
        "Throughput over NPU+PIM, ShareGPT, mean of the models:",
        "",
    ]
    yield from grid(found.tables["ideas"])
    yield from ["", "### Why the averages differ", "", *DIFFERENCES]
    if ATTACC.exists():
        yield from attacc_section(attacc.compare(ATTACC))


def averages(found: Comparison) -> Iterator[str]:
    """Published averages beside ours, then the properties."""
    yield from ["| what | over | published | ours |", "|---|---|---|---|"]
    for row in found.rows:
        if row.tolerance is None:
            yield f"| {row.metric} | {row.case} | {row.reference} | {float(str(row.ours)):.2f} |"
    yield from ["", "| property | cases | hold |", "|---|---|---|"]
    judged = [row for row in found.rows if row.tolerance is not None]
    for metric in dict.fromkeys(row.metric for row in judged):
        rows = [row for row in judged if row.metric == metric]
        yield f"| {metric} | {len(rows)} | {sum(not row.failed for row in rows)} |"


def grid(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Rows of like keys as a table."""
    names = list(rows[0])
    yield f"| {' | '.join(name.replace('_', ' ') for name in names)} |"
    yield "|---" * len(names) + "|"
    yield from (f"| {' | '.join(str(row[name]) for name in names)} |" for row in rows)


def attacc_section(found: Comparison) -> Iterator[str]:
    """AttAcc's own table against ours, a line a summary and a line for the worst."""
    yield from ["", "## Attention inside HBM3 against AttAcc", "", "`hwsim validate attacc --data PATH`", ""]
    yield from (f"* {note}" for note in found.notes)
    yield from ["", "| metric | cases | equal | largest error | mean error |", "|---|---|---|---|---|"]
    for row in found.summary():
        yield "| {metric} | {n} | {exact} | {max_error:.3g} | {mean_error:.3g} |".format(**row)


def picture(rows: Sequence[Mapping[str, Any]]) -> str:
    """Gain over NPU-only against batch: a line for each model, whole for ShareGPT, dashed for Alpaca."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" '
        'font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<text x="{LEFT}" y="18">NeuPIMs over NPU-only against batch (dashed: Alpaca)</text>',
    ]
    for gain in range(int(HIGHEST) + 1):
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - 90}" y1="{y_of(gain)}" y2="{y_of(gain)}" stroke="#ddd"/>'
        )
        parts.append(f'<text x="{LEFT - 8}" y="{y_of(gain) + 4}" text-anchor="end">{gain}x</text>')
    for batch in neupims.BATCHES:
        parts.append(f'<text x="{x_of(batch)}" y="{HEIGHT - 14}" text-anchor="middle">{batch}</text>')
    for dataset in neupims.DATASETS:
        for model in neupims.MODELS:
            own = [row for row in rows if row["case"].startswith(f"{dataset}/{model}/")]
            parts += line(own, model, dashed=dataset == "Alpaca")
    return "\n".join([*parts, "</svg>"]) + "\n"


def line(rows: Sequence[Mapping[str, Any]], model: str, *, dashed: bool) -> Iterator[str]:
    """One polyline, named at its end."""
    points = [(x_of(int(row["case"].rsplit("/", 1)[1])), y_of(row["over_npu_only"])) for row in rows]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    style = ' stroke-dasharray="5 4"' if dashed else ""
    yield f'<polyline points="{path}" fill="none" stroke="{COLOURS[model]}" stroke-width="2"{style}/>'
    x, y = points[-1]
    yield f'<text x="{x + 6:.1f}" y="{y + 4:.1f}" fill="{COLOURS[model]}">{model}</text>'


def x_of(batch: int) -> float:
    """Batches a doubling apart."""
    at = neupims.BATCHES.index(batch) / (len(neupims.BATCHES) - 1)
    return LEFT + 20 + at * (WIDTH - LEFT - 130)


def y_of(gain: float) -> float:
    """A gain from the bottom up."""
    return HEIGHT - BOTTOM - gain / HIGHEST * (HEIGHT - TOP - BOTTOM)
