"""Write ``gpu.md``: GPU kernels measured and estimated (``python reports/gpu_page.py --data FOLDER``).

Without ``--data`` the rows that hwsim ships are used; the tables of the other sources are not part of it.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hwsim.arch.load import load_arch
from hwsim.engines.gpu.bands import SIZES, size_of
from hwsim.engines.gpu.parameters import shipped, shipped_values
from hwsim.engines.gpu.processor import datasheet_of
from hwsim.pipeline import simulate
from hwsim.spec.library import names
from hwsim.validation.gpu.columns import estimates, rooflines
from hwsim.validation.gpu.cross import chip_of, held_out, shape_of
from hwsim.validation.gpu.errors import Estimates, against_targets, by_group
from hwsim.validation.gpu.machines import SHELF, datasheets
from hwsim.validation.gpu.table import Measured, read_measured
from hwsim.validation.gpu.why import why
from hwsim.validation.registry import SHIPPED

WORST = 20
READING = """\
`hwsim validate gpu --data ../shared/reference/gpu`: {n} measured kernels; errors in percent of measured time.

**mape** and **median** are of the parameters in the package, which were fitted on these rows (in sample).
**unseen shapes**: fitted anew without a quarter of the shapes, asked about those, four times.
**unseen GPU**: fitted anew without the GPU, asked about it; for H100 that is a generation never seen.
**roofline** is what the longer of operations / peak and bytes / bandwidth says alone.

Two caveats. The priors of the fits (what a parameter is taken for without data) and the form of the models
were set by hand while looking at these tables: the out-of-sample figures are of the fits, not of the ideas.
And "unseen GPU" leaves out one chip at a time: nothing here says how far off what comes after Hopper is.
fp32 products on processes of 5 nm and less (L4, L40S, H100 and later) are from datasheets alone.
No kernel was measured for this page: no accelerator was at hand. `hwsim profile -o mine.csv`, then
`hwsim compare --arch A --measured mine.csv`, do that on any machine with PyTorch."""
MISSES = """\
On shapes never seen every group is at or below its target. Where GPUs are left out, and what remains:

- decode on a GPU left out: each of the three GPUs was measured with another library (TensorRT-LLM on A100,
  vLLM on H100, SGLang on L40S), so that leaving out the GPU leaves out the library, whose splits of a
  sequence and whose launches are then taken for what they would be without data.
- L40S products are far behind those of other GPUs: its 96 MiB L2 keeps some of the five copies of the weights
  that the benchmark cycles through, and which is chance (16.8 MB of weights: 22, 8, 12 and 24 us for 1, 16,
  64 and 256 rows). The clock under its power cap is fitted, not measured.
- prompts of 128 tokens: two kernels, one that rotates Q and K and stores the cache, and attention. What the
  first costs an element is arithmetic, not bytes, and rows of blocks alone on an SM are sooner through with
  their prologues: without these two, short prompts were off by 15 % and not by 9 % (unseen shapes).
- elementwise, norms, softmax: NeuSight's rows are times between two events around one eager call; its
  dispatch (15 us, 31 us for norms; products of the same source say 14 us) is part of them. PyTorch has
  several softmax kernels, picked by alignment and size; the model knows two. Vidur rounds its times to 1 us.
