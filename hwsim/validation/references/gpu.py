"""Measured GPU kernels: our estimate of every row, and how far off it is in and out of sample.

Ours are the kernel models with the parameters in the package: nothing of a row but its GPU, operator,
datatype, dimensions and how it was measured goes in. Out of sample, the parameters are fitted anew without
the row's GPU, or without its shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hwsim.validation.comparison import Comparison, Row
from hwsim.validation.gpu.audit import impossible
from hwsim.validation.gpu.table import LATENCY, Measured, read_measured

NAME = "gpu"
MICROSECONDS = 1e6
NOTES = (
    "percent: mape, median, bias are of the shipped parameters, fitted on public rows of this kind",
    "unseen_shapes: fitted on three quarters of the shapes; unseen_gpu: on all other GPUs; of these rows",
    "rows are reported, not judged: a target is for the mean of a group",
)


def compare(data: Path | None = None) -> Comparison:
    """Compare every row of the CSV, or of all in the folder, at ``data``.

    Raises:
        InputError: unreadable data, or a row that names nothing we know, with its position.
    """
    from hwsim.validation.gpu.columns import estimates, rooflines
    from hwsim.validation.gpu.cross import chip_of, held_out, shape_of
    from hwsim.validation.gpu.errors import Estimates, against_targets, by_group

    measured = read_measured(data or _shipped())
    ours = estimates(measured)
    found = Estimates(ours, held_out(measured, chip_of), held_out(measured, shape_of), rooflines(measured))
    compared = tuple(
        Row(row.case, LATENCY, row.latency, float(seconds * MICROSECONDS), None)
        for row, seconds in zip(measured, ours, strict=True)
    )
    tables = {"targets": against_targets(measured, found), "groups": by_group(measured, found)}
    return Comparison(NAME, compared, (*NOTES, *_audit(measured)), tables=tables)


def _shipped() -> Path:
    return Path(__file__).parents[1] / "data" / NAME


def _audit(measured: Sequence[Measured]) -> tuple[str, ...]:
    found = impossible(measured)
    if not found:
        return ()
    worst = max(found, key=lambda each: each.ratio)
    return (
        f"{len(found)} rows are faster than physics allows, most of all {worst.row.case}: {worst.reason}",
    )
