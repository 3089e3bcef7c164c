"""Tables of errors by group: ours in and out of sample, and the roofline's alone, beside the targets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hwsim.engines.gpu.devices import Array
from hwsim.validation.gpu.table import Measured

SHORT_PROMPT = 128
"""Prompts of fewer tokens are reported apart."""


@dataclass(frozen=True, slots=True)
class Estimates:
    """Seconds of each row: with the shipped parameters, out of sample (NaN where not known), roofline."""

    ours: Array
    other_gpus: Array
    other_shapes: Array
    roofline: Array


@dataclass(frozen=True, slots=True)
class Target:
    """A group of rows and the mean error in percent aimed at, for unseen shapes and for unseen GPUs."""

    name: str
    holds: Callable[[Measured], bool]
    shapes: float | None = None
    gpus: float | None = None


def _tensor_gemm(row: Measured, gpus: tuple[str, ...]) -> bool:
    return row.call.operator == "gemm" and row.call.datatype != "fp32" and row.gpu.startswith(gpus)


TARGETS = (
    Target("GEMM, A100 and H100", lambda row: _tensor_gemm(row, ("A100", "H100")), 8.0, 12.0),
    Target("GEMM, L40S", lambda row: _tensor_gemm(row, ("L40S",)), 15.0, 15.0),
    Target(
        "GEMM, other GPUs",
        lambda row: _tensor_gemm(row, ("B200", "H200", "L4", "T4", "V100", "A40")) and row.gpu != "L40S",
        12.0,
        12.0,
    ),
    Target("GEMM, fp32", lambda row: row.call.operator == "gemm" and row.call.datatype == "fp32"),
    Target(
        "prefill, 128 and longer",
        lambda row: row.family.name == "attention_prefill" and row.call.sizes["seq"] >= SHORT_PROMPT,
        10.0,
    ),
    Target(
        "prefill, of these 128 alone",
        lambda row: row.family.name == "attention_prefill" and row.call.sizes["seq"] == SHORT_PROMPT,
    ),
    Target(
        "prefill, shorter than 128",
        lambda row: row.family.name == "attention_prefill" and row.call.sizes["seq"] < SHORT_PROMPT,
    ),
    Target("decode", lambda row: row.family.name == "attention_decode", 12.0),
    Target("MoE", lambda row: row.family.name == "moe", 10.0),
    Target("elementwise, norms, softmax", lambda row: row.family.name == "vector", 5.0),
    Target("LLMCompass' vector rows", lambda row: row.family.name == "vector" and row.call.host, 8.0),
    Target("all-reduce", lambda row: row.family.name == "collective", 15.0),
)


def against_targets(rows: Sequence[Measured], estimates: Estimates) -> tuple[dict[str, Any], ...]:
    """One line a target that has rows."""
    found = []
    for target in TARGETS:
        places = [place for place, row in enumerate(rows) if target.holds(row) and row.seconds]
        if places:
            line = _line(rows, places, estimates)
            found.append(
                {"group": target.name, **line, "target": target.shapes, "target_unseen_gpu": target.gpus}
            )
    return tuple(found)


def by_group(rows: Sequence[Measured], estimates: Estimates) -> tuple[dict[str, Any], ...]:
    """One line an operator, GPU, datatype and source."""
    groups: dict[tuple[str, ...], list[int]] = {}
    for place, row in enumerate(rows):
        if row.seconds:
            source = row.repository.split("@")[0].split("/")[-1]
            groups.setdefault((row.call.operator, row.gpu, row.call.datatype, source), []).append(place)
    names = ("op", "gpu", "dtype", "source")
    return tuple(
        {**dict(zip(names, key, strict=True)), **_line(rows, places, estimates)}
        for key, places in groups.items()
    )


def _line(rows: Sequence[Measured], places: list[int], estimates: Estimates) -> Mapping[str, Any]:
    measured = np.array([rows[place].seconds for place in places], dtype=float)
    ours = 100.0 * (estimates.ours[places] / measured - 1.0)
    return {
        "n": len(places),
        "mape": _mean(np.abs(ours)),
        "median": _rounded(float(np.median(np.abs(ours)))),
        "bias": _mean(ours),
        "unseen_shapes": _mape(estimates.other_shapes[places], measured),
        "unseen_shapes_median": _median(estimates.other_shapes[places], measured),
        "unseen_gpu": _mape(estimates.other_gpus[places], measured),
        "unseen_gpu_median": _median(estimates.other_gpus[places], measured),
        "roofline": _mape(estimates.roofline[places], measured),
    }


def _mape(estimated: Array, measured: Array) -> float | None:
    known = np.isfinite(estimated)
    return _mean(100.0 * np.abs(estimated[known] / measured[known] - 1.0)) if known.any() else None


def _median(estimated: Array, measured: Array) -> float | None:
    known = np.isfinite(estimated)
    errors = 100.0 * np.abs(estimated[known] / measured[known] - 1.0)
    return _rounded(float(np.median(errors))) if known.any() else None


def _mean(errors: Array) -> float:
    return _rounded(float(errors.mean()))


def _rounded(value: float) -> float:
    return round(value, 2)