- recurrences (spiking layers, scans) and chains of products have no public measurements: they borrow the
  parameters of vector kernels and products, and their estimates say that they are unvalidated."""
ENERGY = """\
Joules are action counts times energies: multiply-accumulates and scalar operations by the figures in
`arch_configs/gpu/`, bytes of memory and L2, and the idle power of the board over the run. The energies of
operations follow from the kernels that the power cap slows down (one 16-bit operation at 7 nm and 1410 MHz:
{products:.2f} pJ by products, {prompts:.2f} pJ by prompts) and from the datasheets; no power was measured.
What holds: no GPU draws more than its cap or less than it does idle. What to distrust: decode, since clocked
SMs that wait for memory draw more than an idle board. Llama 2 7B, four layers, 2048 tokens, batch 1:"""
POWERED = "llama2_7b"


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description="Write gpu.md.")
    parser.add_argument("--data", type=Path, default=SHIPPED / "gpu", metavar="FOLDER")
    rows = read_measured(parser.parse_args().data)
    (Path(__file__).parent / "gpu.md").write_text(page(rows))


def page(rows: Sequence[Measured]) -> str:
    """The page for measured rows."""
    found = Estimates(estimates(rows), held_out(rows, chip_of), held_out(rows, shape_of), rooflines(rows))
    lines = ["# hwsim against measured GPU kernels", "", READING.format(n=len(rows)), "", "## Targets", ""]
    lines += _table(against_targets(rows, found))
    lines += ["", MISSES, "", "## By operator, GPU, datatype and source", "", *_table(by_group(rows, found))]
    lines += [
        "",
        "## Error against size",
        "",
        "Mean error out of sample (unseen shapes), by the estimated time.",
        "",
    ]
    lines += _table(tuple(_by_size(rows, found)))
    lines += ["", f"## The worst {WORST} rows", "", *_table(tuple(_worst(rows, found)))]
    lines += ["", "## Energy", "", _energy(), "", *_table(tuple(_power()))]
    lines += ["", "## What the parameters mean", "", *_parameters()]
    return "\n".join(lines) + "\n"


def _by_size(rows: Sequence[Measured], found: Estimates) -> Iterator[dict[str, Any]]:
    families = list(dict.fromkeys(row.family.name for row in rows))
    for name in families:
        line: dict[str, Any] = {"family": name}
        for size in SIZES:
            places = [
                place
                for place, row in enumerate(rows)
                if row.family.name == name and size_of(float(found.ours[place])) == size
            ]
            measured = np.array([rows[place].seconds for place in places])
            errors = np.abs(found.other_shapes[places] / measured - 1.0) if places else np.zeros(0)
            line[size] = f"{100 * float(np.nanmean(errors)):.1f} ({len(places)})" if places else "–"
        yield line


def _worst(rows: Sequence[Measured], found: Estimates) -> Iterator[dict[str, Any]]:
    measured = np.array([row.seconds for row in rows])
    errors = found.ours / measured - 1.0
    for place in np.argsort(-np.abs(errors))[:WORST].tolist():
        row = rows[place]
        yield {
            "kernel": row.case,
            "measured us": f"{measured[place] * 1e6:.4g}",
            "estimated us": f"{found.ours[place] * 1e6:.4g}",
            "error": f"{100 * errors[place]:+.0f} %",
            "why": why(row.call, datasheets()[row.gpu], float(measured[place]), float(found.ours[place])),
        }


def _energy() -> str:
    pico = [1e12 * shipped_values(family)["j_mma"] for family in ("gemm", "attention_prefill")]
    return ENERGY.format(products=pico[0], prompts=pico[1])


def _power() -> Iterator[dict[str, Any]]:
    """Average watts of each GPU of the library."""
    for entry in names("arch"):
        if entry.folder != SHELF:
            continue
        line: dict[str, Any] = {"gpu": entry.name, "cap W": datasheet_of(load_arch(entry.name)).power}
        for phase in ("prefill", "decode"):
            overrides = (f"workload.phase={phase}", "workload.config.layers=4", "workload.sequence=2048")
            found = simulate(entry.name, POWERED, overrides=overrides).json
            line["idle W"] = round(found["leakage_energy_j"] / found["latency_s"])
            line[f"{phase} W"] = round(found["power_w"])
        yield line


def _parameters() -> Iterator[str]:
    fitted = shipped().fitted
    yield f"Fitted on {fitted.date} by `{fitted.command}` to {sum(fitted.rows.values())} rows."
    for family, parameters in shipped().families.items():
        yield ""
        yield f"### {family}"
        yield ""
        yield from _table(
            tuple(
                {
                    "name": name,
                    "value": f"{each.value:.4g}" + ("" if each.spread else " (held)"),
                    "prior": f"{each.prior:.4g}",
                    "unit": each.unit,
                    "meaning": each.meaning,
                }
                for name, each in parameters.items()
            )
        )


def _table(rows: Sequence[dict[str, Any]]) -> list[str]:
    names = list(rows[0])
    shown = [["–" if row[name] is None else str(row[name]) for name in names] for row in rows]
    head = [name.replace("_", " ") for name in names]
    return [f"| {' | '.join(each)} |" for each in (head, ["---"] * len(names), *shown)]


if __name__ == "__main__":
    main()
