"""Write ``gpu.md``: GPU kernels measured and estimated (``python reports/gpu_page.py --data FOLDER``).

Without ``--data`` the rows that hwsim ships are used; the tables of the other sources are not part of it.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hwsim.engines.gpu.bands import SIZES, size_of
from hwsim.engines.gpu.parameters import shipped
from hwsim.validation.gpu.columns import estimates, rooflines
from hwsim.validation.gpu.cross import chip_of, held_out, shape_of
from hwsim.validation.gpu.errors import Estimates, against_targets, by_group
from hwsim.validation.gpu.machines import datasheets
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
No kernel was measured for this page: no accelerator was at hand. `hwsim profile -o mine.csv`, then
`hwsim compare --arch A --measured mine.csv`, do that on any machine with PyTorch."""
MISSES = """\
What misses its target or comes near it, and why:

- elementwise, norms, softmax: PyTorch has several softmax kernels and picks one by alignment and size; the
  model knows two. Vidur's times are rounded to 1 us.
- L40S products are far behind those of other GPUs: its 96 MiB L2 keeps some of the five copies of the weights
  that the benchmark cycles through, and which is chance (16.8 MB of weights: 22, 8, 12 and 24 us for 1, 16,
  64 and 256 rows). The clock under its power cap is fitted, not measured.
- decode: how a sequence is split is the library's choice; the models have one rule for three libraries.
- prompts of 128 tokens are launches of several kernels, which differ by version of the library."""


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
